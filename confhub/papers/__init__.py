"""Papers of meetings: who may read them, what they are by their content, where their bytes lie."""
