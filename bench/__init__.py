"""`make bench`: the service measured against a plain `rasa run`, on one machine, in one run."""
