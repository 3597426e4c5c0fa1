"""Use cases of units and their sites, one by one and from files."""
