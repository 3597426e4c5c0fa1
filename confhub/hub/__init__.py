"""Puts a hub together and serves it: the only place that sees every part."""
