"""What plans stand on, in the store."""
