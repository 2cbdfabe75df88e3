import json
from pathlib import Path

import pytest
from training_taskgraph.training_config import json_schema
from training_taskgraph.training_config.reference import main, reference_page

PAGE = Path(__file__).parents[3] / "docs/training-config.md"


def test_the_page_is_current() -> None:
    """Otherwise: `python -m training_taskgraph.training_config.reference > docs/training-config.md` in taskcluster/."""
    assert PAGE.read_text(encoding="utf-8") == reference_page()


@pytest.mark.parametrize(
    "row",
    [
        "| `experiment.spm-vocab-size` | a whole number, 8 or more, divisible by 8 | `32000` | Pieces of a vocabulary. |",
        "| `taskcluster.upload-bucket` | `development`, `production` |  | Where finished models are uploaded; nowhere when left out. |",
        "| `start-stage` | `start-task-prefix` |",
        "- Source and target language differ.",
        "- `evaluate-finetuned-student`",
    ],
)
def test_the_page_says(row: str) -> None:
    assert row in reference_page().splitlines()


def test_the_command_prints_the_page_or_the_json_schema(capsys: pytest.CaptureFixture[str]) -> None:
    main([])
    assert capsys.readouterr().out == reference_page()
    main(["--json-schema"])
    assert json.loads(capsys.readouterr().out) == json_schema()
