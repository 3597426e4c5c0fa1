"""Invitations by mail: what sites are told, how it reads, and how it stands in a message."""
