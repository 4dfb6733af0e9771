"""The kernel: what Passerelle knows, and how one walks through it.

Plain Python over YAML data. Imported by both environments, so it knows nothing of Rasa,
FastAPI, SQLAlchemy or pydantic.
"""
