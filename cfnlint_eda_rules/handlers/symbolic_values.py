"""What a handler's source says a value is, as far as source alone can say: the vocabulary between
`handlers` and `application`.

The template decides the rest: an `Environment` value is resolved by the function's environment
variables, an `EventField` by what triggers the function. All values are hashable, comparable and
printable; equality means "the same expression".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from cfnlint_eda_rules.records import dataclass


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant known from the source."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Environment:
    """The value of an environment variable, `os.environ["NAME"]` or `process.env.NAME`."""

    name: str


@dataclass(frozen=True, slots=True)
class EventField:
    """A field of the event the function was invoked with; an index, an iteration or an unknown key
    is "*".

    `("Records", "*", "s3", "bucket", "name")` is the bucket of an S3 notification. Decoding on the
    way (`json.loads`, `unquote_plus`, base64) keeps the path: `("Records", "*", "body", "Records",
    "*", "s3", ...)` is a notification in a message body.
    """

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContextField:
    """A field of the Lambda context object: `function_name` / `functionName`,
    `invoked_function_arn`, ..., in snake case.

    The environment variable `AWS_LAMBDA_FUNCTION_NAME` is `ContextField("function_name")` too.
    """

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text put together from parts, adjacent literals merged: `f"thumb/{key}.jpg"` -> Literal,
    EventField, Literal.
    """

    parts: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping known key by key; `partial` when it may hold keys (or overriding values) that are
    not known here.

    A key that is an environment variable's value is named `${NAME}`.
    """

    entries: tuple[tuple[str, Value], ...]
    partial: bool = False

    def get(self, key: str) -> Value | None:
        """The value at `key`, the last one written winning; None when the record does not name
        it.
        """
        found = None
        for name, value in self.entries:
            if name == key:
                found = value
        return found


@dataclass(frozen=True, slots=True)
class Items:
    """A list; `partial` when it holds an unknown number of items like those given (a comprehension,
    appends in a loop).
    """

    items: tuple[Value, ...]
    partial: bool = False


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several values, by the path taken."""

    options: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything else. `expression` tells one unknown from another: the same text means the same
    thing in one run.
    """

    expression: str = ""


Value: TypeAlias = (
    Literal | Environment | EventField | ContextField | Text | Record | Items | OneOf | Unknown
)


def alternatives(value: Value) -> Iterator[Value]:
    """The values `value` can be, with `OneOf` taken apart; a value that is none is itself."""
    if isinstance(value, OneOf):
        for option in value.options:
            yield from alternatives(option)
    else:
        yield value
