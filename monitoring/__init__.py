"""Judging links, showing them, and telling Prometheus. Imports confhub only."""
