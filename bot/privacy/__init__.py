"""Masking, retention, export and erasure."""
