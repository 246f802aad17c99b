"""The facts that reading a function's source gives: one shape for every language.

Order is kept as sets of call ids, not as a tree: `Call.preceded_by` holds the calls that have
finished before this one starts on some normal path through the handler. Calls started together are
in each other's set neither way; calls on exclusive branches never are.
"""

from __future__ import annotations

from collections.abc import Mapping

from cfnlint_eda_rules.handlers.symbolic_values import Value
from cfnlint_eda_rules.records import StrEnum, dataclass


@dataclass(frozen=True, slots=True)
class Guard:
    """A decision a call hangs on: `subject` (the expression's text) was found equal to `value`, or
    true/false (`value` a bool).

    `holds` False is the other side of the same decision. Guards of one subject exclude each other
    where the values differ.
    """

    subject: str
    value: str | int | float | bool | None
    holds: bool = True

    def excludes(self, other: Guard) -> bool:
        """Whether both cannot hold on one path (the subject not having changed in between)."""
        if self.subject != other.subject:
            return False
        if self.value == other.value:
            return self.holds != other.holds
        return self.holds and other.holds


class CallKind(StrEnum):
    """What a call is."""

    SDK = "sdk"
    HTTP = "http"
    CLIENT = "client"
    """A call of a client of something that is not AWS."""
    SLEEP = "sleep"
    WAITER = "waiter"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an AWS SDK operation, plain HTTP request, call of another service's client, or
    wait that the handler can reach.

    `service`    the boto3 client name ("s3", "dynamodb", "stepfunctions", "lambda", ...); what
                 messages call a client's service ("Stripe"); "" for HTTP requests and sleeps.
    `operation`  the API operation ("PutObject", "Invoke"); the method of an HTTP request ("GET",
                 "POST", or "" unknown); of a client ("Refund.create"); a waiter's name
                 ("ObjectExists").
    `arguments`  the request's parameters by API name ("Bucket", "Key"); an HTTP request has "url";
                 a client's call its "effect" ("read", "write", "start") and "connection", where
                 that is known; a waiter the parameters of its operation; a sleep its "seconds" or
                 "milliseconds".
    `file`       relative to the template's folder where it lies below it; inline code has the name
                 of its module ("index.py").
    `line`       1-based; for inline code, counted in the inline text.
    `through`    the place in the handler's own file that leads to the call, where a helper makes
                 it; "" where the handler itself does.
    `preceded_by` ids of calls finished before this one on one normal path (error handlers are not
                  normal).
    `needs`      ids of calls whose results this call's arguments are made of.
    `decided_by` ids of calls whose results decide whether this call is made.
    `guards`     the decisions on its path.
    `blocking`   the handler waits for it: false for a promise nobody awaits.
    `in_error_handler` reached only through `except`/`catch` (or what only they call).
    `in_loop`    made once per item or pass of a loop.
    `polls`      repeats in a loop that ends by what it answers, with arguments that do not follow
                 from its answers (paging is not polling).
    `at_start`   made when the module is loaded (or memoised for the life of the process), not per
                 invocation.
    `durable`    made inside a durable execution's checkpointed step.
    """

    id: int
    kind: CallKind
    service: str
    operation: str
    arguments: Mapping[str, Value]
    file: str
    line: int
    through: str = ""
    preceded_by: frozenset[int] = frozenset()
    needs: frozenset[int] = frozenset()
    decided_by: frozenset[int] = frozenset()
    guards: frozenset[Guard] = frozenset()
    blocking: bool = True
    in_error_handler: bool = False
    in_loop: bool = False
    polls: bool = False
    at_start: bool = False
    durable: bool = False

    @property
    def place(self) -> str:
        """`src/app.py:31`, as messages name it."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Mount:
    """A web framework or router that the handler hands its requests to, with the number of routes
    registered on it (0: not known).
    """

    framework: str
    routes: int
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class MissingModule:
    """A module of the project that could not be read: `name` as `importer` writes it, and the
    `places` it was looked for; files are called as `Call.file` calls them.
    """

    name: str
    importer: str
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """What one function's readable source does. `calls` in the order of their ids; `files` are
    those read, as `Call.file` names them.

    `missing` are modules of the project that could not be read, `unmodelled` libraries that call
    AWS in ways that are not known: what they do was not seen.
    """

    language: str
    files: tuple[str, ...]
    calls: tuple[Call, ...]
    mounts: tuple[Mount, ...] = ()
    web_adapter: bool = False
    missing: tuple[MissingModule, ...] = ()
    unmodelled: tuple[str, ...] = ()

    @property
    def partly_read(self) -> bool:
        """Whether the function may do more than was seen."""
        return bool(self.missing or self.unmodelled)


@dataclass(frozen=True, slots=True)
class Unread:
    """Why nothing of a function's source was read, and the `places` that its handler's module was
    looked for, without the ending of a file.
    """

    reason: str
    places: tuple[str, ...] = ()


def exclusive(first: Call, second: Call) -> bool:
    """Whether the decisions on the two calls' paths exclude each other, so that no invocation makes
    both.
    """
    theirs: dict[str, list[Guard]] = {}
    for guard in second.guards if first.guards else ():
        theirs.setdefault(guard.subject, []).append(guard)
    return any(
        mine.excludes(other) for mine in first.guards for other in theirs.get(mine.subject, ())
    )
