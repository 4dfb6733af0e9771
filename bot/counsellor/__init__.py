"""Accounts, sessions and presence of counsellors."""
