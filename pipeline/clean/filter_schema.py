"""The JSON schema of filter files (filters.py), for editors, and for whoever checks such files without this code.

python -m pipeline.clean.filter_schema > configs/filters/schema.json
"""

import json

from pipeline.clean.filters import FILTERS, Filter
from pipeline.clean.rules import Parameter


def filter_schema() -> dict[str, object]:
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Filter file",
        "$comment": "Made by `python -m pipeline.clean.filter_schema`; change the filters, not this file.",
        "type": "object",
        "properties": {name: of_filter(each) for name, each in FILTERS.items()},
        "additionalProperties": False,
    }


def of_filter(each: Filter) -> dict[str, object]:
    return {
        "description": each.does,
        "type": ["boolean", "object"],
        "properties": {name: of_parameter(parameter) for name, parameter in each.parameters.items()},
        "additionalProperties": False,
    }


def of_parameter(parameter: Parameter) -> dict[str, object]:
    return {
        "description": parameter.meaning,
        "type": "integer" if isinstance(parameter.default, int) else "number",
        "minimum": parameter.minimum,
        "maximum": parameter.maximum,
        "default": parameter.default,
    }


if __name__ == "__main__":
    print(json.dumps(filter_schema(), indent=2, ensure_ascii=False))
