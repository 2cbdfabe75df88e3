"""Types of names that mean something in the field: languages, datasets, URLs."""

import re
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from .datasets import PROVIDERS, Dataset, DatasetNameError, Kind, parse_dataset, threshold_key
from .errors import nearest
from .languages import standard_tag, tag_problem
from .scalar_types import JsonSchema, Scalar, Text, invalid


@dataclass(frozen=True)
class LanguageTag(Scalar):
    allowed = "a BCP 47 language tag such as en, pt-BR or zh_hant"

    def error(self, value: Any) -> vol.Invalid | None:
        if error := Text(self.allowed).error(value):
            return error
        problem = tag_problem(value)
        return invalid(problem, value, self.allowed, standard_tag(value)) if problem else None

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "pattern": "^[A-Za-z]{2,8}([_-][A-Za-z0-9]{1,8})*$"}


@dataclass(frozen=True)
class DatasetName(Scalar):
    """A dataset for one purpose: `kinds` of data serve it, and `augmented` copies where that makes sense."""

    purpose: str
    kinds: tuple[Kind, ...]
    augmented: bool = False

    @property
    def allowed(self) -> str:
        return f"datasets for {self.purpose}"

    def error(self, value: Any) -> vol.Invalid | None:
        if error := Text("PROVIDER_NAME").error(value):
            return error
        try:
            dataset = parse_dataset(value)
        except DatasetNameError as mistake:
            return invalid(str(mistake), value, mistake.allowed, mistake.suggestion)
        return self._misused(dataset)

    def _misused(self, dataset: Dataset) -> vol.Invalid | None:
        if dataset.augmentation and not self.augmented:
            plain = f"{dataset.provider}_{dataset.name}"
            return invalid(f"an augmented set is no {self.purpose}", dataset.full, "augmented sets in devtest and test only", plain)
        forms = dataset.forms(*self.kinds)
        if not forms:
            return invalid(f"{dataset.provider} has no {self.purpose}", dataset.full, f"datasets of {', '.join(self._providers())}")
        if not any(re.fullmatch(form.pattern, dataset.name) for form in forms):
            prefix = f"{dataset.provider}_" + ("aug-KIND_" if dataset.augmentation else "")
            return invalid(f"not a name of {dataset.provider}", dataset.full, f"{prefix}NAME where NAME is {forms[0].text}")
        extent = dataset.extent
        if extent.stop is not None and extent.start >= extent.stop:
            return invalid("the slice is empty", dataset.full, "[START:STOP] with START below STOP")
        return None

    def _providers(self) -> list[str]:
        return [name for name, provider in PROVIDERS.items() if set(self.kinds) & set(provider.forms)]

    def json_schema(self) -> JsonSchema:
        augmentation = "(aug-[a-z-]+_)?" if self.augmented else ""
        forms = [
            f"{name}_{augmentation}({provider.forms[kind].pattern})"
            for name, provider in PROVIDERS.items()
            for kind in self.kinds
            if kind in provider.forms
        ]
        return {"type": "string", "pattern": f"^({'|'.join(forms)})$"}


@dataclass(frozen=True)
class ThresholdKey(Scalar):
    """A dataset in `dataset-thresholds`; whether the config has it is only worth a warning."""

    allowed = "a dataset's name with / . : [ ] replaced by _"

    def error(self, value: Any) -> vol.Invalid | None:
        if error := Text(self.allowed).error(value):
            return error
        key = threshold_key(value)
        return None if key == value else invalid("not the name of a threshold", value, self.allowed, key)

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "pattern": r"^[^/.:\[\]\r\n]+$"}


@dataclass(frozen=True)
class Url(Scalar):
    allowed = "an http, https or file URL"
    pattern = r"(https?://[^\s/]+|file://)/\S+"

    def error(self, value: Any) -> vol.Invalid | None:
        if error := Text(self.allowed).error(value):
            return error
        if re.fullmatch(self.pattern, value):
            return None
        scheme, separator, rest = value.partition("://")
        near = nearest(scheme, ("https", "http", "file")) if separator else None
        return invalid("not a URL", value, self.allowed, f"{near}://{rest}" if near and near != scheme else None)

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "pattern": f"^{self.pattern}$"}
