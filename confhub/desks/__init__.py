"""Use cases: each is one transaction with its audit lines, and knows no HTTP."""
