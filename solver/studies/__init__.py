"""Studies of many runs: what runs them, and what they left behind."""
