"""The state of an evaluation at hand, as the rooms of the interpreter share it.

What a part does for the others it does by the protocols (`protocol.Run`, `language.Importing`); the
parts are put together in `machine`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field
from typing import NamedTuple, Protocol

from cfnlint_eda_rules.budget import STEPS, spend
from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.answers import continues
from cfnlint_eda_rules.handlers.interpreter.language import Importing, Models, Semantics
from cfnlint_eda_rules.handlers.interpreter.objects import (
    FunctionObject,
    Loaded,
    Scope,
)
from cfnlint_eda_rules.handlers.interpreter.paths import (
    End,
    Path,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    NOTHING,
    Arguments,
    Object,
    SpecialNames,
    Task,
)
from cfnlint_eda_rules.handlers.interpreter.ways import Ways
from cfnlint_eda_rules.records import dataclass

STEPS_AT_ONCE = 64  # are paid for
A_STEP = 4  # of what a constant costs
MAX_UNROLLED = 8  # elements of a known list that are gone through one by one


class Program(Protocol):
    """A handler's source, as it was located."""

    entry: str
    symbol: str

    def load(self, file: str) -> syntax.Module | None:
        """The parsed file; None when it cannot be read."""

    def resolve(self, importer: str, module: str) -> str | None:
        """The project's file that `module`, as written in the file `importer`, means; None for a
        library.
        """

    def shown(self, file: str) -> str:
        """What facts call the file."""

    def has_module(self, importer: str, name: str) -> bool:
        """Whether there is a module of the name that the file `importer` works out; where there is
        none, none is missing.
        """

    def modules_like(self, importer: str, before: str, after: str) -> Sequence[str]:
        """The names of modules that begin and end so, as the file `importer` writes them."""

    def content(self, importer: str, path: str) -> str | None:
        """What a file of data says, as JSON; None when there is none."""


@dataclass(slots=True)
class Loop:
    """A loop being evaluated: where its `break`s and `continue`s lead."""

    label: str | None
    mark: int
    breakable_only: bool = False
    breaks: list[End] = field(default_factory=list)
    continues: list[End] = field(default_factory=list)


@dataclass(slots=True)
class Frame:
    """A function (or module) being evaluated."""

    function: FunctionObject | None
    scope: Scope
    mark: int
    entry: Path
    returns: list[End] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    yields: list[Object] = field(default_factory=list)
    on_yield: Callable[[Object], Object] | None = None
    raised: frozenset[int] = NOTHING


class Context(NamedTuple):
    """What holds for all of a piece of code, however control goes in it.

    `stack`     the ways into the functions entered and the passes of loops: the same code reached
                on another way makes other calls.
    `loops`     how many loops are around it.
    `start_up`  whether it runs once for the life of the process.
    `durable`   whether it is a durable execution's step.
    `task`      what it runs in beside the handler's own path.
    `assigning` the variable whose value is being evaluated.
    `home`      the handler's own file.
    `through`   the line of it where control left a function last, 0 where it has not.
    """

    file: str
    stack: tuple[object, ...] = ()
    loops: int = 0
    start_up: bool = True
    durable: bool = False
    task: Task | None = None
    assigning: str = ""
    home: str = ""
    through: int = 0

    def looped(self, *way: object) -> Context:
        """The context in one loop more; `way` tells a pass from others, where they differ."""
        return self._replace(loops=self.loops + 1, stack=(*self.stack, *way))

    def once(self, really: bool = True) -> Context:
        """The context of what runs once for the life of the process."""
        return self._replace(start_up=True) if really else self


class Rooms(Importing, Protocol):
    """What the rooms of the interpreter ask of each other, besides what languages may ask."""

    def run_managed(
        self, function: FunctionObject, arguments: Arguments, at_yield: Callable[[Object], Object]
    ) -> Object | None:
        """Runs a generator with `at_yield` in the place of its `yield`s; None when it cannot be
        entered.
        """

    def mark_polls(
        self, since: int, exits: frozenset[int], going_on: frozenset[int] = NOTHING
    ) -> None:
        """Marks the calls made since `since` that ask for what decides when their loop ends.
        `going_on` are the calls of a pass that others follow.
        """

    def normal_calls(self, since: int) -> frozenset[int]:
        """The calls made since `since` that are not made after errors alone."""

    def new_task(self) -> Task:
        """A task that is started at hand."""

    def awaited_call(self, function: Object, positional: Sequence[Object]) -> Object:
        """Calls a function and waits for what it answers, where that starts only then."""


class State(Ways, Rooms):
    """One evaluation of one handler, at one point of it."""

    def __init__(self, program: Program, language: Semantics, models: Models) -> None:
        super().__init__()
        self.program = program
        self.language = language
        self.models = models
        self.special_names: SpecialNames = language.special_names
        self.context = Context(program.entry)
        self.site: syntax.Expression = syntax.Constant(None)  # where the call at hand is written
        self.frame = Frame(None, Scope(None, module=True), 0, Path())
        self.loaded: dict[str, Loaded | None] = {}
        self.touched: list[int] = []  # calls, each time they are made
        self.paged: set[int] = set()  # calls that were asked where their list goes on
        self.raised: list[frozenset[int]] = []  # calls that decided to end a path with an error
        self.tasks: list[Task] = []
        self.level = 0  # of statements and expressions in each other
        self._unpaid = 0

    def look(self, subject: Object, name: object) -> None:
        """Notes that an answer is asked for a field, where that tells how its list goes on."""
        if subject.needs and isinstance(name, str) and continues(name):
            self.paged |= subject.needs

    def step(self, cost: int = A_STEP) -> None:
        """Counts one step, or a part of one. Raises `Exhausted` beyond the budget."""
        self._unpaid += cost
        if self._unpaid >= A_STEP * STEPS_AT_ONCE:
            self._unpaid -= A_STEP * STEPS_AT_ONCE
            spend(STEPS, STEPS_AT_ONCE)

    @property
    def waits(self) -> bool:
        return self.language.waits

    @property
    def file(self) -> str:
        return self.context.file

    @property
    def loops(self) -> int:
        return self.context.loops

    @contextmanager
    def within(self, context: Context) -> Iterator[None]:
        """Has a context hold for a while."""
        saved = self.context
        self.context = context
        try:
            yield
        finally:
            self.context = saved
