"""Takes the mark at the end of a sentence away, or puts another in its place, on both sides.

Only where both sides end with one mark of the same kind: not where one has none, and not after "?!" or "...".
"""

from random import Random

from pipeline.common.languages import Language
from pipeline.data.augmentations.pair import Languages, Modifier, Pair

KINDS = ("full stop", "exclamation mark", "question mark")

# Every mark of a kind, in all scripts that have one of their own; also the wide and small forms.
KIND_OF_MARK = {
    **dict.fromkeys(".\uff0e\uff61\ufe52\u3002\u0964\u0965\u06d4\u104b\u1362\u0589\u17d4\u0f0d", "full stop"),
    **dict.fromkeys("!\uff01\ufe57", "exclamation mark"),
    **dict.fromkeys("?\uff1f\ufe56\u061f\u1367", "question mark"),
}
GREEK_QUESTION_MARKS = ";\u037e"

# How a script writes the kinds, in their order, where it is not as in Latin.
DEFAULT_MARKS = ".!?"
MARKS = {
    "Arab": ".!\u061f",
    "Beng": "\u0964!?",
    "Deva": "\u0964!?",
    "Ethi": "\u1362!?",
    "Grek": ".!;",
    "Hani": "\u3002\uff01\uff1f",
    "Jpan": "\u3002\uff01\uff1f",
    "Khmr": "\u17d4!?",
}
WITHOUT_OTHER_MARKS = {"Armn", "Mymr", "Tibt"}  # they ask and exclaim with a sign inside the sentence, or with a word


def kind_of_end(text: str, language: Language) -> str | None:
    """The kind of the one mark with which a text without trailing blanks ends."""
    kinds = [mark_kind(character, language) for character in text[-2:]]
    several = len(text) > 1 and (kinds[0] or text[-2] == "…")
    return None if several or not kinds else kinds[-1]


def mark_kind(character: str, language: Language) -> str | None:
    if language.script == "Grek" and character in GREEK_QUESTION_MARKS:
        return "question mark"
    return KIND_OF_MARK.get(character)


def change_end(pair: Pair, languages: Languages, random: Random) -> Pair:
    texts = [text.rstrip() for text in pair]
    kinds = [kind_of_end(text, language) for text, language in zip(texts, languages, strict=True)]
    bodies = [text[:-1].rstrip() for text in texts]
    if kinds[0] is None or kinds[0] != kinds[1] or not all(bodies):
        return pair
    endings = ["", ""]
    if random.random() < 0.5 and not any(language.script in WITHOUT_OTHER_MARKS for language in languages):
        other = random.choice([position for position, kind in enumerate(KINDS) if kind != kinds[0]])
        endings = [MARKS.get(language.script, DEFAULT_MARKS)[other] for language in languages]
    return bodies[0] + endings[0], bodies[1] + endings[1]


PUNCT = Modifier(change_end)
