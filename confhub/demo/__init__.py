"""The demonstration: a province with its sites, accounts and a week of meetings."""
