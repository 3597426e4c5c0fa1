"""Session descriptions: what a page offers, what the hub answers."""
