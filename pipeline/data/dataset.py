"""What a provider hands over: rows of text on this disk, and where they came from."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field

from pipeline.common.source import Source

Row = tuple[str, ...]


@dataclass(frozen=True)
class Dataset:
    """A dataset that lies on this disk.

    `rows` starts a new pass over the rows each time it is called, always in the same order: one line for each language asked for.
    `details` is what else the provider wants to be on record, such as the date of a release.
    """

    rows: Callable[[], Iterator[Row]]
    sources: list[Source]
    licence: str | None = None
    details: dict[str, str | int] = field(default_factory=dict)

    def provenance(self) -> dict[str, object]:
        return {"sources": [asdict(source) for source in self.sources], "licence": self.licence, **self.details}


@dataclass(frozen=True)
class Provider:
    """Where datasets named PREFIX_NAME come from.

    `download` gets NAME, the languages of the columns (two for parallel text, one for monolingual) and a folder for intermediate files.
    It raises StepError where the dataset does not exist or has no such languages, RetryableError where the network failed. A provider that
    `scores_documents` takes `min_document_score` besides, and leaves out documents with a lower score.
    """

    prefix: str
    download: Callable[..., Dataset]
    scores_documents: bool = False
