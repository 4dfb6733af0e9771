"""Misspelt copies of sentences, for the experiment of learning from them.

The confusions are those of French as it is heard: silent letters dropped, sounds written another
way, accents and apostrophes lost, letters swapped under the thumb.
"""

from __future__ import annotations

import random
import re

_AS_HEARD = [
    (r"eau\b", "o"), (r"eaux\b", "o"), (r"au", "o"), (r"ai[st]\b", "é"), (r"er\b", "é"),
    (r"ez\b", "é"), (r"ent\b", "e"), (r"tion", "sion"), (r"tion", "ssion"), (r"qu", "k"),
    (r"ph", "f"), (r"ss", "s"), (r"ll", "l"), (r"mm", "m"), (r"nn", "n"), (r"tt", "t"),
    (r"s\b", ""), (r"t\b", ""), (r"d\b", ""), (r"e\b", ""), (r"\bh", ""), (r"an", "en"),
    (r"en", "an"), (r"ain", "in"), (r"c(?=[ei])", "s"), (r"g(?=[ei])", "j"), (r"y", "i"),
    (r"'", " "), (r"'", ""), (r"é", "e"), (r"è", "e"), (r"ê", "e"), (r"à", "a"), (r"ç", "c"),
]  # fmt: skip
SHARE = 0.35


def misspelt(text: str, seed: int) -> str:
    """Returns the sentence with about a third of its words misspelt; the same for the same seed.

    Args:
        text: A sentence.
        seed: Another seed gives other mistakes.
    """
    chance = random.Random(f"{seed}\n{text}")
    return " ".join(
        _spoilt(word, chance) if chance.random() < SHARE else word for word in text.split()
    )


def _spoilt(word: str, chance: random.Random) -> str:
    fitting = [(pattern, heard) for pattern, heard in _AS_HEARD if re.search(pattern, word)]
    for pattern, heard in chance.sample(fitting, min(2, len(fitting))):
        word = re.sub(pattern, heard, word, count=1)
    if len(word) > 5 and chance.random() < 0.2:
        place = chance.randrange(1, len(word) - 2)
        word = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return word
