"""One synthetic site: its handshake, its voice and pictures, what it receives."""
