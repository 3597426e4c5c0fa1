"""Invitations by mail: whom a meeting is mailed to, and what each site is to be told."""
