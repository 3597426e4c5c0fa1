"""Official letters: how they are worded, set and printed."""
