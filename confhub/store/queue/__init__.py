"""Jobs, and what is deleted when its time is over."""
