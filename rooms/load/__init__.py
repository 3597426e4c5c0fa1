"""Synthetic sites: they join a running hub's meeting as browsers do, send a clip and count."""
