"""What was done, line by line: each line's seal is made over the one before. Pure."""
