"""Units of every level with their dates, and the sites that stand in them."""
