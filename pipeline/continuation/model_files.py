"""Where a model's files are in the folder that an earlier run has published.

Runs of this pipeline publish model.npz, which is the best checkpoint, a vocabulary for each language, and in checkpoint/ the last one with
its training state. Others of its kind (Firefox Translations, HPLT) keep the names of Marian's checkpoints, and have joint vocabularies or a
folder of vocabularies beside those of the models. What is found first counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from pipeline.common.script import StepError

METRICS = "chrf", "bleu-detok", "ce-mean-words", "perplexity"
LAST_CHECKPOINT = "model.npz"
TRAINING_STATE = ".optimizer.npz", ".progress.yml"  # beside the checkpoint they belong to, whose name they begin with
CHECKPOINTS = LAST_CHECKPOINT, f"checkpoint/{LAST_CHECKPOINT}"  # of which one has its training state
VOCABULARIES = (
    ("vocab.{src}.spm", "vocab.{trg}.spm"),
    ("vocab.spm", "vocab.spm"),
    ("model.{src}-{trg}.spm", "model.{src}-{trg}.spm"),
    ("../vocab/vocab.{src}.spm", "../vocab/vocab.{trg}.spm"),
    ("../vocab/vocab.spm", "../vocab/vocab.spm"),
)


@dataclass(frozen=True)
class ModelUrls:
    """Addresses of files that exist; `vocabularies` is None where the folder has none, which is no error if others are given."""

    model: str
    state: list[str]
    vocabularies: tuple[str, str] | None


def model_names(metric: str) -> list[str]:
    """Best by `metric`, best by another one, the last checkpoint (or where nothing else is, as in our runs, the best one)."""
    metrics = dict.fromkeys([metric, *METRICS])
    return [f"{prefix}{LAST_CHECKPOINT}.best-{name}.npz" for name in metrics for prefix in ("final.", "")] + [LAST_CHECKPOINT]


def find_model(url: str, languages: tuple[str, str], metric: str, training_state: bool, vocabularies_needed: bool) -> ModelUrls:
    """Looks for a model's files at `url`, a folder or the model itself.

    With `training_state` the model is the checkpoint that the state belongs to, which is the last one. Raises StepError that lists all
    that was looked for and not found, RetryableError where the network fails.
    """
    is_model = urlsplit(url).path.endswith(".npz")
    folder = urljoin(url, ".") if is_model else f"{url.removesuffix('/')}/"
    names = CHECKPOINTS if training_state else model_names(metric)
    models = [url] if is_model else [urljoin(folder, name) for name in names]

    candidates = [(candidate, *(f"{candidate}{suffix}" for suffix in TRAINING_STATE if training_state)) for candidate in models]
    found = first_found(candidates)
    pairs = [(urljoin(folder, place(src, languages)), urljoin(folder, place(trg, languages))) for src, trg in VOCABULARIES]
    vocabularies = first_found(pairs)

    problems = []
    if not found:
        what = "no model with its training state" if training_state else "no model"
        problems.append(f"{what}, looked for {listed(address for group in candidates for address in group)}")
    if vocabularies_needed and not vocabularies:
        problems.append(f"no vocabulary (which continuation.vocab may give), looked for {listed(name for pair in pairs for name in pair)}")
    if problems or not found:
        raise StepError(f"{url}: {'; '.join(problems)}")
    return ModelUrls(found[0], list(found[1:]), (vocabularies[0], vocabularies[1]) if vocabularies else None)


def first_found(candidates: Iterable[Sequence[str]]) -> Sequence[str] | None:
    """The first group of addresses of which each leads to a file."""
    from pipeline.common.url_check import exists

    return next((group for group in candidates if all(exists(url) for url in dict.fromkeys(group))), None)


def place(name: str, languages: tuple[str, str]) -> str:
    return name.format(src=languages[0], trg=languages[1])


def listed(urls: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(urls))
