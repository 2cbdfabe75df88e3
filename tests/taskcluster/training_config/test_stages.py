from training_taskgraph.training_config.stages import KINDS, RENAMED_KINDS, STAGES, STAGES_OF_KIND


def test_stages_are_kinds_or_belong_to_one() -> None:
    assert set(STAGES) - set(KINDS) == {stage for stages in STAGES_OF_KIND.values() for stage in stages} - set(KINDS)
    assert len(set(STAGES)) == len(STAGES)


def test_names_of_the_repository_itself_are_no_stages() -> None:
    assert not {"docker-image", "test", "evaluate"} & set(STAGES)


def test_renamed_kinds_have_names_that_exist() -> None:
    assert set(RENAMED_KINDS.values()) <= set(KINDS)
    assert not set(RENAMED_KINDS) & {*KINDS, *STAGES}
