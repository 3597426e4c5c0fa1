"""From a request to values: who asks, from where, how much, and is it allowed."""
