"""Pages, API and sockets."""
