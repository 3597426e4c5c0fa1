"""The compiled core, built by build.py."""
