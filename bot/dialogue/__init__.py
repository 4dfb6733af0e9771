"""The port to the dialogue engine, and its Rasa client."""
