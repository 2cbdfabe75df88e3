"""What a provider hands over: text, and where it came from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pipeline.common.source import Source
from pipeline.common.texts import TextBlock


@dataclass(frozen=True)
class Dataset:
    """A dataset whose files lie on this disk.

    `texts` yields the lines as they are, once, always in the same order: a side for each language asked for. It raises StepError where the
    files are broken or the sides differ in length. What is wrong inside a line is mended by whoever writes it (repair.py).
    `licence` is what the provider itself states; `details` is what else it wants to be on record, such as the date of a release. `sources`
    and `details` may grow while the texts are read: they are asked for afterwards.
    """

    texts: Callable[[], Iterator[TextBlock]]
    sources: list[Source]
    licence: str | None = None
    details: dict[str, str | int] = field(default_factory=dict)

    def provenance(self) -> dict[str, object]:
        return {"sources": [source.record() for source in self.sources], "licence": self.licence, **self.details}


@dataclass(frozen=True)
class Provider:
    """Where datasets named PREFIX_NAME come from.

    `download` gets NAME, the languages of the columns (two for parallel text, one for monolingual) and a folder for intermediate files,
    which a killed run leaves for the next one. It raises StepError where the dataset does not exist or has no such languages, and
    RetryableError where the network failed. A provider that `scores_documents` takes `min_document_score`, and leaves out what has less.
    `columns` says which it has: 2 for parallel text, 1 for monolingual.
    """

    prefix: str
    download: Callable[..., Dataset]
    scores_documents: bool = False
    columns: tuple[int, ...] = (1, 2)
