"""A meeting's invitations by mail, on its page."""
