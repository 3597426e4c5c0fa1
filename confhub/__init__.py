"""The record of meetings, and what all parts stand on."""
