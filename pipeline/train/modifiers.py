"""What makes a model robust: pairs of the training data that are changed now and then, in ways that users' text differs from clean text.

A curriculum says which modifiers there are and how probable each is for a line. A modifier gets a pair and gives a pair, the same one where
there is nothing to change; it draws from `random`, which OpusTrainer seeds for every chunk of lines. Names and ideas are those of
OpusTrainer (Bogoychev et al. 2023, https://arxiv.org/abs/2311.14838), as are the random words and the kinds of punctuation; what differs is
that links are of tokens, not of words between spaces, so that "acqua." is not one word and Chinese is not one word a line.
"""

import logging
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from pipeline.common.languages import Language, parse_language
from pipeline.common.script import StepError
from pipeline.train.sentence import Pair, Sentence, words_sentence
from pipeline.train.typos import with_typos

logger = logging.getLogger(__name__)

Modify = Callable[[Pair, tuple[Language, Language]], Pair]

DOTTED_I = {"az", "crh", "tr", "tt"}  # where the capital of "i" is "İ"; Tatar in Latin letters
NOISE = "Noise"  # not a change of a pair but a pair of its own


def upper_case(pair: Pair, languages: tuple[Language, Language]) -> Pair:
    """Everything in capitals."""
    return cased(pair, languages, lambda sentence, language: [upper(token, language) for token in sentence.tokens])


def title_case(pair: Pair, languages: tuple[Language, Language]) -> Pair:
    """The first letter of every word between spaces as a capital."""
    return cased(pair, languages, titled_tokens)


def remove_end_punctuation(pair: Pair, languages: tuple[Language, Language]) -> Pair:
    """Both sides without their last character, where that is punctuation of the same kind and no other stands before it."""
    from opustrainer.modifiers.punctuation import ALL_PUNCT, PUNCT_BY_TYPE

    ends = [sentence.tokens[-2:] for sentence in pair[:2]]
    if any(len(end) < 2 or end[0][-1] in ALL_PUNCT for end in ends):
        return pair
    if not any(all(end[1] in marks for end in ends) for marks in PUNCT_BY_TYPE.values()):
        return pair
    last = len(pair.source.tokens) - 1, len(pair.target.tokens) - 1
    links = [link for link in pair.links if link[0] != last[0] and link[1] != last[1]]
    return Pair(pair.source.without_last_token(), pair.target.without_last_token(), links)


def typos(pair: Pair, languages: tuple[Language, Language]) -> Pair:
    """Typing mistakes in the source; the translation is what it was."""
    return pair._replace(source=with_typos(pair.source))


def inline_noise(pair: Pair, languages: tuple[Language, Language]) -> Pair:
    """The same random words on both sides, behind two words that are linked with each other and nothing else."""
    sources, targets = (Counter(link[side] for link in pair.links) for side in (0, 1))
    candidates = [link for link in pair.links if sources[link[0]] == targets[link[1]] == 1]
    words = random_words()
    if not candidates or not words:
        return pair
    place = random.choice(candidates)
    at, target_at = place[0] + 1, place[1] + 1
    shift = len(words)
    links = [(source + shift * (source >= at), target + shift * (target >= target_at)) for source, target in pair.links]
    links += [(at + number, target_at + number) for number in range(shift)]
    return Pair(pair.source.with_words(at, words), pair.target.with_words(target_at, words), links)


def noise() -> Pair | None:
    """Random words that are their own translation, for a pair of their own; None once in a while, where they came out empty."""
    words = random_words()
    if not words:
        return None
    sentence = words_sentence(words)
    return Pair(sentence, sentence, [(number, number) for number in range(len(words))])


MODIFIERS: Mapping[str, Modify] = {
    "UpperCase": upper_case,
    "TitleCase": title_case,
    "RemoveEndPunct": remove_end_punctuation,
    "Typos": typos,
    "InlineNoise": inline_noise,
}
CASING = {"UpperCase", "TitleCase"}
BY_LINKS = {"InlineNoise"}


def usable_modifiers(probabilities: Mapping[str, float], languages: tuple[str, str], aligned: bool) -> dict[str, float]:
    """The modifiers of a curriculum that make sense; raises StepError where one is unknown.

    Those of casing go where the source has no capitals: nothing would tell the model when to write some. Those that find their place by
    links go where the corpora are not aligned.
    """
    known = [*MODIFIERS, NOISE]
    for name, probability in probabilities.items():
        if name not in known:
            raise StepError(f"there is no modifier {name!r}; there are {', '.join(known)}")
        if not 0 <= probability <= 1:
            raise StepError(f"modifier {name}: {probability} is not a probability, a number from 0 to 1")
    reasons = {
        **({} if parse_language(languages[0]).bicameral else dict.fromkeys(CASING, f"{languages[0]} has no capitals")),
        **({} if aligned else dict.fromkeys(BY_LINKS, "there are no alignments")),
    }
    for name in probabilities.keys() & reasons.keys():
        logger.info("modifier %s is left out: %s", name, reasons[name])
    return {name: probability for name, probability in probabilities.items() if name not in reasons}


def cased(pair: Pair, languages: tuple[Language, Language], tokens: Callable[[Sentence, Language], list[str]]) -> Pair:
    """The pair with other tokens on each side whose script has capitals; links stay, because the tokens remain as many."""
    source, target = (
        sentence._replace(tokens=tokens(sentence, language)) if language.bicameral else sentence
        for sentence, language in zip(pair[:2], languages, strict=True)
    )
    return Pair(source, target, pair.links)


def titled_tokens(sentence: Sentence, language: Language) -> list[str]:
    titled, begins = [], True
    for gap, token in zip(sentence.gaps, sentence.tokens, strict=False):
        begins = begins or any(character.isspace() for character in gap)
        titled.append(upper(token[0], language, str.title) + token[1:] if begins else token)
        # An opening quotation mark does not use up the capital.
        begins = begins and not token[0].isalnum()
    return titled


def upper(text: str, language: Language, convert: Callable[[str], str] = str.upper) -> str:
    return convert(text.replace("i", "İ") if language.code in DOTTED_I else text)


def random_words() -> list[str]:
    """One to three words of random characters, each of one script or of emoji; rarely none."""
    from opustrainer.modifiers.placeholders import get_random_unicode_words

    return list(whole_words(get_random_unicode_words()))


def whole_words(words: Iterable[str]) -> Iterator[str]:
    """Only words without white space and invisible characters, of which some scripts' ranges have a few."""
    return (word for word in words if word.isprintable() and word.split() == [word])
