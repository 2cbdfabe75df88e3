"""The training config: what it may say (`schema`), what has to fit together (`rules`), and how it is read (`loading`)."""

from .datasets import Dataset, DatasetNameError, parse_dataset
from .errors import ConfigErrors, Problem
from .loading import Loaded, check, load, load_file
from .schema import json_schema

__all__ = ["ConfigErrors", "Dataset", "DatasetNameError", "Loaded", "Problem", "check", "json_schema", "load", "load_file", "parse_dataset"]
