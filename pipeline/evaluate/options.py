"""The options that every evaluation has, and the line that it ends with."""

import argparse
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def add_evaluation_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--test-set", type=Path, nargs=2, required=True, metavar=("SRC_FILE", "TRG_FILE"), help="source and reference")
    parser.add_argument("--dataset", required=True, metavar="NAME", help="name of the test set, for the metrics")
    parser.add_argument("--src", required=True, metavar="LANGUAGE", help="source language")
    parser.add_argument("--trg", required=True, metavar="LANGUAGE", help="target language")
    parser.add_argument("--output-metrics", type=Path, required=True, metavar="FILE", help="JSON of scores and samples")
    parser.add_argument("--output-translations", type=Path, required=True, metavar="FILE", help="one translation a line")


def log_scores(metrics: Mapping[str, Any]) -> None:
    scores = metrics["scores"]
    comet = scores["comet"]
    logging.info(
        "%s on %s (%s-%s, %d lines): chrF %.1f, BLEU %.1f, COMET %s",
        *(metrics[key] for key in ("model", "dataset", "src", "trg", "lines")),
        scores["chrf"]["score"],
        scores["bleu"]["score"],
        comet if isinstance(comet, str) else f"{comet['score']:.1f}",
    )
