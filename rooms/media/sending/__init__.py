"""What a member receives: slots, layers, and who gets how much of the line."""
