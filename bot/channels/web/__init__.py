"""The residents' way in: the JSON API, the widget and the chat page."""
