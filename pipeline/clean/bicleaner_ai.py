"""Drops the pairs of a parallel corpus that Bicleaner AI takes for no translations of each other.

    python3 -m pipeline.clean.bicleaner_ai --corpus clean.en.zst clean.it.zst --src en --trg it --model bicleaner-model.tar.zst \\
        --threshold 0.5 --work-dir work --output filtered.en.zst filtered.it.zst --output-scores filtered.scores.zst

Every pair is scored, from 0 (noise) to 1 (a translation), by the model that fetch_bicleaner_model.py packed; kept are those with a score of
at least the threshold, in their order, and the scores of the kept, a line each. A pair with an empty side has the score 0. Bicleaner's own
rules are off, as its authors advise with multilingual models; clean_parallel.py has rules of ours.

A process of bicleaner-ai-classify runs on each granted GPU, or one on the CPU (some 2 pairs a second and core). After a restart it goes on
where it was stopped; command_scores.py says how, and what memory it takes.

Paper: Zaragoza-Bernabeu et al., Bicleaner AI: Bicleaner Goes Neural (LREC 2022), https://aclanthology.org/2022.lrec-1.87

Statistics: `lines.in`, `lines.out`, `threshold`, `scores` (how many by tenths), `model`.
"""

import argparse
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pipeline.clean.bicleaner_model import ModelDescription, unpack
from pipeline.clean.command_scores import Kept, Scorer, find_commands, one_column, score_lines, threshold
from pipeline.common.languages import Language, parse_language
from pipeline.common.lines import count_parallel, open_parallel_output, read_parallel
from pipeline.common.marian import granted_gpus
from pipeline.common.outputs import write_json
from pipeline.common.script import add_threads, base_parser, check_files, run

CLASSIFIER = "bicleaner-ai-classify"
BLOCK = 10_000  # pairs that the classifier reads before it scores them, its own default


def parser() -> argparse.ArgumentParser:
    options = base_parser(__doc__)
    options.add_argument("--corpus", required=True, nargs=2, type=Path, metavar=("SRC_FILE", "TRG_FILE"))
    options.add_argument("--src", required=True, metavar="TAG", help="source language")
    options.add_argument("--trg", required=True, metavar="TAG", help="target language")
    options.add_argument("--model", required=True, type=Path, metavar="FILE", help="the archive of fetch_bicleaner_model.py")
    options.add_argument("--threshold", required=True, type=threshold, metavar="SCORE", help="the lowest score to keep, from 0 to 1")
    options.add_argument("--work-dir", required=True, type=Path, metavar="DIR", help="holds the model, and the scores until all are there")
    options.add_argument("--output", required=True, nargs=2, type=Path, metavar=("SRC_FILE", "TRG_FILE"))
    options.add_argument("--output-scores", required=True, type=Path, metavar="FILE")
    add_threads(options)
    return options


def main(argv: Sequence[str] | None = None) -> None:
    arguments = parser().parse_args(argv)
    check_files([*arguments.corpus, arguments.model])
    src, trg = parse_language(arguments.src), parse_language(arguments.trg)
    find_commands("bicleaner", CLASSIFIER)
    total = count_parallel(*arguments.corpus)
    folder = arguments.work_dir / "bicleaner-ai"
    folder.mkdir(parents=True, exist_ok=True)
    description, model = unpack(arguments.model, folder / "model", src, trg)

    scorer = classifier(model, description, src, trg, arguments.threads)
    rows = ("\t".join(map(one_column, pair)) for pair in read_parallel(*arguments.corpus))
    scores = score_lines(scorer, rows, total, folder)
    kept = Kept(arguments.threshold)
    with open_parallel_output(*arguments.output, arguments.output_scores) as writer:
        for pair, score in zip(read_parallel(*arguments.corpus), scores, strict=True):
            if kept.keep(score):
                writer.write(*pair, score)
    shutil.rmtree(folder)
    write_json(arguments.statistics, {**kept.statistics(), "model": asdict(description)})


def classifier(model: Path, description: ModelDescription, src: Language, trg: Language, threads: int) -> Scorer:
    """The classifier's command line, and a process for each granted GPU."""
    gpus = granted_gpus()
    columns, languages = [1, 2], [src.bitextor[0], trg.bitextor[0]]
    if description.swapped:
        columns.reverse()
        languages.reverse()
    options: dict[str, object] = {
        "scol": columns[0],
        "tcol": columns[1],
        # A multilingual model does not know them, and Serbian is transliterated for it.
        "source_lang": languages[0],
        "target_lang": languages[1],
        "block_size": BLOCK,
    }
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    # Without a GPU that was granted it would go on at a hundredth of the speed; so it ends with the exit code that means "try again".
    flags = ["--score_only", "--disable_hardrules", "--offline", "--quiet", *(["--require_gpu"] if gpus else [])]
    devices = gpus or [""]
    threads_each = str(max(threads // len(devices), 1))
    environments = [{"CUDA_VISIBLE_DEVICES": device, "BICLEANER_AI_THREADS": threads_each} for device in devices]
    return Scorer([CLASSIFIER, *words, *flags, "-", "-", str(model)], environments, BLOCK)


if __name__ == "__main__":
    run(main)
