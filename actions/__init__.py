"""Custom actions of the dialogue engine.

Thin: each reads the turn that came with the message, asks the kernel's guide, and utters its
answer. They touch neither the database nor the web.
"""
