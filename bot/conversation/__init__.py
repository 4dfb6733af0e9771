"""A conversation, its messages and events, and the turn."""
