"""The schedule: as a list, a day, a week, a month, and the week on paper."""
