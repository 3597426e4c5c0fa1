"""Accounts, sign-in, one's own password."""
