"""The published benchmark of understanding: `make nlu-bench` writes `docs/nlu.md`.

Every candidate is a Rasa pipeline, trained and asked in a process of its own, on the same
sentences.
"""
