"""What can be done in a room, one module each: its messages, rules, rates, state and views."""
