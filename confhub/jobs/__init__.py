"""What is done behind people's backs: told things are delivered, jobs done, each of them once."""
