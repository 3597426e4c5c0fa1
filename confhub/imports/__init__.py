"""Units and sites read from CSV files: what a file says, and what is wrong with it."""
