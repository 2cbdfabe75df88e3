"""Types of lists and mappings. They find the errors of all their items, not only the first."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import voluptuous as vol

from .errors import nearest
from .scalar_types import MANY, JsonSchema, Scalar, Type, Validator, invalid, one_of


@dataclass(frozen=True)
class ListOf(Type):
    item: Type
    minimum: int = 0

    @property
    def allowed(self) -> str:
        return ("a non-empty list of " if self.minimum else "a list of ") + self.item.allowed

    def validator(self, lenient: bool = False) -> Validator:
        validate_item = self.item.validator(lenient)

        def validate(value: Any) -> Any:
            if not isinstance(value, list):
                suggestion = f"[{value}]" if isinstance(value, str) else None
                raise invalid("not a list", value, self.allowed, suggestion)
            if len(value) < self.minimum and not lenient:
                raise invalid("the list is too short", value, self.allowed)
            return list(_each(dict(enumerate(value)), lambda _, item: validate_item(item)).values())

        return validate

    def json_schema(self) -> JsonSchema:
        return {"type": "array", "items": self.item.json_schema()} | ({"minItems": self.minimum} if self.minimum else {})


@dataclass(frozen=True)
class MappingOf(Type):
    """A mapping whose keys are data, such as dataset names."""

    key: Scalar
    value: Type
    required: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        return f"a mapping from {self.key.allowed} to {self.value.allowed}"

    def validator(self, lenient: bool = False) -> Validator:
        validate_value = self.value.validator(lenient)

        def validate_entry(key: str, value: Any) -> Any:
            if error := self.key.error(key):
                raise error
            return validate_value(value)

        def validate(value: Any) -> Any:
            if not isinstance(value, dict):
                raise invalid("not a mapping", value, self.allowed)
            missing = [] if lenient else [_missing(key, self.value) for key in self.required if key not in value]
            return _each(value, validate_entry, missing)

        return validate

    def json_schema(self) -> JsonSchema:
        schema = {"type": "object", "propertyNames": self.key.json_schema(), "additionalProperties": self.value.json_schema()}
        return schema | ({"required": list(self.required)} if self.required else {})


@dataclass(frozen=True)
class Field:
    """A key of a mapping. An optional key that is left out, or has an empty value, has its default."""

    type: Type
    description: str
    required: bool = False
    default: Any = None
    example: str | None = None


@dataclass(frozen=True)
class Section(Type):
    """A mapping whose keys are known."""

    fields: Mapping[str, Field] = field(hash=False)

    @property
    def allowed(self) -> str:
        return f"a mapping with the keys {', '.join(self.fields)}" if len(self.fields) <= MANY else "a mapping"

    def validator(self, lenient: bool = False) -> Validator:
        markers: dict[vol.Marker, Validator] = {}
        for name, item in self.fields.items():
            validate_item = item.type.validator(lenient)
            if item.required and not lenient:
                markers[vol.Required(name, msg=_missing(name, item.type).msg)] = validate_item
            else:
                # What the rules look into exists, so that they need not ask.
                default = {} if item.required and isinstance(item.type, Section) else item.default
                markers[vol.Optional(name, default=None)] = _or_default(validate_item, default)
        schema = vol.Schema(markers)

        def validate(value: Any) -> dict[str, Any]:
            if not isinstance(value, dict):
                raise invalid("not a mapping", value, self.allowed)
            unknown = [key for key in value if key not in self.fields]
            meant = {nearest(key, self.fields) for key in unknown}
            errors: list[vol.Invalid] = [self._unknown(key) for key in unknown]
            try:
                known = schema({key: item for key, item in value.items() if key in self.fields})
            except vol.MultipleInvalid as several:
                # A misspelt key is one error: what it stands for is not missing too.
                missing = (isinstance(error, vol.RequiredFieldInvalid) and str(error.path[0]) in meant for error in several.errors)
                errors += [error for error, explained in zip(several.errors, missing, strict=True) if not explained]
            if errors:
                raise vol.MultipleInvalid(errors)
            # voluptuous fills in defaults in no fixed order.
            return {name: known.get(name) for name in self.fields}

        return validate

    def _unknown(self, key: Any) -> vol.Invalid:
        return invalid("unknown key", key, one_of(tuple(self.fields), "keys"), nearest(key, self.fields), (key,))

    def json_schema(self) -> JsonSchema:
        properties = {name: _property(name, item) for name, item in self.fields.items()}
        required = [name for name, item in self.fields.items() if item.required]
        schema = {"type": "object", "properties": properties, "additionalProperties": False}
        return schema | ({"required": required} if required else {})


def _missing(key: str, type_: Type) -> vol.Invalid:
    return invalid("required key is missing", None, type_.allowed, path=(key,))


def _or_default(validate: Validator, default: Any) -> Validator:
    def validate_or_default(value: Any) -> Any:
        value = deepcopy(default) if value is None else value
        return None if value is None else validate(value)

    return validate_or_default


def _each(items: Mapping[Any, Any], validate: Callable[[Any, Any], Any], errors: list[vol.Invalid] | None = None) -> dict[Any, Any]:
    """Validates every item and raises the errors of all of them at once, after the given ones."""
    errors = list(errors or [])
    results = {}
    for key, item in items.items():
        try:
            results[key] = validate(key, item)
        except vol.Invalid as error:
            error.prepend([key])
            errors += error.errors if isinstance(error, vol.MultipleInvalid) else [error]
    if errors:
        raise vol.MultipleInvalid(errors)
    return results


def _property(name: str, item: Field) -> JsonSchema:
    schema = {"title": name, "description": item.description, **item.type.json_schema()}
    if item.required:
        return schema
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    schema["type"] = [*types, "null"]
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    return schema if item.default is None else {**schema, "default": item.default}
