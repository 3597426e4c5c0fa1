"""The pure core of a room: who is there, who speaks, what everybody sees."""
