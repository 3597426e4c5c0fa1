"""Devices that speak WHIP and WHEP instead of our page."""
