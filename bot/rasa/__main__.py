"""`python -m bot.rasa train|serve|nlu-bench`, in the dialogue environment."""

from __future__ import annotations

import os
import sys
import warnings

from bot.rasa import without_tensorflow

# Rasa's dependencies of its time warn of theirs, hundreds of lines at every start, and one of them
# undoes any filter.
warnings.showwarning = lambda *args, **kwargs: None
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
without_tensorflow.install()

if __name__ == "__main__":
    command, arguments = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    if command == "train":
        from bot.rasa import train

        sys.exit(train.main(arguments))
    if command == "serve":
        from bot.rasa import serve

        sys.exit(serve.main(arguments))
    if command == "nlu-bench":
        from bot.rasa.benchmark import run

        sys.exit(run.main(arguments))
    sys.exit("python -m bot.rasa train|serve|nlu-bench")
