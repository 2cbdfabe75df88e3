"""The config's check of a language tag and the steps' reading of it know nothing of each other, and must not disagree."""

import pytest
from training_taskgraph.training_config.languages import SUPPORTED_SCRIPTS, tag_problem

from pipeline.common.languages import CHARACTERS_AS, SCRIPT_CHARACTERS, parse_language
from pipeline.common.script import StepError

GOOD = """
    en EN de fr it es pt pt-BR pt_br nl da sv no nb nn is fi et lv lt pl cs sk sl hr bs sr sr-Latn sr_Cyrl sr-ME sh mk bg uk ru be ro mo hu
    sq el tr az kk ky uz tk tt ba cv sah hy ka he iw yi ar arz ar-EG fa ps pbt ckb ku ug ur sd hi bn mr ne gu pa pa-PK ta te kn ml or si as
    th lo km my bo dz dv vi id in ms jv tl fil ceb mg sw am ti ha yo ig zu xh af zh zh-Hans zh_hant zh-TW zh-Hant-HK cmn yue wuu ja ko
    ko-Hang mn sat iu chr-Latn es-419 ca eu gl cy ga gd mt lb eo la liv tzm-Tfng
"""
BAD = """
    e xx eng fra english italian en-UK en_us_posix zh_hannt en-Xxxx en-Cher chr osa ff-Adlm mn-Mong ii und mul mis zxx x-own en-x-own
    ca-valencia de-1996 zh-cmn en--us en- -en en/it 1 en-US-Latn cmn-yue art-lojban i-klingon
"""
STRANGE = ["", " ", "en it", "en\n", "\uff45\uff4e", "ен", "eñ"]


@pytest.mark.parametrize("tag", GOOD.split())
def test_tags_that_can_be_trained(tag: str) -> None:
    assert tag_problem(tag) is None
    assert parse_language(tag).characters


@pytest.mark.parametrize("tag", [*BAD.split(), *STRANGE])
def test_tags_that_both_refuse(tag: str) -> None:
    assert tag_problem(tag)
    with pytest.raises(StepError):
        parse_language(tag)


def test_scripts() -> None:
    assert {*SCRIPT_CHARACTERS, *CHARACTERS_AS} == SUPPORTED_SCRIPTS
