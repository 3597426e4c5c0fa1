"""Who may do what: accounts, passwords, tokens and the policy."""
