"""Places in a pair that correspond to each other for certain, found without an aligner.

The beginning and the end; words that stand once on either side and are the same, such as names and numbers; commas, colons and semicolons
where both sides have the same ones in the same order.
"""

import re

from pipeline.common.languages import Language
from pipeline.data.augmentations.pair import Languages, Pair

# A mark inside a sentence, which is not that of a number such as 3,5: with a blank behind it, or a wide one.
INNER_MARK = re.compile(r"(?:[,;:\u060c\u061b\u055d](?=\s)|[\uff0c\u3001\uff1b\uff1a])")
SAME_MARK = {"\u060c": ",", "\u055d": ",", "\uff0c": ",", "\u3001": ",", "\u061b": ";", "\uff1b": ";", "\uff1a": ":"}

SPACED_WORD = re.compile(r"\S+")
LATIN_WORD = re.compile(r"[A-Za-z0-9]+(?:[.+_-][A-Za-z0-9]+)*")  # what stands out in text without blanks
EDGES = "\"'.,;:!?()[]«»“”…¿¡\u2018\u2019\u060c\u061b\u061f"
SHORTEST_NAME = 4  # shorter words are the same in two languages by chance


def aligned_marks(pair: Pair) -> list[tuple[re.Match[str], re.Match[str]]]:
    """The marks inside both sentences; none where their sequences differ."""
    source, target = (list(INNER_MARK.finditer(text)) for text in pair)
    same = [SAME_MARK.get(mark[0], mark[0]) for mark in source] == [SAME_MARK.get(mark[0], mark[0]) for mark in target]
    return list(zip(source, target, strict=True)) if same else []


def aligned_places(pair: Pair, languages: Languages) -> list[tuple[int, int]]:
    """Offsets in source and target, no two of them the same on one side."""
    words = [word_places(text, language) for text, language in zip(pair, languages, strict=True)]
    places = [(0, 0), (len(pair[0].rstrip()), len(pair[1].rstrip()))]
    places += [(words[0][word], words[1][word]) for word in words[0] if word in words[1]]
    places += [(source.end(), target.end()) for source, target in aligned_marks(pair)]
    distinct: list[tuple[int, int]] = []
    for place in places:
        if not any(place[0] == other[0] or place[1] == other[1] for other in distinct):
            distinct.append(place)
    return distinct


def word_places(text: str, language: Language) -> dict[str, int]:
    """Where the words begin that stand there once and tell something: numbers, and what is long enough for a name."""
    starts: dict[str, list[int]] = {}
    for match in (SPACED_WORD if language.spaced else LATIN_WORD).finditer(text):
        starts.setdefault(match[0].strip(EDGES), []).append(match.start())
    telling = {word: places for word, places in starts.items() if len(word) >= SHORTEST_NAME or any(map(str.isdigit, word))}
    return {word: places[0] for word, places in telling.items() if len(places) == 1}
