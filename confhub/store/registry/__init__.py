"""Units and sites in the store, with their dates, and the imports of both."""
