"""How close translations are to a reference: sentence-level chrF (Popović 2015, https://aclanthology.org/W15-3049).

Character n-grams of order 1 to 6 without white space; recall is twice as important as precision (beta 2), as in sacreBLEU's default, whose
values these are (https://github.com/mjpost/sacrebleu). Own code, for two reasons: what a student learns from does not change with a new
version of sacreBLEU, and the n-grams of a reference are counted once for all its candidates.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from operator import add

ORDER = 6  # characters in the longest n-gram
BETA = 2


def sentence_chrf(candidates: Sequence[str], reference: str) -> list[float]:
    """The chrF of each candidate, 0 to 100; 0 where it or the reference is empty or nothing but white space.

    Precision and recall are averages over the orders of which both texts have n-grams: texts of three characters have none of order 4.
    """
    reference = without_white_space(reference)
    counts = [Counter(of_one_order) for of_one_order in ngrams(reference)]
    return [f_score(without_white_space(candidate), reference, counts) for candidate in candidates]


def f_score(candidate: str, reference: str, counts: Sequence[Counter[str]]) -> float:
    orders = min(ORDER, len(candidate), len(reference))
    precision = recall = 0.0
    for order, found, wanted in zip(range(orders), ngrams(candidate), counts, strict=False):
        # A loop over the n-grams was the fastest of what was tried: counting them first, intersecting sets, or going from one candidate to
        # the next by what differs.
        left = dict(wanted)
        matches = len(found)
        for ngram in found:
            if count := left.get(ngram):
                left[ngram] = count - 1
            else:
                matches -= 1
        precision += matches / len(found)
        recall += matches / (len(reference) - order)
    if precision == 0:
        return 0.0
    precision, recall = precision / orders, recall / orders
    return 100 * ((1 + BETA**2) * precision * recall / (BETA**2 * precision + recall))


def ngrams(text: str) -> Iterator[list[str]]:
    """The n-grams of order 1, those of order 2, … up to ORDER, each as often as the text has it; none of an order longer than the text."""
    grams = list(text)
    yield grams
    for order in range(1, ORDER):
        grams = list(map(add, grams, text[order:]))
        yield grams


def without_white_space(text: str) -> str:
    return "".join(text.split())
