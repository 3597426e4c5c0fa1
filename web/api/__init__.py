"""Handlers that answer programs: JSON, streams, health."""
