import pytest
from training_taskgraph.training_config.datasets import AUGMENTATIONS

from pipeline.common.script import StepError
from pipeline.data.augmentations import KINDS, Augmentation, split_augmentation

ROWS = [
    (f"It edits file number {number}, quickly. It is small.", f"Modifica il file numero {number}, presto. È piccolo.")
    for number in range(400)
]
HOSTILE = [
    ("", ""), (" ", "."), ("\r", "x"), ("\u2028", "\u0085a"), ("\ufeff.", "\u200b?"), ("e\u0301", "\u0301"), ("\U0010ffff!", "a!"),
    ("👨\u200d👩\u200d👧 ok", "🏳\ufe0f\u200d🌈"), ("a\tb\tc", "\u0131 İ ß ﬁ"), ("\u202eabc.", "abc.\u202c"), ("x" * 5000, "y, " * 2000),
]  # fmt: skip


def augmented(kind: str, rows: list[tuple[str, str]], tags: tuple[str, ...] = ("en", "it"), name: str = "test") -> list[tuple[str, ...]]:
    return list(Augmentation(kind, f"ddtp_aug-{kind}_{name}", tags).apply(rows))


def test_the_config_knows_the_same_kinds():
    assert set(AUGMENTATIONS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_pair_is_changed_the_same_way_wherever_it_stands(kind: str):
    everything = augmented(kind, ROWS)
    assert everything == augmented(kind, ROWS)
    assert everything == [row for pair in ROWS for row in augmented(kind, [pair])]
    assert everything != ROWS


@pytest.mark.parametrize("kind", ["typos", "noise", "inline-noise", "mix"])
def test_sets_of_other_names_are_changed_otherwise(kind: str):
    assert augmented(kind, ROWS) != augmented(kind, ROWS, name="other")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tags", [("en", "it"), ("zh", "en"), ("en", "ja"), ("el", "tr"), ("th", "nl"), ("ka", "ar")])
def test_hostile_text_stays_in_its_lines(kind: str, tags: tuple[str, str]):
    rows = augmented(kind, HOSTILE, tags)
    assert len(rows) == len(HOSTILE) if not KINDS[kind].modifiers[-1].adds else len(rows) >= len(HOSTILE)
    for row in rows:
        assert b"\n" not in "".join(row).encode()
    if kind not in ("noise", "mix", "mix-nocase", "mix-cjk"):
        assert all(
            changed or not original for row, pair in zip(rows, HOSTILE, strict=True) for changed, original in zip(row, pair, strict=True)
        )


def test_noise_doubles_the_set():
    rows = augmented("noise", ROWS)
    assert rows[1::2] == ROWS
    assert all(source == target for source, target in rows[::2])


def test_mixes_change_a_share():
    for kind, parts in (("mix", 5), ("mix-nocase", 3), ("mix-cjk", 2)):
        augmentation = Augmentation(kind, f"ddtp_aug-{kind}_test", ("en", "it"))
        rows = list(augmentation.apply(ROWS))
        assert len(rows) == len(ROWS) + augmentation.added
        assert 0.02 < augmentation.added / len(ROWS) < 0.09
        assert 0.6 * parts * 0.05 < augmentation.changed / len(ROWS) < 1.3 * parts * 0.05
    cased = [row for row in augmented("mix", ROWS) if row[0].isupper() and row[0].startswith("IT EDITS")]
    assert cased and not any(row[0].startswith("IT EDITS") for row in augmented("mix-nocase", ROWS))


@pytest.mark.parametrize("kind", ["upper", "title"])
def test_case_changes_only_where_the_source_has_it(kind: str):
    assert augmented(kind, [("你好 linux", "hello linux")], ("zh", "en")) == [("你好 linux", "hello linux")]
    [(source, target)] = augmented(kind, [("hello linux", "你好 linux")], ("en", "zh"))
    assert source != "hello linux" and target == "你好 linux"


def test_names():
    assert split_augmentation("ddtp_aug-upper_bookworm/titles[0:100]") == ("ddtp_bookworm/titles[0:100]", "upper")
    assert split_augmentation("sacrebleu_aug-mix-nocase_wmt19_x") == ("sacrebleu_wmt19_x", "mix-nocase")
    assert split_augmentation("opus_augmented/v1") == ("opus_augmented/v1", None)
    for name in ("ddtp_aug-upper", "ddtp_aug-typo_bookworm", "ddtp_aug-_x"):
        with pytest.raises(StepError, match=r"ddtp_aug-KIND_NAME, where KIND is one of mix, "):
            split_augmentation(name)


def test_only_parallel_text():
    with pytest.raises(StepError, match="only parallel text can be augmented"):
        Augmentation("upper", "ddtp_aug-upper_x", ("en",))
