"""The append-only audit."""
