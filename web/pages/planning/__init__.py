"""Pages of what is planned before it is a meeting."""
