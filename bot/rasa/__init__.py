"""The Rasa project: pipeline, domain, channel and NLU components. Runs in the dialogue environment."""
