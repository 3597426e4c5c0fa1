"""Meetings before and after they are live: the schedule and its rules."""
