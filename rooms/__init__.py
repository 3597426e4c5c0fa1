"""Live meetings: room state, media forwarding, cascade."""
