"""The socket of a page: what is written to it, who waits for it, what is counted."""
