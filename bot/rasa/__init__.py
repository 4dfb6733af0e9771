"""The Rasa project: pipeline, channel and NLU components, for the dialogue environment."""
