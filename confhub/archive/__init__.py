"""A backup of the whole house in one file: made while hubs run, proven, and put back."""
