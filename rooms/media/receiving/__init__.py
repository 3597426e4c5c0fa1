"""What a member sends: tracks, streams, losses, key frames."""
