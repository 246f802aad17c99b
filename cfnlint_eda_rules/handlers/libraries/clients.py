"""Clients of databases, caches, search engines, mail servers and external APIs, by the rows of the
catalogue (`clients.yaml`).

A module makes clients, and clients make parts of themselves (cursors, tables, queries), all of
which are `_Client`s here: what counts is the name of the method that is called in the end, and what
the client it is called on was made of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from weakref import WeakKeyDictionary

from cfnlint_eda_rules.catalogue.clients import (
    DOTTED,
    Client,
    client_of,
    configures,
    is_own_module,
    makes,
    plain,
)
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.handlers.interpreter.objects import (
    FunctionObject,
    ListObject,
    argument_needs,
    constant,
    literal,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    NOTHING,
    Arguments,
    Known,
    Native,
    Object,
    Promise,
    Run,
)
from cfnlint_eda_rules.handlers.libraries.model import (
    answering,
    function,
    is_function,
    nothing,
)
from cfnlint_eda_rules.handlers.symbolic_values import Literal, Text
from cfnlint_eda_rules.records import dataclass

_OWN_OF_PROMISES = frozenset({"then", "catch", "finally"})
_LISTENERS = frozenset(
    {"on", "once", "off", "addListener", "addEventListener", "use", "pre", "post"}
)
_OPENED = frozenset({"__enter__", "__aenter__"})
_CLOSED = frozenset({"__exit__", "__aexit__", "close", "aclose", "quit", "disconnect", "destroy"})
_LONGEST_PATH = 4

# What each evaluation's configuration of a module needs: `openai.api_key = secret`.
_CONFIGURED: WeakKeyDictionary[Run, dict[str, frozenset[int]]] = WeakKeyDictionary()


def library(language: str, module: str) -> Object | None:
    """A client's module; None for other modules."""
    client = client_of(language, module)
    if client is None:
        return None
    awaited = language == "javascript" or any(
        module == name or module.startswith(f"{name}.") for name in client.asynchronous
    )
    state = _State(asynchronous=awaited, calls_back=language == "javascript")
    return _Module(client, language, module, state)


@dataclass(frozen=True, slots=True)
class _State:
    """What a client was made with: what it is connected to, the text of the statement it stands
    for, whether its calls are awaited, whether they may be given a callback for their answer.
    """

    connection: Object | None = None
    statement: str | None = None
    asynchronous: bool = False
    calls_back: bool = False


class _Client(Native):
    """A client, a part of one, or a method: `path` names it from where its client was made.

    `answered` are the calls whose answers it hands out; those of a method go to its `owner`.
    """

    __slots__ = ("answered", "client", "owner", "path", "state")

    def __init__(
        self,
        client: Client,
        path: tuple[str, ...],
        state: _State,
        needs: frozenset[int] = NOTHING,
        owner: _Client | None = None,
    ) -> None:
        super().__init__(".".join((client.name, *path)), needs=needs)
        self.client = client
        self.path = path
        self.state = state
        self.owner = owner
        self.answered = NOTHING
        self.on_attribute = self._member
        self.on_call = self._called
        self.on_item = lambda key, run: _Client(client, self.path, state, self.needs | key.needs)

    def iterate(self, run: Run) -> Object:
        return Object(f"{self.expression}[*]", self.needs | self.answered)

    def set_attribute(self, name: str, value: Object, run: Run) -> None:
        self.needs |= value.needs

    def _member(self, name: str, run: Run) -> Object | None:
        if name in _OPENED:
            return answering(name, lambda: self)
        if name in _CLOSED:
            return answering(name, nothing)
        if name.startswith("__") or name in _OWN_OF_PROMISES:
            return None
        if plain(name) in self.client.results:
            return function(name, lambda arguments, run: Object(name, self.needs | self.answered))
        path = (*self.path, name)[-_LONGEST_PATH:]
        return _Client(self.client, path, self._awaited(name), self.needs, owner=self)

    def _awaited(self, name: str) -> _State:
        awaited = name.startswith("Async") or name in self.client.asynchronous
        return replace(self.state, asynchronous=True) if awaited else self.state

    def _called(self, arguments: Arguments, run: Run) -> Object:
        statement = _statement(arguments, run) or self.state.statement
        effect = self.client.effect(self.path, statement)
        if effect is None:
            return self._made(arguments, run, statement)
        if not effect:
            return Object(self.expression, self.needs | argument_needs(arguments))
        return self._performed(effect, arguments, run)

    # ----------------------------------------------------------------------------------------------

    def _performed(self, effect: str, arguments: Arguments, run: Run) -> Object:
        """Makes the call; its answer, or the promise of it."""
        given = [*arguments.positional, *arguments.named.values()]
        configured = _CONFIGURED.get(run, {}).get(self.client.name, NOTHING)
        made = run.items(given)
        made.needs |= self.needs | configured
        request = {"effect": literal(effect), "**": made}
        if self.state.connection is not None:
            request["connection"] = self.state.connection
        answer = (run.start if self.state.asynchronous else run.request)(
            "client",
            self.client.name,
            ".".join(name for name in self.path[-2:] if name),
            request,
            result=_Answer(self.client, self.state) if self.client.answers else None,
        )
        if self.owner is not None:
            self.owner.answered |= answer.needs
        if isinstance(answer, Promise):
            answer.members = _Chain(answer)
        last = arguments.positional[-1] if arguments.positional else None
        if self.state.calls_back and last is not None and _calls_back(last):
            return run.callback(answer, last)
        return answer

    def _made(self, arguments: Arguments, run: Run, statement: str | None) -> Object:
        """A client, or a part of this one; what a function does with it, or with promises."""
        name = self.path[-1] if self.path else ""
        needs = self.needs | argument_needs(arguments)
        begins = not name or name[:1].isupper() or makes(name) or name == "connect"
        builder = load("clients")["builders"].get(name.lower())
        state = replace(
            self._awaited(name),
            connection=(_connection(arguments, run) if begins else None) or self.state.connection,
            statement=builder or statement,
        )
        made = _Client(self.client, () if begins else self.path, state, needs)
        if configures(name):
            _configure(run, self.client, needs)
        if name in _LISTENERS:
            return run.unknown_call(Object(name), arguments)
        functions = [given for given in arguments.positional if _calls_back(given)]
        if functions and self.state.calls_back:
            return run.then(made, functions[-1])
        if functions:
            return run.invoke(functions[-1], [made])
        return _together(arguments, run) or made


def _configure(run: Run, client: Client, needs: frozenset[int]) -> None:
    known = _CONFIGURED.setdefault(run, {})
    known[client.name] = known.get(client.name, NOTHING) | needs


class _Module(_Client):
    """A client's module, shared by all evaluations."""

    __slots__ = ("language", "module")

    def __init__(self, client: Client, language: str, module: str, state: _State) -> None:
        super().__init__(client, (), state)
        self.language = language
        self.module = module
        self.attributes = {"default": self}

    def set_attribute(self, name: str, value: Object, run: Run) -> None:
        _configure(run, self.client, value.needs)

    def _member(self, name: str, run: Run) -> Object | None:
        below = f"{self.module}{'.' if self.language in DOTTED else '/'}{name}"
        if is_own_module(self.language, below):
            return library(self.language, below)
        if name in _OPENED or name in _CLOSED:
            return None
        member = super()._member(name, run)
        if isinstance(member, _Client):
            member.owner = None
        return member


class _Answer(Native):
    """What a call answers, where that has methods which are calls again."""

    __slots__ = ("client", "state")

    def __init__(self, client: Client, state: _State) -> None:
        super().__init__("")
        self.client = client
        self.state = state
        self.on_attribute = self._member

    def _member(self, name: str, run: Run) -> Object | None:
        if plain(name) not in self.client.answers:
            return None
        return _Client(self.client, (name,), self.state, self.needs)

    def item(self, key: Object, run: Run) -> Object:
        return self if isinstance(constant(key), int) else super().item(key, run)

    def iterate(self, run: Run) -> Object:
        return self


class _Chain(dict[str, Callable[[Arguments, Run], Object]]):
    """The methods of a query under way, whatever their names: each answers with the query."""

    def __init__(self, promise: Object) -> None:
        super().__init__()
        self.promise = promise

    def __contains__(self, name: object) -> bool:
        return name not in _OWN_OF_PROMISES

    def __missing__(self, name: str) -> Callable[[Arguments, Run], Object]:
        return self._chained

    def _chained(self, arguments: Arguments, run: Run) -> Object:
        last = arguments.positional[-1] if arguments.positional else None
        if last is None or not _calls_back(last):
            return self.promise
        return run.then(self.promise, last)


# --------------------------------------------------------------------------------------------------


def _calls_back(given: Object) -> bool:
    return is_function(given) and not isinstance(given, _Client)


def _together(arguments: Arguments, run: Run) -> Object | None:
    """The promise of all promises in a list that is given: `prisma.$transaction([...])`."""
    first = arguments.positional[0] if arguments.positional else None
    if not isinstance(first, ListObject) or not any(
        isinstance(element, Promise) for element in first.elements
    ):
        return None
    return run.gather(first)


def _connection(arguments: Arguments, run: Run) -> Object | None:
    """What a client is connected to, by the arguments it is made with; None when they do not
    tell.
    """
    first = arguments.positional[0] if arguments.positional else None
    if isinstance(first, Known):
        return first
    entries = dict(arguments.named)
    if first is not None and not isinstance(first, FunctionObject):
        entries = {**run.entries(first)[0], **entries}
    names: Iterable[str] = load("clients")["connection"]
    return next((entries[name] for name in names if isinstance(entries.get(name), Known)), None)


def _statement(arguments: Arguments, run: Run) -> str | None:
    """The text of the statement that a call is given, `?` for what is not known; None when it is
    given none.
    """
    names: Iterable[str] = load("clients")["statement_at"]
    given = [
        *arguments.positional[:1],
        *(arguments.named[n] for n in names if n in arguments.named),
    ]
    for one in given:
        if isinstance(one, _Client):
            return one.state.statement
        if found := _sentence(one):
            return found
        entries = run.entries(one)[0]
        inside = (_sentence(entries[name]) for name in names if name in entries)
        if found := next(filter(None, inside), None):
            return found
    return None


def _sentence(given: Object) -> str | None:
    """A text of more than one word."""
    match given.value():
        case Literal(str() as known):
            found = known
        case Text(parts):
            found = "".join(str(part.value) if isinstance(part, Literal) else "?" for part in parts)
        case _:
            return None
    return found if len(found.split(None, 1)) > 1 else None
