"""Papers on their way over HTTP: uploads in, files out, a piece at a time."""
