"""What differs from one commune to the next."""
