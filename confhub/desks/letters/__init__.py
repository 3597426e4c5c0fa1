"""Letters of meetings: issued, numbered."""
