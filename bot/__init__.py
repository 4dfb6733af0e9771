"""The service; `bot.rasa` is the dialogue engine that it talks to."""
