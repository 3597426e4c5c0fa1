"""Meetings: list, form, page, links, the ways in."""
