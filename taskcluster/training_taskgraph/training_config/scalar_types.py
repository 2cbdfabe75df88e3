"""Types of single values. Each says once what it allows: for validation, for people, and as JSON schema."""

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import voluptuous as vol

from .errors import Path, nearest, phrase

# A validator takes a value and returns it with defaults filled in, or raises vol.Invalid (vol.MultipleInvalid for several errors).
Validator = Callable[[Any], Any]

JsonSchema = dict[str, Any]

MANY = 10


def invalid(what: str, found: Any, allowed: str, suggestion: str | None = None, path: Path = ()) -> vol.Invalid:
    return vol.Invalid(phrase(what, found=found, allowed=allowed, suggestion=suggestion), path=list(path))


class Type(ABC):
    """What a value may be."""

    @property
    @abstractmethod
    def allowed(self) -> str:
        """What is allowed, as messages and the reference say it."""

    @abstractmethod
    def validator(self, lenient: bool = False) -> Validator:
        """A lenient validator takes a config from which what was wrong has been removed: nothing is required there."""

    @abstractmethod
    def json_schema(self) -> JsonSchema: ...


class Scalar(Type):
    """A type whose values have no parts."""

    def validator(self, lenient: bool = False) -> Validator:
        def validate(value: Any) -> Any:
            if lenient and value is None:
                return None
            if error := self.error(value):
                raise error
            return value

        return validate

    @abstractmethod
    def error(self, value: Any) -> vol.Invalid | None:
        """What is wrong with a value, or None."""


@dataclass(frozen=True)
class Boolean(Scalar):
    allowed = "true or false"

    def error(self, value: Any) -> vol.Invalid | None:
        if isinstance(value, bool):
            return None
        spelling = str(value).lower() if str(value).lower() in ("true", "false") else None
        return invalid("not a boolean", value, self.allowed, spelling)

    def json_schema(self) -> JsonSchema:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Integer(Scalar):
    minimum: int = 1
    divisor: int = 1

    @property
    def allowed(self) -> str:
        divisible = f", divisible by {self.divisor}" if self.divisor > 1 else ""
        return f"a whole number, {self.minimum} or more{divisible}"

    def error(self, value: Any) -> vol.Invalid | None:
        if isinstance(value, bool) or not isinstance(value, int):
            digits = str(value).replace("_", "")
            number = digits if isinstance(value, str) and digits.isdecimal() and int(digits) >= self.minimum else None
            return invalid("not a whole number", value, self.allowed, number)
        if value < self.minimum:
            return invalid("too small", value, self.allowed)
        if value % self.divisor:
            return invalid(f"not divisible by {self.divisor}", value, self.allowed, str(max(1, round(value / self.divisor)) * self.divisor))
        return None

    def json_schema(self) -> JsonSchema:
        return {"type": "integer", "minimum": self.minimum} | ({"multipleOf": self.divisor} if self.divisor > 1 else {})


@dataclass(frozen=True)
class Number(Scalar):
    minimum: float
    maximum: float

    @property
    def allowed(self) -> str:
        return f"a number from {self.minimum:g} to {self.maximum:g}"

    def error(self, value: Any) -> vol.Invalid | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return invalid("not a number", value, self.allowed)
        if not self.minimum <= value <= self.maximum:
            return invalid("out of range", value, self.allowed)
        return None

    def json_schema(self) -> JsonSchema:
        return {"type": "number", "minimum": self.minimum, "maximum": self.maximum}


@dataclass(frozen=True)
class Text(Scalar):
    """Text that matches a pattern as a whole. Patterns keep to what Python's and JavaScript's expressions share."""

    allowed: str = "text on one line"
    pattern: str = r"[^\r\n]*\S[^\r\n]*"

    def error(self, value: Any) -> vol.Invalid | None:
        if not isinstance(value, str):
            return invalid("not text", value, self.allowed + _quoting(value))
        return None if re.fullmatch(self.pattern, value) else invalid("malformed", value, self.allowed)

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "pattern": f"^(?:{self.pattern})$"}


def _quoting(value: Any) -> str:
    """YAML reads an unquoted `no` (Norwegian) as false and 2024-01-01 as a date."""
    return "" if value is None or isinstance(value, list | dict) else ", in quotes where YAML takes it for something else"


@dataclass(frozen=True)
class OneOf(Scalar):
    values: tuple[str, ...]
    noun: str = ""
    empty: bool = False

    @property
    def allowed(self) -> str:
        return one_of(self.values, self.noun) + (" or empty" if self.empty else "")

    def error(self, value: Any) -> vol.Invalid | None:
        if (isinstance(value, str) and value in self.values) or (self.empty and value == ""):
            return None
        return invalid("unknown value" if isinstance(value, str) else "not text", value, self.allowed, nearest(value, self.values))

    def json_schema(self) -> JsonSchema:
        return {"type": "string", "enum": [*self.values, *([""] if self.empty else [])]}


def one_of(names: tuple[str, ...], noun: str) -> str:
    """Few names as they are, many as where to find them."""
    return ", ".join(names) if len(names) <= MANY else f"one of the {len(names)} {noun} in docs/training-config.md"


@dataclass(frozen=True)
class MarianValue(Scalar):
    """What a Marian option takes. Whether Marian knows the option is left to Marian."""

    allowed = "text, a number, true, false or a list of them"

    def error(self, value: Any) -> vol.Invalid | None:
        values = value if isinstance(value, list) else [value]
        if values and all(isinstance(item, str | int) or (isinstance(item, float) and math.isfinite(item)) for item in values):
            return None
        return invalid("not the value of an option", value, self.allowed)

    def json_schema(self) -> JsonSchema:
        scalar: JsonSchema = {"type": ["string", "number", "boolean"]}
        return {"type": [*scalar["type"], "array"], "items": scalar, "minItems": 1}
