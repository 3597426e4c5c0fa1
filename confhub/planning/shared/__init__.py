"""What meetings of one time share: rooms, technicians, lines, what the hub carries."""
