"""Tickets: the state table, the queue, the hand-over card."""
