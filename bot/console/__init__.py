"""The counsellors' pages."""
