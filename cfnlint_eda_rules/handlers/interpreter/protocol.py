"""What a variable holds while `interpreter` evaluates a handler, and what models of libraries
(`libraries`) may ask of the evaluation.

An `Object` answers four questions - attribute, item, call, iteration - each with another object.
Unknown things answer with unknown things and keep what they need: the ids of the calls whose
results they are made of. `Object.value` is what leaves this room.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from hashlib import blake2b
from typing import Any, ClassVar, Protocol

from cfnlint_eda_rules.budget import STEPS, spend, walked
from cfnlint_eda_rules.handlers.symbolic_values import (
    ContextField,
    Environment,
    EventField,
    Literal,
    OneOf,
    Text,
    Unknown,
    Value,
)
from cfnlint_eda_rules.records import dataclass

NOTHING: frozenset[int] = frozenset()
LONGEST_EXPRESSION = 400  # characters; longer ones are told apart by their digests
LONGEST_TEXT = 20_000  # characters of a text that is known to its end
MAX_DEPTH = 12  # of objects in objects that are looked into


def shortened(expression: str) -> str:
    """An expression as it is kept: what is long is cut, and still the same of the same."""
    if len(expression) <= LONGEST_EXPRESSION:
        return expression
    spend(STEPS, len(expression) >> 12)
    digest = blake2b(expression.encode("utf-8", "replace"), digest_size=8).hexdigest()
    return f"{expression[: LONGEST_EXPRESSION // 2]}...{digest}"


def describe(value: Value) -> str:
    """A stable text of a value, to tell one expression from another; "" when nothing tells it."""
    match value:
        case Literal(str(text)) if len(text) > LONGEST_EXPRESSION:
            return shortened(text)
        case Literal(constant):
            return repr(constant)
        case Environment(name):
            return f"${name}"
        case EventField(path):
            return ".".join(path) or "event"
        case ContextField(name):
            return f"context.{name}" if name else "context"
        case Text(parts):
            walked(len(parts))
            return shortened(" + ".join(describe(part) or "?" for part in parts))
        case OneOf(options):
            return shortened(" | ".join(describe(option) or "?" for option in options))
        case Unknown(expression):
            return expression
        case _:
            return ""


@dataclass(slots=True)
class Arguments:
    """The arguments of one call, evaluated. `partial` when a spread hides some."""

    positional: list[Object]
    named: dict[str, Object]
    partial: bool = False

    def get(self, name: str, position: int | None = None) -> Object | None:
        """The argument called `name`, or at `position`; None when it is not given."""
        if name in self.named:
            return self.named[name]
        if position is not None and position < len(self.positional):
            return self.positional[position]
        return None


class Object:
    """Something unknown: the base of all objects, and what every question about an unknown thing
    answers with.
    """

    __slots__ = ("expression", "needs", "put", "taken_from")

    def __init__(self, expression: str = "", needs: frozenset[int] = NOTHING) -> None:
        self.taken_from: Object | None = None
        # What was put into it needs, by the name it is put at; None where that is any.
        self.put: dict[str | None, frozenset[int]] | None = None
        self.expression = (
            expression if len(expression) <= LONGEST_EXPRESSION else shortened(expression)
        )
        self.needs = needs

    def attribute(self, name: str, run: Run) -> Object:
        """`self.name`; what the language gives every text, list or mapping (`.get`, `.map`,
        `.then`) is the language's.
        """
        return run.member(self, name)

    def item(self, key: Object, run: Run) -> Object:
        """`self[key]`."""
        return run.element(self, key)

    def call(self, arguments: Arguments, run: Run) -> Object:
        """`self(...)`; also `new self(...)`. A function of an unknown library may call back:
        functions among the arguments are run.
        """
        return run.unknown_call(self, arguments)

    def iterate(self, run: Run) -> Object:
        """One element, standing for every element of `for x in self`."""
        return run.element(self, None)

    def set_attribute(self, name: str, value: Object, run: Run) -> None:
        """`self.name = value`; unknown things forget it, but what it needed they need from now
        on.
        """
        run.put_into(self, name, value)

    def set_item(self, key: Object, value: Object, run: Run) -> None:
        """`self[key] = value`; as `set_attribute`."""
        run.put_into(self, key, value)

    def resolved_with(self) -> Sequence[Object]:
        """What a promise that is resolved with it waits for besides: more objects to ask."""
        return ()

    def value(self) -> Value:
        """What is known of it, for the facts."""
        return Unknown(self.expression)

    def text(self) -> str:
        """A stable text of it, to tell one unknown expression from another."""
        return self.expression


class Known(Object):
    """Something with a value of the facts' vocabulary: a literal, an environment variable, an event
    field, a text.
    """

    __slots__ = ("known",)

    def __init__(self, known: Value, needs: frozenset[int] = NOTHING, expression: str = "") -> None:
        super().__init__(expression, needs)
        self.known = known

    def value(self) -> Value:
        return self.known

    def text(self) -> str:
        return describe(self.known)


class Native(Object):
    """An object of a modelled library: attributes, calling and indexing by plain functions; what is
    not modelled is unknown. What `serves` answers the requests to a program that is started.
    """

    __slots__ = ("attributes", "on_attribute", "on_call", "on_item")
    serves: ClassVar[bool] = False

    def __init__(
        self,
        expression: str,
        *,
        attributes: Mapping[str, Object] | None = None,
        on_call: Callable[[Arguments, Run], Object] | None = None,
        on_attribute: Callable[[str, Run], Object | None] | None = None,
        on_item: Callable[[Object, Run], Object | None] | None = None,
        needs: frozenset[int] = NOTHING,
    ) -> None:
        super().__init__(expression, needs)
        self.attributes = attributes or {}
        self.on_call = on_call
        self.on_attribute = on_attribute
        self.on_item = on_item

    def attribute(self, name: str, run: Run) -> Object:
        if name in self.attributes:
            return self.attributes[name]
        found = self.on_attribute(name, run) if self.on_attribute else None
        return super().attribute(name, run) if found is None else found

    def item(self, key: Object, run: Run) -> Object:
        found = self.on_item(key, run) if self.on_item else None
        return super().item(key, run) if found is None else found

    def call(self, arguments: Arguments, run: Run) -> Object:
        return (
            super().call(arguments, run) if self.on_call is None else self.on_call(arguments, run)
        )


@dataclass(slots=True)
class Route:
    """One route registered on a web framework's application or router: the functions that serve
    it.
    """

    path: str
    handlers: list[Object] = field(default_factory=list)


# --------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Task:
    """Something that runs beside the path that started it, until somebody joins it."""

    parent: Task | None
    joined: bool = False

    def awaited(self) -> bool:
        """Whether the handler waits for it: somebody does, and for whoever does so too."""
        task: Task | None = self
        while task is not None and task.joined:
            task = task.parent
        return task is None


class Promise(Object):
    """A promise, future, task or thread: `pending` are the calls that are finished once it is,
    `result` what it answers.

    `tasks` are what somebody has to join for the handler to wait for it; `rejects` when it is known
    to end in an error.
    """

    __slots__ = ("error", "members", "pending", "rejects", "result", "tasks")

    def __init__(
        self,
        result: Object,
        pending: frozenset[int] = NOTHING,
        tasks: Sequence[Task] = (),
        rejects: bool = False,
        error: bool = False,
    ) -> None:
        super().__init__("", result.needs)
        self.result = result
        self.pending = pending
        self.tasks = list(tasks)
        self.rejects = rejects
        self.error = error
        self.members: dict[str, Callable[[Arguments, Run], Object]] = {}

    def absorb(self, other: Object) -> None:
        """Takes over what `other`, a value it is resolved with, still waits for."""
        for promise in promises_in(other):
            if promise is not self:
                self.pending |= promise.pending
                self.tasks = list(dict.fromkeys((*self.tasks, *promise.tasks)))
                walked(len(self.tasks))

    def attribute(self, name: str, run: Run) -> Object:
        if name in self.members:
            return Native(name, on_call=self.members[name])
        return run.member(self, name)

    def iterate(self, run: Run) -> Object:
        return run.iterate(run.unwrapped(self))

    def resolved_with(self) -> Sequence[Object]:
        return (self.result,)

    def value(self) -> Value:
        subject: Object = self
        for _ in range(MAX_DEPTH):
            if not isinstance(subject, Promise):
                return subject.value()
            subject = subject.result
        return Unknown("")


def promises_in(subject: Object) -> list[Promise]:
    """The promises that awaiting `subject` waits for: itself, what it is resolved with, its
    options.
    """
    found: list[Promise] = []
    seen: set[int] = set()
    pending = [subject]
    while pending:
        one = pending.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Promise):
            found.append(one)
        pending.extend(reversed(one.resolved_with()))
    walked(len(seen))
    return found


@dataclass(frozen=True, slots=True)
class SpecialNames:
    """The names of the methods that a language itself calls; empty where it calls none.

    `enter` and `leave` are those of a context manager, the asynchronous ones first tried where the
    statement waits.
    """

    constructor: str = "constructor"
    get_item: str = ""
    set_item: str = ""
    iterate: str = ""
    call: str = ""
    enter: str = ""
    leave: str = ""
    enter_waiting: str = ""
    leave_waiting: str = ""


# --------------------------------------------------------------------------------------------------


class Recording(Protocol):
    """What the program does, put down."""

    def request(
        self,
        kind: str,
        service: str,
        operation: str,
        arguments: Mapping[str, Object],
        *,
        result: Object | None = None,
    ) -> Object:
        """Records a blocking call made here (see `calls.Call` for kind, service and operation) and
        returns its result.

        `result` when given is what the answer is known to be; its needs gain the new call's id.
        """

    def start(
        self,
        kind: str,
        service: str,
        operation: str,
        arguments: Mapping[str, Object],
        *,
        result: Object | None = None,
    ) -> Object:
        """Records a call that runs on while the handler does, and returns the promise (future) of
        its result: finished where awaited.
        """

    def mount(self, framework: str, routes: int) -> None:
        """Records that the program hands requests to a web framework or router with this many
        routes.
        """

    def sleeps(self) -> frozenset[int]:
        """The calls that only let time pass."""

    def polled(self, action: Callable[[], Object]) -> Object:
        """Runs `action` as the passes of a loop that ends by what the calls in it decide."""


class Calling(Protocol):
    """Calls of the program's functions, and the ways that its control takes."""

    def invoke(self, function: Object, positional: Sequence[Object] = ()) -> Object:
        """Calls a function of the program here and now, as part of the current path."""

    def call(self, function: Object, arguments: Arguments, this: Object | None = None) -> Object:
        """Calls anything; `this` is what a method is called on."""

    def enter(self, function: Object, arguments: Arguments, this: Object | None) -> Object:
        """Runs a function of the program here and now; what an asynchronous one does is what the
        language makes of it (a promise, a coroutine).
        """

    def instantiate(self, kind: Object, arguments: Arguments) -> Object:
        """A new instance of a class of the program, constructed."""

    def branch(self, functions: Sequence[tuple[Object, Sequence[Object]]]) -> Object:
        """Runs the functions as exclusive alternatives (routes of a router, cases of a dispatch
        table) and merges their results.
        """

    def alternatives(
        self, ways: Sequence[Callable[[], Object]], needs: frozenset[int] = NOTHING
    ) -> Object:
        """Runs exclusive alternatives from the path at hand; `needs` are the calls that decide."""

    def perhaps(self, action: Callable[[], Object]) -> None:
        """Runs what may as well not run."""

    def exit(self) -> None:
        """Ends the path at hand: the process is over."""

    def checkpointed(self, function: Object, positional: Sequence[Object] = ()) -> Object:
        """Calls a function as a durable execution's step: its calls are `durable`."""

    def handle_errors(self, function: Object, positional: Sequence[Object] = ()) -> Object:
        """Calls a function as an error handler."""

    def once(self, function: Object, positional: Sequence[Object] = ()) -> Object:
        """Calls a function whose result is kept for the life of the process (memoised): its calls
        are `at_start`.
        """

    def at_start(self, action: Callable[[], Object]) -> Object:
        """Runs what happens once in the life of the process: its calls are `at_start`."""

    def unknown_call(self, function: Object, arguments: Arguments) -> Object:
        """A call of something unknown: functions among the arguments may run, the result is unknown
        and needs what the arguments need.
        """

    def call_wrapped(self, wrapped: Object, arguments: Arguments) -> Object:
        """Calls what an unknown library made of functions: when the module is loaded, that is still
        making; later, they run.
        """


class Objects(Protocol):
    """Access to objects, and making them."""

    special_names: SpecialNames

    @property
    def loops(self) -> int:
        """How many loops are around the place at hand."""

    def member(self, subject: Object, name: str) -> Object:
        """`subject.name` as the language has it, for a subject that does not know better itself."""

    def put_into(self, subject: Object, key: Object | str, value: Object) -> None:
        """Notes that something unknown, and what it was taken from, has got a value."""

    def element(self, subject: Object, key: Object | None) -> Object:
        """`subject[key]` (or, without a key, any element), for a subject that does not know better
        itself.
        """

    def get_attribute(self, subject: Object, name: str) -> Object:
        """`subject.name`."""

    def get_item(self, subject: Object, key: Object) -> Object:
        """`subject[key]`."""

    def iterate(self, subject: Object) -> Object:
        """One element of `subject`, standing for all."""

    def each(
        self, subject: Object, action: Callable[[Object, Object], Object], *, passes: int = 1
    ) -> tuple[list[Object], bool]:
        """Runs `action(element, index)` for the elements of `subject`, as a loop does: the results,
        and whether there are more like them.
        """

    def got(self, found: Object, owner: Object) -> Object:
        """A member found in `owner`, as an access through it gives it: bound, or what its getter
        returns.
        """

    def record_attribute(self, record: Object, name: str) -> Object:
        """`record.name` of a mapping, as the language has it."""

    def missing_entry(self, record: Object, name: str) -> Object:
        """`record[name]` of a mapping that is known not to have the entry."""

    def variable(self, name: str) -> Object | None:
        """What a variable holds at the place at hand; None when there is none of that name."""

    def write(self, container: Any, key: Any, value: Any) -> None:
        """Writes so that it can be taken back; unreachable code writes nothing."""

    def record(self, entries: Mapping[str, Object], partial: bool = False) -> Object:
        """A mapping object."""

    def items(self, items: Sequence[Object], partial: bool = False) -> Object:
        """A list object."""

    def entries(self, mapping: Object) -> tuple[dict[str, Object], bool]:
        """What is known of a mapping object's entries, and whether there may be others."""

    def elements(self, items: Object) -> tuple[list[Object], bool]:
        """What is known of a list object's elements, and whether there may be others."""


class Concurrency(Protocol):
    """What runs beside what."""

    def fork(self, function: Object, positional: Sequence[Object] = ()) -> Object:
        """Starts a function beside the current path (thread, executor, task); its promise: what it
        did is finished where joined.
        """

    def forked(self, action: Callable[[], Object]) -> Promise:
        """Runs `action` beside the path at hand; the promise is done when it is."""

    def forked_entirely(self, action: Callable[[], Object]) -> Promise:
        """Runs `action` beside the path at hand; the promise is done when all that it starts is,
        awaited by it or not.
        """

    def deferred(self, action: Callable[[], Object]) -> Callable[[], Object]:
        """`action` as it would run here, to be run later."""

    def join(self, *promises: Object) -> Object:
        """Waits for promises (or for all promises in lists among them), as one step; returns the
        value (of the list, in order).
        """

    def gather(self, promises: Object) -> Object:
        """`Promise.all`, `asyncio.gather`: a promise of all the promises in a list, not awaited
        yet.
        """

    def then(
        self, promise: Object, on_value: Object | None, on_error: Object | None = None
    ) -> Object:
        """`promise.then(on_value, on_error)`: runs `on_value` after the promise, `on_error` as an
        error handler; the outcome's promise.
        """

    def callback(self, promise: Object, function: Object) -> Object:
        """Node's callback style: runs `function(error, value)` after the promise, error branches as
        error handlers; its promise.
        """

    def settled(self, subject: Object) -> Object:
        """The value that a promise is resolved with."""

    def unwrapped(self, promise: Promise) -> Object:
        """What going through a promise goes through."""

    def promises(self, subject: Object) -> list[Promise]:
        """The promises that awaiting `subject` waits for; what was not started yet is started."""


class Loading(Protocol):
    """Modules and files of the program, named by values."""

    def imported(self, name: str) -> Object:
        """The module of that name, as an import at hand gives it."""

    def has_module(self, name: str) -> bool:
        """Whether the program has a module of that name."""

    def modules_like(self, before: str, after: str) -> Sequence[str]:
        """The names of the program's modules that begin and end so, as the file at hand writes
        them.
        """

    def content(self, path: str) -> str | None:
        """What a file of data of the program says, as JSON; of its path the end may be known only.
        None when there is no such file.
        """


class Run(Recording, Calling, Objects, Concurrency, Loading, Protocol):
    """The evaluation in progress, as models of libraries and of languages see it."""

    @property
    def waits(self) -> bool:
        """Whether a plain call of a library waits for its answer; else it gives a promise."""
