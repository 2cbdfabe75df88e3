"""The stages that are left of a curriculum, given the data sets there are."""

import pytest

from pipeline.common.data_files import data_file
from pipeline.common.script import StepError
from pipeline.train.schedule import schedule_for
from pipeline.train.train import read_yaml

TWO_STAGES = {
    "stages": ["pretrain", "finetune"],
    "pretrain": ["original 0.6", "backtranslated 0.4", "until original 2"],
    "finetune": ["original 1.0", "until original inf"],
}


def test_with_all_data_sets_the_schedule_stays():
    assert schedule_for(TWO_STAGES, ["original", "backtranslated"]) == {
        "stages": ["pretrain", "finetune"],
        "pretrain": ["original 0.6", "backtranslated 0.4", "until original 2"],
        "finetune": ["original 1", "until original inf"],
    }


def test_without_back_translations_the_original_fills_the_mix():
    schedule = schedule_for(TWO_STAGES, ["original"])
    assert schedule["stages"] == ["pretrain", "finetune"]
    assert schedule["pretrain"] == ["original 1", "until original 2"]


def test_a_stage_without_data_is_dropped():
    only_backtranslated = TWO_STAGES | {"pretrain": ["backtranslated 1.0", "until backtranslated 2"]}
    assert schedule_for(only_backtranslated, ["original"]) == {"stages": ["finetune"], "finetune": ["original 1", "until original inf"]}


def test_a_stage_does_not_wait_for_what_is_not_read():
    waiting = TWO_STAGES | {"pretrain": ["original 0.6", "backtranslated 0.4", "until backtranslated 2"]}
    assert schedule_for(waiting, ["original"])["pretrain"] == ["original 1", "until original 2"]
    assert schedule_for(waiting, ["original", "backtranslated"])["pretrain"][-1] == "until backtranslated 2"


@pytest.mark.parametrize(
    ("changed", "given", "message"),
    [
        ({"pretrain": ["orignal 0.6", "until original 2"]}, ["original"], r"stage pretrain .* no data set 'orignal'; there are original, "),
        ({"finetune": ["original 1.0", "until origin inf"]}, ["original"], r"stage finetune .* no data set 'origin'"),
        ({"stages": ["finetune"]}, ["backtranslated"], "no stage of the curriculum trains on backtranslated"),
        ({"stages": ["finetune"]}, ["original", "backtranslated"], "no stage of the curriculum trains on backtranslated: leave it away"),
    ],
)
def test_a_schedule_that_cannot_be_is_an_error(changed, given, message):
    with pytest.raises(StepError, match=message):
        schedule_for(TWO_STAGES | changed, given)


def test_every_curriculum_can_do_without_back_translations_and_teachers_read_them():
    for path in data_file("train/curricula").glob("*.yml"):
        schedule = read_yaml(path)["opustrainer"]
        assert schedule_for(schedule, ["original"])["stages"] == schedule["stages"]
        if path.stem.startswith("teacher"):
            mix = schedule_for(schedule, ["original", "backtranslated"])[schedule["stages"][0]]
            assert mix[1].startswith("backtranslated 0.")
