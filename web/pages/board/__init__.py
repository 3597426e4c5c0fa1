"""The board of link health."""
