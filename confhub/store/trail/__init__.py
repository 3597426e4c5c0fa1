"""What was done: lines are written, get their place in the chain, and are read."""
