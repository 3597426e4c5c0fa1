"""How things are written and read here: texts, dates, numbers."""
