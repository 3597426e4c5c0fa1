"""What runs for each packet and receiver: one interface, compiled and in Python."""
