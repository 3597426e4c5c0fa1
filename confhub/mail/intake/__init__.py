"""What comes back to the hub's address by mail: from the bytes of one message to what it says."""
