"""The parts of this program. Pure."""

OURS = ("confhub", "rooms", "web", "monitoring")
