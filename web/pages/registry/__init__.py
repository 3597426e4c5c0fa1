"""Units and sites, by hand and from files."""
