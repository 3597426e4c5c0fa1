"""The record of one thing, told in words."""
