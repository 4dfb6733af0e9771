"""NLU components for French as people type it."""
