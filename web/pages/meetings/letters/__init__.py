"""Letters and sheets of a meeting: made, looked at, taken along; how those of a unit begin."""
