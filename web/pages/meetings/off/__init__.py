"""A meeting is put off, or called off."""
