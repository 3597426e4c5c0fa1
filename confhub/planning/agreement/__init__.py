"""Times of meetings that a technical centre agrees to."""
