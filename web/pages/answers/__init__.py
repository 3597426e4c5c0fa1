"""What sites answer to their invitations: the form, and the answers of a meeting."""
