"""Describes one dataset as it was downloaded, monolingual or parallel, for people who decide whether to train on it.

    python3 -m pipeline.analyze.analyze --corpus train.en.zst train.it.zst --languages en it --dataset opus_ELRC/v1 --output analysis.json

Out: JSON, and beside it charts of what it says. Lines are counted as they are, before any cleaning.

    dataset      its name
    lines        lines of each side
    sides        for each side, in the order of --languages:
      language     the tag
      empty        lines with nothing but white space
      words        separated by white space; null where the script does not separate words
      characters   code points
      duplicates   lines that stood in the dataset before
      lengths      how long the lines are: unit ("words", or "characters" where the script does not separate words) and histogram
      letters      number: how many; script: that of the language; own-script: the share of the letters that is of it, null without
                   letters; other-scripts: the others as {script, letters, share}, most first. Scripts go by their ISO 15924 codes, Han
                   characters in any language by Hani, kana by Hrkt; "other" are letters of scripts without a name in languages.py, or of
                   none: ², ½, mathematical ones
      contents     lines with
        digits             decimal ones, of any script
        addresses          a URL or a mail address
        markup             a tag, an entity, or a placeholder such as {name}, %s, %1
        broken-characters  UTF-8 that was read as Windows-1252 or Latin-1, U+FFFD, control characters
        no-letters         something in them, but no letter
      ends         lines that are not empty, by what stands last, quotation marks and brackets left out that close: full-stop (or an
                   ellipsis), question-mark, exclamation-mark, other-punctuation, none
      identified   languages of a sample (see below): lines asked about, the code that is expected, languages: the most frequent ones as
                   {language, lines, share}, others: lines in all other languages, unsure: lines about which the model is not sure
    pairs        of a parallel dataset, how many are
      duplicates         pairs that stood in the dataset before
      identical          the same on both sides but for case, and not empty
      different-digits   without the same digits, each as often, on both sides: a year or an amount differs, or is not there; so are some
                         good translations (three: 3, 5 pm: 17.00)
      ratios             histogram of target characters for each source character, weighed as the cleaning does: a Chinese character says as
                         much as three letters. Pairs with an empty side are left out
    samples      rows of the dataset, a line for each side, cut after some hundred characters
    sampled      how many rows languages were identified of

A histogram is a list of bins {from, to, lines}: from ≤ value < to; the last bin's `to` is null.

The charts: lengths.svg, languages.svg and overview.svg (the shares of duplicates, contents and other scripts), of pairs ratios.svg too.

Languages are identified of at most 20,000 rows, drawn uniformly: a share is then off by 0.7 percentage points at most, nineteen times of
twenty. Codes are those of lid.176, which is often wrong about lines of a few words; `unsure` are lines without letters, and lines for which
its best guess has a probability below a half. Samples are drawn from the same rows. The same dataset gives the same bytes, of the charts
too, for any number of threads. Memory: 8 bytes for each distinct line of a side and each distinct pair, the sampled rows, and a fixed
amount for each thread.

Statistics: `dataset`, `languages`, `lines` and `sampled`.
"""

import argparse
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, starmap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.analyze.charts import write_charts
from pipeline.common.blocks import Block, read_parallel_blocks
from pipeline.common.language_id import LanguageIdentifier
from pipeline.common.languages import Language, parse_language
from pipeline.common.letters import LETTERS
from pipeline.common.outputs import write_json
from pipeline.common.progress import block_progress, progress
from pipeline.common.sample import sample
from pipeline.common.scratch import scratch_folder
from pipeline.common.script import StepError, add_threads, base_parser, check_files, run

if TYPE_CHECKING:
    from pipeline.analyze.counts import Counts, SideCounts

SAMPLED = 20_000  # rows
SHOWN = 20  # rows
SAMPLE_CHARACTERS = 500
SEED = 1
MOST_FREQUENT = 10  # languages
SURE = 0.5

Row = tuple[str, ...]


def parser() -> argparse.ArgumentParser:
    options = base_parser(__doc__)
    options.add_argument("--corpus", required=True, nargs="+", type=Path, metavar="FILE", help="one file, or the two sides of pairs")
    options.add_argument("--languages", required=True, nargs="+", metavar="TAG", help="the language of each file")
    options.add_argument("--dataset", required=True, metavar="NAME", help="as the training config names it")
    options.add_argument("--output", required=True, type=Path, metavar="JSON", help="the charts go beside it")
    options.add_argument("--work-dir", type=Path, metavar="DIR", help="room for what drawing needs (default: beside the output)")
    add_threads(options)
    return options


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    if len(arguments.corpus) != len(arguments.languages) or len(arguments.corpus) > 2:
        raise StepError(
            f"--corpus names {len(arguments.corpus)} files and --languages {len(arguments.languages)} languages: "
            "one of each is expected, or two of each for pairs"
        )
    check_files(arguments.corpus)
    languages = [parse_language(tag) for tag in arguments.languages]
    from pipeline.analyze.counts import count_blocks  # with numpy, which takes a while to import

    counts = count_blocks(block_progress(read_parallel_blocks(*arguments.corpus), "counting"), languages, arguments.threads)
    lines = counts.sides[0].totals["lines"]
    sampled = draw(read_parallel_blocks(*arguments.corpus), lines)
    found = {"dataset": arguments.dataset, **analysis(counts, sampled, languages)}
    write_json(arguments.output, found)
    with scratch_folder(arguments.output, "charts", arguments.work_dir) as folder:
        write_charts(arguments.output.parent, found, folder)
    statistics = {"dataset": arguments.dataset, "languages": arguments.languages, "lines": lines, "sampled": len(sampled)}
    write_json(arguments.statistics, statistics)


def draw(blocks: Iterable[Block], lines: int) -> list[Row]:
    """A sample of the rows, of which there are `lines`, each line cut after some hundred characters."""
    rows = sample(chain.from_iterable(starmap(zip, blocks)), lines, SAMPLED, SEED)
    return [tuple(line.decode()[:SAMPLE_CHARACTERS] for line in row) for row in progress(rows, "sampling", min(lines, SAMPLED))]


def analysis(counts: "Counts", sampled: Sequence[Row], languages: Sequence[Language]) -> dict[str, Any]:
    """The analysis as data, but for the dataset's name; `sampled` are rows of it."""
    identifier = LanguageIdentifier()
    sides = [
        describe_side(counts.sides[number], language)
        | {
            "duplicates": counts.duplicates[number],
            "identified": identify(identifier, [row[number] for row in sampled], language),
        }
        for number, language in enumerate(languages)
    ]
    pairs = {"duplicates": counts.duplicates[-1], **counts.pairs.totals, "ratios": counts.pairs.ratios.describe()}
    shown = sorted(random.Random(SEED).sample(range(len(sampled)), min(SHOWN, len(sampled))))
    return {
        "lines": counts.sides[0].totals["lines"],
        "sides": sides,
        **({"pairs": pairs} if len(languages) == 2 else {}),
        "samples": [sampled[number] for number in shown],
        "sampled": len(sampled),
    }


def describe_side(counts: "SideCounts", language: Language) -> dict[str, Any]:
    totals = counts.totals
    return {
        "language": language.tag,
        "empty": totals["empty"],
        "words": totals["words"] if language.spaced else None,
        "characters": totals["characters"],
        "lengths": {"unit": counts.unit, "histogram": counts.lengths.describe()},
        "letters": describe_letters(counts, language),
        "contents": counts.contents,
        "ends": counts.ends,
    }


def describe_letters(counts: "SideCounts", language: Language) -> dict[str, Any]:
    own, others = counts.letters()
    letters = own + others.total()
    return {
        "number": letters,
        "script": language.writing,
        "own-script": share(own, letters),
        "other-scripts": [
            {"script": script, "letters": number, "share": share(number, letters)} for script, number in most_frequent(others)
        ],
    }


def most_frequent(found: Counter[str], number: int | None = None) -> list[tuple[str, int]]:
    """The most frequent ones, or all; of equally frequent ones first the one that is first in the alphabet."""
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))[:number]


def identify(identifier: LanguageIdentifier, lines: Sequence[str], language: Language) -> dict[str, Any]:
    """The languages that the lines are in."""
    found: Counter[str] = Counter()
    for line in lines:
        if LETTERS.search(line):
            code, probability = identifier.identify(line)
            if probability >= SURE:
                found[code] += 1
    frequent = most_frequent(found, MOST_FREQUENT)
    return {
        "lines": len(lines),
        "expected": language.fasttext,
        "languages": [{"language": code, "lines": number, "share": share(number, len(lines))} for code, number in frequent],
        "others": found.total() - sum(number for _, number in frequent),
        "unsure": len(lines) - found.total(),
    }


def share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


if __name__ == "__main__":
    run(main)
