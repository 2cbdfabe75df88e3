"""The filters of OpusCleaner 0.7 by name: those that can be had, and for the others what to do instead."""

from pipeline.clean.opuscleaner.alphabets import ALPHABET_FILTERS
from pipeline.clean.opuscleaner.corrections import CORRECTIONS
from pipeline.clean.opuscleaner.filters import Definition
from pipeline.clean.opuscleaner.identification import IDENTIFICATION_FILTERS
from pipeline.clean.opuscleaner.lengths import LENGTH_FILTERS
from pipeline.clean.opuscleaner.markup import MARKUP_FILTERS
from pipeline.clean.opuscleaner.mismatches import MISMATCH_FILTERS
from pipeline.clean.opuscleaner.patterns import PATTERN_FILTERS
from pipeline.clean.opuscleaner.sentences import SENTENCE_FILTERS
from pipeline.clean.opuscleaner.tokens import TOKEN_FILTERS

FAMILIES = (
    LENGTH_FILTERS,
    ALPHABET_FILTERS,
    MISMATCH_FILTERS,
    IDENTIFICATION_FILTERS,
    CORRECTIONS,
    MARKUP_FILTERS,
    PATTERN_FILTERS,
    TOKEN_FILTERS,
    SENTENCE_FILTERS,
)
FILTERS: dict[str, Definition] = {definition.name: definition for family in FAMILIES for definition in family}

SEGMENTED = (
    "its segmenter is not part of this project, and a model is not trained on segmented text: take it out, and give length filters room"
)
CONVERTED = "its tables of characters are not part of this project: take it out, and convert the corpus before it is used"

REFUSED = {
    "bicleaner_hardrules": "take it out: our own rules drop the same, and the Bicleaner AI threshold of the training config the rest",
    "bifixer": "its word lists are not part of this project: take it out; cleaning sees to spaces, characters and repeated rows by itself",
    "laser_similarity": "its model is not part of this project: take it out, and set a Bicleaner AI threshold in the training config",
    "segment_chinese": SEGMENTED,
    "segment_japanese": SEGMENTED,
    "simplify_chinese": CONVERTED,
    "traditionalise_chinese": CONVERTED,
}
