"""Measurements against others and over sizes. They print; they are no tests."""
