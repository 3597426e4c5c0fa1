"""A connection of the pages below its requests: pieces of its bytes, and whose place it has."""
