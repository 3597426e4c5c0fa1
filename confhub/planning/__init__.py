"""Planning: what comes before a meeting stands in the schedule."""
