"""What a page and its hub say to each other, and how often."""
