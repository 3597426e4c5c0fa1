"""Meetings that come again, in the pages of meetings."""
