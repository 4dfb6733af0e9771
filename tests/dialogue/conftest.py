"""Tests of the dialogue environment: Rasa without TensorFlow, as production runs it."""

from bot.rasa import without_tensorflow

without_tensorflow.install()
