"""Use cases of a meeting's papers: they come, are shown, opened and removed."""
