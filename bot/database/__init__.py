"""Engine, sessions, tables and migrations."""
