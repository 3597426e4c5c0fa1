"""What the parts of a hub, and several hubs, tell each other: news, leases, presence."""
