"""Confirmation: what sites answer to their invitations."""
