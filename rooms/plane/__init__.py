"""What stands between rooms and their media, which may run in another process."""
