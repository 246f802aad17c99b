"""The evaluation in progress: the path at hand, calls recorded so far, functions entered, and what
models of libraries may ask for.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field, replace
from itertools import islice
from typing import Any, Protocol

from cfnlint_eda_rules.budget import CALLS, RELATIONS, STEPS, Exhausted, spend, walked
from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.facts import Call, CallKind, Mount
from cfnlint_eda_rules.handlers.interpreter import modules, statements, unknowns
from cfnlint_eda_rules.handlers.interpreter.language import Models, Semantics
from cfnlint_eda_rules.handlers.interpreter.objects import (
    MAX_ELEMENTS,
    Choice,
    ClassObject,
    Coroutine,
    Entries,
    ErrorValue,
    FunctionObject,
    Instance,
    ListObject,
    Loaded,
    Method,
    RecordObject,
    Scope,
    Wrapped,
    argument_needs,
    choose,
    constant,
    event_path,
    is_nothing,
    literal,
    needs_of,
    nothing,
    value_of,
)
from cfnlint_eda_rules.handlers.interpreter.paths import (
    MISSING,
    Difference,
    End,
    Path,
    Recorded,
    Trail,
    joined,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    NOTHING,
    Arguments,
    Known,
    Object,
    Promise,
    Task,
)
from cfnlint_eda_rules.handlers.symbolic_values import OneOf, Unknown, Value, alternatives
from cfnlint_eda_rules.records import dataclass

MAX_CALL_DEPTH = 40
MAX_CALLS = 400  # told apart by the ways to them; beyond, by their places alone
MAX_PLACES = 1_000  # of calls; a handler with more is not followed
MAX_WRAPPED = 40  # functions that an unknown library was given
STEPS_AT_ONCE = 64  # are paid for
MAX_NESTED_PROMISES = 3  # lists in lists that are waited for
MAX_UNROLLED = 8  # elements of a known list that are gone through one by one
_MAKES_FUNCTIONS = re.compile(
    r"wrap|with|decorat|capture|instrument|bind|once|memo|cache|limit|throttle|debounce|partial|curry|compose|middy|retry",
    re.I,
)
_GIVES_INSTANCES = re.compile(
    r"\.(resolve|get)(Async)?$"
)  # what containers of dependencies call it


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


class Machine:
    """One evaluation of one handler. Implements `objects.Run`."""

    def __init__(
        self,
        program: Program,
        language: Semantics,
        models: Models,
    ) -> None:
        self.program = program
        self.language = language
        self.models = models
        self.special_names = language.special_names
        self.waits = language.waits
        self.trail = Trail()
        self.path: Path | None = Path()
        self.task: Task | None = None
        self.tasks: list[Task] = []
        self.stack: tuple[Any, ...] = ()
        self.loops = 0
        self.start_up = True
        self.durable = False
        self.site: syntax.Expression = syntax.Constant(None)
        self.file = program.entry
        self.frame = Frame(None, Scope(None, module=True), 0, Path())
        self.active: dict[int, list[tuple[Any, ...]]] = {}
        self.depth = 0
        self.steps = 0
        self.level = 0
        self.recorded: dict[Any, Recorded] = {}
        self.touched: list[int] = []
        self.raised: list[frozenset[int]] = []
        self.mounts: dict[tuple[str, str, int], Mount] = {}
        self.modules: dict[str, Any] = {}
        self.sites: dict[Any, int] = {}
        self.assigning = ""  # the variable whose value is being evaluated
        self.hook: Callable[[Object], Object] | None = (
            None  # what runs at the `yield`s of the generator entered next
        )

    # ----------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Counts one step. Raises `Exhausted` beyond the budget."""
        self.steps += 1
        if not self.steps % STEPS_AT_ONCE:
            spend(STEPS, STEPS_AT_ONCE)

    def write(self, container: Any, key: Any, value: Any) -> None:
        """Writes so that it can be taken back; unreachable code writes nothing."""
        if self.path is not None:
            self.trail.write(container, key, value)

    def ordinal(self) -> str:
        """A number for the place at hand: the same for every pass over it."""
        key = (id(self.site), self.stack)
        return str(self.sites.setdefault(key, len(self.sites) + 1))

    # ----------------------------------------------------------------------------------------------

    def either(
        self,
        ways: Sequence[tuple[Path | None, Callable[[], Object | None]]],
        needs: frozenset[int] = NOTHING,
    ) -> Object:
        """Runs exclusive alternatives, each from its own path, and merges where they meet; `needs`
        are the calls that decide.
        """
        base = self.path
        mark = self.trail.mark()
        ends: list[End] = []
        for path, way in ways:
            if path is None:
                continue
            self.path = path
            value = way()
            if self.path is not None:
                ends.append(End(self.path, self.trail.difference(mark), value))
            self.trail.undo(mark)
        self.path = base
        result = self.meet(ends, needs)
        if self.path is not None and base is not None and len(ends) == len(ways):
            # All alternatives arrive: what decided between them decides nothing from here on.
            self.path = replace(self.path, decided=self.path.decided - (needs - base.decided))
        return result

    def meet(self, ends: Sequence[End], needs: frozenset[int] = NOTHING) -> Object:
        """Goes on where `ends` meet: their paths joined, what they wrote merged. Returns the one of
        their values that holds.
        """
        self.path = joined(end.path for end in ends)
        if len(ends) == 1:
            for container, key, value in ends[0].written.values():
                self.trail.write(container, key, value)
        elif ends:
            self._merge([end.written for end in ends], needs)
        return choose([end.value for end in ends if end.value is not None], needs)

    def _merge(self, differences: list[Difference], needs: frozenset[int]) -> None:
        places = {place: entry[:2] for written in differences for place, entry in written.items()}
        walked(len(places) * len(differences))
        for place, (container, key) in places.items():
            current = container.get(key, MISSING)
            found = [written[place][2] if place in written else current for written in differences]
            first = found[0]
            if all(value is first for value in found[1:]):
                merged = first
            elif key == "elements" and isinstance(first, tuple):
                merged, uneven = _merged_lists(found)
                if uneven:
                    self.trail.write(container, "partial", True)
            elif any(isinstance(value, bool) for value in found):
                merged = any(value is True for value in found)
            else:
                merged = _merged_objects(found, isinstance(container, Entries), needs)
            self.trail.write(container, key, merged)

    def alternatives(
        self, ways: Sequence[Callable[[], Object]], needs: frozenset[int] = NOTHING
    ) -> Object:
        """Runs exclusive alternatives from the path at hand."""
        if len(ways) == 1:
            return ways[0]()
        return self.either([(self.path, way) for way in ways], needs)

    def branch(self, functions: Sequence[tuple[Object, Sequence[Object]]]) -> Object:
        ways = [
            lambda function=function, given=given: self.invoke(function, given)
            for function, given in functions
        ]
        return self.alternatives(ways) if ways else Object()

    # ----------------------------------------------------------------------------------------------

    def request(
        self,
        kind: str,
        service: str,
        operation: str,
        arguments: Mapping[str, Object],
        *,
        result: Object | None = None,
    ) -> Object:
        call = self._record(kind, service, operation, arguments, self.task)
        if call is None or self.path is None:
            return Object()
        self.path = self.path.after((call,))
        return self._answer(call, service, operation, result)

    def start(
        self,
        kind: str,
        service: str,
        operation: str,
        arguments: Mapping[str, Object],
        *,
        result: Object | None = None,
    ) -> Object:
        task = self._task()
        call = self._record(kind, service, operation, arguments, task)
        if call is None:
            return Promise(Object())
        return Promise(self._answer(call, service, operation, result), frozenset((call,)), (task,))

    def _task(self) -> Task:
        task = Task(self.task)
        self.tasks.append(task)
        return task

    def _answer(self, call: int, service: str, operation: str, result: Object | None) -> Object:
        needs = frozenset((call,))
        if result is None:
            return Object(f"{service or 'call'}.{operation}#{call}", needs)
        if type(result) is Known:
            return Known(result.known, result.needs | needs, result.expression)
        result.needs = result.needs | needs
        if not result.expression:
            result.expression = f"{service or 'call'}.{operation}#{call}"
        return result

    def _record(
        self,
        kind: str,
        service: str,
        operation: str,
        arguments: Mapping[str, Object],
        task: Task | None,
    ) -> int | None:
        path = self.path
        if path is None:
            return None
        stack = self.stack if len(self.recorded) < MAX_CALLS else ()
        key = (id(self.site), stack, kind, service, operation)
        walked(len(path.before) + len(path.guards))
        # "**" stands for parameters that are not known, for their needs alone.
        values = {name: value_of(argument) for name, argument in arguments.items() if name != "**"}
        needs = NOTHING
        for argument in arguments.values():
            needs |= needs_of(argument)
        found = self.recorded.get(key)
        if found is None:
            if len(self.recorded) >= MAX_PLACES:
                raise Exhausted(CALLS)
            spend(RELATIONS, len(path.before) + len(needs) + len(path.decided))
            found = Recorded(
                id=len(self.recorded) + 1,
                kind=kind,
                service=service,
                operation=operation,
                arguments=values,
                file=self.program.shown(self.file),
                line=self.site.line,
                before=set(path.before),
                needs=set(needs),
                decided=set(path.decided),
                guards=path.guards,
                in_error=path.error,
                in_loop=self.loops > 0,
                at_start=self.start_up,
                durable=self.durable,
                tasks=[task],
            )
            self.recorded[key] = found
        else:
            if path.error == found.in_error or found.in_error:
                found.before = (
                    set(path.before)
                    if found.in_error and not path.error
                    else found.before | path.before
                )
                found.guards &= path.guards
                found.in_error = found.in_error and path.error
            found.arguments = {
                name: _merged_values(
                    [one[name] for one in (found.arguments, values) if name in one]
                )
                for name in (
                    *found.arguments,
                    *(name for name in values if name not in found.arguments),
                )
            }
            found.needs |= needs
            found.decided |= path.decided
            found.in_loop = found.in_loop or self.loops > 0
            found.at_start = found.at_start and self.start_up
            found.durable = found.durable and self.durable
            found.tasks.append(task)
        self.touched.append(found.id)
        return found.id

    def mount(self, framework: str, routes: int) -> None:
        key = (framework, self.file, self.site.line)
        before = self.mounts.get(key)
        if before is None or before.routes < routes:
            self.mounts[key] = Mount(
                framework, routes, self.program.shown(self.file), self.site.line
            )

    def calls(self) -> tuple[Call, ...]:
        """All calls recorded, in the order of their ids."""
        return tuple(
            Call(
                id=call.id,
                kind=CallKind(call.kind),
                service=call.service,
                operation=call.operation,
                arguments=call.arguments,
                file=call.file,
                line=call.line,
                preceded_by=frozenset(call.before - {call.id}),
                needs=frozenset(call.needs - {call.id}),
                decided_by=frozenset(call.decided - {call.id}),
                guards=call.guards,
                blocking=call.blocking(),
                in_error_handler=call.in_error,
                in_loop=call.in_loop,
                polls=call.polls,
                at_start=call.at_start,
                durable=call.durable,
            )
            for call in self.recorded.values()
            if call.kind != "sleep" or call.blocking()
        )

    def mark_polls(self, since: int, exits: frozenset[int]) -> None:
        """Marks the calls made since `since` whose answers decide when their loop ends, unless they
        ask for what the loop's answers say.

        Following a marker from page to page, or looking up one by one what another call lists, asks
        something else each time.
        """
        made = set(self.touched[since:])
        walked(len(self.touched) - since + len(self.recorded))
        calls = {call.id: call for call in self.recorded.values() if call.id in made}
        deciding = made & exits
        pending = list(deciding)
        while pending:
            more = (calls[pending.pop()].needs & made) - deciding
            deciding |= more
            pending.extend(more)
        for number in deciding:
            if not calls[number].needs & made:
                calls[number].polls = True

    def sleeps(self) -> frozenset[int]:
        return frozenset(call.id for call in self.recorded.values() if call.kind == "sleep")

    def polled(self, action: Callable[[], Object]) -> Object:
        since = len(self.touched)
        with self.within(loops=self.loops + 1):
            result = action()
        made = set(self.touched[since:])
        decided = [call.decided for call in self.recorded.values() if call.id in made]
        self.mark_polls(since, NOTHING.union(*decided))
        return result

    # ----------------------------------------------------------------------------------------------

    def member(self, subject: Object, name: str) -> Object:
        found = self.language.own_attribute(subject, name, self)
        if found is not None:
            return found
        plain = unknowns.plain_attribute(subject, name)
        action = self.language.methods.get(name)
        return plain if action is None else Method(subject, name, action, plain)

    def record_attribute(self, record: Object, name: str) -> Object:
        assert isinstance(record, RecordObject)
        return self.language.record_attribute(record, name, self)

    def missing_entry(self, record: Object, name: str) -> Object:
        assert isinstance(record, RecordObject)
        return self.language.missing_entry(record, name, self)

    def variable(self, name: str) -> Object | None:
        scope = self.frame.scope.find(name)
        return None if scope is None else scope.variables[name]

    def element(self, subject: Object, key: Object | None) -> Object:
        return unknowns.element(subject, key)

    def get_attribute(self, subject: Object, name: str) -> Object:
        return subject.attribute(name, self)

    def get_item(self, subject: Object, key: Object) -> Object:
        if isinstance(key, Choice) and len(key.options) <= MAX_UNROLLED:
            return choose([subject.item(option, self) for option in key.options], key.needs)
        return subject.item(key, self)

    def iterate(self, subject: Object) -> Object:
        """One element of `subject`, standing for all."""
        return subject.iterate(self)

    def got(self, found: Object, owner: Object) -> Object:
        """A member found in `owner`, as an access through it gives it: bound, or what its getter
        returns.
        """
        if isinstance(found, Choice) and any(
            isinstance(one, FunctionObject) and one.node.kind == "getter" for one in found.options
        ):
            return choose([self.got(option, owner) for option in found.options], found.needs)
        if not isinstance(found, FunctionObject) or found.this is not None:
            return found
        kind = found.node.kind
        if kind == "getter":
            return self.enter(found, Arguments([], {}), owner)
        if kind == "static":
            return found
        if kind == "class" and not isinstance(owner, RecordObject):
            return found.binding(owner.kind if isinstance(owner, Instance) else owner)
        if found.node.arrow or not self.language.binds(owner):
            return found
        return found.binding(owner)

    def record(self, entries: Mapping[str, Object], partial: bool = False) -> Object:
        return RecordObject(dict(entries), partial)

    def items(self, items: Sequence[Object], partial: bool = False) -> Object:
        return ListObject(items, partial, depth=self.loops)

    def entries(self, mapping: Object) -> tuple[dict[str, Object], bool]:
        match mapping:
            case RecordObject():
                walked(len(mapping.entries))
                return dict(mapping.entries), mapping.partial
            case Instance():
                walked(len(mapping.attributes))
                return dict(mapping.attributes), True
            case ListObject():
                walked(4 * len(mapping.elements))
                return {
                    str(index): element for index, element in enumerate(mapping.elements)
                }, mapping.partial
            case Promise():
                return self.entries(mapping.result)
            case Choice():
                found: dict[str, Object] = {}
                partial = False
                sides = [self.entries(option) for option in mapping.there()]
                for entries, more in sides:
                    partial = partial or more
                    for name, value in entries.items():
                        found[name] = (
                            choose([found[name], value], mapping.needs) if name in found else value
                        )
                for name, value in found.items():
                    if any(name not in entries for entries, _ in sides):
                        found[name] = choose([value, Object("", mapping.needs)])
                return found, partial
            case _:
                return {}, constant(mapping) is MISSING

    def elements(self, items: Object) -> tuple[list[Object], bool]:
        match items:
            case ListObject():
                known = list(items.elements[:MAX_ELEMENTS])
                walked(len(known) >> 3)
                return known, items.partial or len(items.elements) > len(known)
            case RecordObject():
                walked(4 * len(items.entries))
                return [literal(name) for name in items.entries], items.partial
            case Promise():
                return self.elements(self.unwrapped(items))
            case Choice():
                found: list[Object] = []
                partial = False
                for option in items.there():
                    elements, more = self.elements(option)
                    partial = partial or more or bool(elements)
                    found.extend(elements)
                return found[:MAX_UNROLLED], partial
            case _:
                if is_nothing(items):
                    return [], False
                return [self.iterate(items)], True

    # ----------------------------------------------------------------------------------------------

    def invoke(self, function: Object, positional: Sequence[Object] = ()) -> Object:
        return self.call(function, Arguments(list(positional), {}))

    def call(self, function: Object, arguments: Arguments, this: Object | None = None) -> Object:
        """Calls anything; `this` is what a JavaScript method is called on."""
        if self.path is None:
            return Object()
        if (
            isinstance(function, FunctionObject)
            and function.this is None
            and this is not None
            and self.language.passes_receiver
        ):
            return self.enter(function, arguments, this)
        return function.call(arguments, self)

    def enter(self, function: Object, arguments: Arguments, this: Object | None) -> Object:
        """Runs a function of the program here and now; what an asynchronous one does is what the
        language makes of it.
        """
        if self.path is None or not isinstance(function, FunctionObject):
            return Object()
        node = function.node
        if function.bound:
            arguments = Arguments(
                [*function.bound, *arguments.positional], arguments.named, arguments.partial
            )
        if node.asynchronous and not node.generator:
            return self.language.asynchronous_call(
                lambda: self._run(function, arguments, this), self
            )
        return self._run(function, arguments, this)

    def _run(self, function: FunctionObject, arguments: Arguments, this: Object | None) -> Object:
        entry = self.path
        node = function.node
        activations = self.active.setdefault(id(node), [])
        if entry is None or self.depth >= MAX_CALL_DEPTH or len(activations) >= 2:
            return Object("", argument_needs(arguments))
        # A recursive call is another pass over the same code: its calls are the same calls.
        recursion = len(activations) == 1
        stack = activations[0] if recursion else (*self.stack, id(self.site))
        since = len(self.touched)
        activations.append(stack)
        saved = (self.frame, self.stack, self.file, self.site)
        scope = Scope(function.scope)
        mark = self.trail.mark()
        self.frame = Frame(function, scope, mark, entry, on_yield=self.hook)
        self.hook = None
        self.stack, self.file = stack, function.file
        self.depth += 1
        self.loops += recursion
        try:
            received = self.language.bind_receiver(function, arguments, this, scope)
            statements.bind_parameters(self, function, received)
            statements.execute(self, node.body)
            frame = self.frame
            result = self._leave(frame, node.generator)
        finally:
            self.loops -= recursion
            self.depth -= 1
            self.frame, self.stack, self.file, self.site = saved
            activations.pop()
        if recursion:
            self.mark_polls(since, entry.decided)
        return result

    def _leave(self, frame: Frame, generator: bool) -> Object:
        if self.path is not None:
            frame.returns.append(End(self.path, self.trail.difference(frame.mark), nothing()))
        self.trail.undo(frame.mark)
        decided = NOTHING
        for end in frame.returns:
            decided |= end.path.decided
        result = self.meet(frame.returns, decided - frame.entry.decided)
        if self.path is not None:
            # A decision inside is over when the function returns, unless its other side raised.
            self.path = replace(self.path, decided=frame.entry.decided | frame.raised)
        if generator and frame.on_yield is None:
            return ListObject(frame.yields, True)
        return result

    def run_managed(
        self, function: FunctionObject, arguments: Arguments, at_yield: Callable[[Object], Object]
    ) -> Object | None:
        """Runs a generator with `at_yield` in the place of its `yield`s; None when it cannot be
        entered.
        """
        if (
            self.path is None
            or self.depth >= MAX_CALL_DEPTH
            or len(self.active.get(id(function.node), ())) >= 2
        ):
            return None
        if function.bound:
            arguments = Arguments(
                [*function.bound, *arguments.positional], arguments.named, arguments.partial
            )
        self.hook = at_yield
        return self._run(function, arguments, function.this)

    def instantiate(self, kind: Object, arguments: Arguments) -> Object:
        """A new instance, constructed."""
        if not isinstance(kind, ClassObject):
            return Object("", argument_needs(arguments))
        instance = Instance(kind)
        for ancestor in reversed(kind.line()):
            if isinstance(ancestor, ClassObject):
                statements.initialise(self, ancestor, instance)
        constructor = kind.lookup(self.special_names.constructor)
        if isinstance(constructor, FunctionObject):
            self._run(constructor, arguments, instance)
            return instance
        filled = self.language.fill(instance, arguments, self)
        if kind.foreign() is not None and not filled:
            instance.needs |= argument_needs(arguments)
            statements.inherit(self, instance, arguments)
        return instance

    @contextmanager
    def within(self, **context: Any) -> Iterator[None]:
        """Sets attributes of the machine for a while: `loops`, `start_up`, `durable`, `stack`,
        `task`, `site`.
        """
        saved = {name: getattr(self, name) for name in context}
        for name, value in context.items():
            setattr(self, name, value)
        try:
            yield
        finally:
            for name, value in saved.items():
                setattr(self, name, value)

    def each(
        self, subject: Object, action: Callable[[Object, Object], Object], *, passes: int = 1
    ) -> tuple[list[Object], bool]:
        """Runs `action(element, index)` for the elements of `subject`: the results, and whether
        there are more like them.

        Known elements are gone through one by one; unknown ones are one that stands for all, gone
        through `passes` times.
        """
        elements, partial = self.elements(subject)
        results: list[Object] = []
        if not partial and len(elements) <= MAX_UNROLLED:
            for index, element in enumerate(elements):
                with self.within(loops=self.loops + 1, stack=(*self.stack, "pass", index)):
                    results.append(action(element, literal(index)))
            return results, False
        one = self.iterate(subject)
        with self.within(loops=self.loops + 1):
            for _ in range(passes):
                results = [action(one, Object("index"))]
        return results, True

    # ----------------------------------------------------------------------------------------------

    def unknown_call(self, function: Object, arguments: Arguments) -> Object:
        needs = function.needs | argument_needs(arguments)
        given = [*arguments.positional, *arguments.named.values()]
        functions = _functions_in(given)
        for argument in given:
            if type(argument) is Object:
                argument.needs |= needs  # it may be written into: `image.save(buffer)`
        expression = f"{function.expression}()#{self.ordinal()}" if function.expression else ""
        answer = Object(expression, needs)
        if (
            _GIVES_INSTANCES.search(function.expression)
            and len(given) == 1
            and isinstance(given[0], ClassObject)
        ):
            return self.instantiate(given[0], Arguments([], {}))
        if isinstance(function, Wrapped):
            functions = _few([*function.functions, *functions])
        if functions and (
            self.start_up or _MAKES_FUNCTIONS.search(function.expression.rpartition(".")[2])
        ):
            return Wrapped(
                expression,
                tuple(functions),
                needs,
                None if self.start_up else self._deferred(functions),
            )
        listed = next(
            (
                argument
                for argument in given
                if isinstance(argument, ListObject) or event_path(argument) is not None
            ),
            None,
        )
        passed = Object(expression, needs) if listed is None else self.iterate(listed)
        callbacks = [functools.partial(self._call_back, callback, passed) for callback in functions]
        return self.language.call_back(callbacks, given, answer, self)

    def _deferred(self, functions: Sequence[Object]) -> Callable[[], Object]:
        def action() -> Object:
            results = [self._awaited_call(function, ()) for function in functions]
            promise = Promise(results[-1])
            for result in results:
                promise.absorb(result)
            return promise

        return self.deferred(action)

    def _call_back(self, function: Object, passed: Object) -> Object:
        names = _parameter_names(function)
        if names and names[0] in self.language.error_parameters and len(names) > 1:
            return self.invoke(function, (ErrorValue("error"), passed))
        return self.invoke(
            function,
            [passed]
            if len(names) <= 1
            else [passed, *(Object("", passed.needs) for _ in names[1:])],
        )

    def call_wrapped(self, wrapped: Object, arguments: Arguments) -> Object:
        """Calls what an unknown library made of functions: when the module is loaded, that is still
        making; later, they run.
        """
        if not isinstance(wrapped, Wrapped):
            return self.unknown_call(wrapped, arguments)
        given = [*arguments.positional, *arguments.named.values()]
        if self.start_up:
            functions = _few([*wrapped.functions, *_functions_in(given)])
            return Wrapped(wrapped.expression, tuple(functions), wrapped.needs)
        results = [self.call(function, arguments) for function in wrapped.functions]
        if len(results) == 1:
            return results[0]
        promise = Promise(results[-1])
        for result in results:
            promise.absorb(result)
        return promise if promise.pending else results[-1]

    # ----------------------------------------------------------------------------------------------

    def forked(self, action: Callable[[], Object]) -> Promise:
        """Runs `action` beside the path at hand; the promise is done when it is."""
        entry = self.path
        if entry is None:
            return Promise(Object())
        task = self._task()
        saved = self.task
        self.task = task
        since = len(self.touched)
        try:
            result = action()
        finally:
            self.task = saved
        end = self.path
        self.path = entry
        if end is None:
            return Promise(Object(), frozenset(self.touched[since:]), (task,), rejects=True)
        promise = Promise(
            result, end.before - entry.before, (task,), error=end.error and not entry.error
        )
        promise.absorb(result)
        promise.result = self.settled(result)
        return promise

    def forked_entirely(self, action: Callable[[], Object]) -> Promise:
        since, tasks = len(self.touched), len(self.tasks)
        promise = self.forked(action)
        promise.rejects = False
        normal = {call.id for call in self.recorded.values() if not call.in_error}
        promise.pending |= frozenset(call for call in self.touched[since:] if call in normal)
        promise.tasks.extend(task for task in self.tasks[tasks:] if task not in promise.tasks)
        return promise

    def deferred(self, action: Callable[[], Object]) -> Callable[[], Object]:
        site, stack, loops, file = self.site, self.stack, self.loops, self.file

        def later() -> Object:
            with self.within(site=site, stack=stack, loops=max(loops, self.loops), file=file):
                return action()

        return later

    def unwrapped(self, promise: Promise) -> Object:
        return self.language.unwrapped(promise, self)

    def promises(self, subject: Object) -> list[Promise]:
        return self._promises(subject)

    def fork(self, function: Object, positional: Sequence[Object] = ()) -> Object:
        return self.forked(lambda: self._awaited_call(function, positional))

    def _awaited_call(self, function: Object, positional: Sequence[Object]) -> Object:
        result = self.invoke(function, positional)
        return self.join(result) if isinstance(result, Coroutine) else result

    def settled(self, subject: Object) -> Object:
        """The value that a promise is resolved with."""
        match subject:
            case Promise():
                seen: set[int] = set()
                while isinstance(subject, Promise) and id(subject) not in seen:
                    seen.add(id(subject))
                    subject = subject.result
                walked(len(seen))
                return Object() if isinstance(subject, Promise) else self.settled(subject)
            case Choice() if any(isinstance(option, Promise) for option in subject.options):
                return choose([self.settled(option) for option in subject.options], subject.needs)
            case _:
                return subject

    def _promises(self, subject: Object) -> list[Promise]:
        found: dict[int, Promise] = {}
        seen: set[int] = set()
        pending = [(subject, 0)]
        while pending:
            one, depth = pending.pop()
            if depth > MAX_NESTED_PROMISES or id(one) in seen:
                continue
            seen.add(id(one))
            match one:
                case Coroutine(action=action) | Wrapped(action=action) if action is not None:
                    if one.done is None:
                        one.done = self.forked(action)
                    found.setdefault(id(one.done), one.done)
                case Promise():
                    found.setdefault(id(one), one)
                    pending.append((one.result, depth + 1))
                case ListObject():
                    below = one.needing()
                    walked(len(below))
                    pending.extend((element, depth + 1) for element in reversed(below))
                case Choice():
                    pending.extend((option, depth + 1) for option in reversed(one.options))
        return list(found.values())

    def join(self, *promises: Object) -> Object:
        if len(promises) == 1 and isinstance(promises[0], Coroutine) and promises[0].done is None:
            coroutine = promises[0]
            result = coroutine.action()
            coroutine.done = Promise(result)
            return result
        waited = [found for promise in promises for found in self._promises(promise)]
        for promise in waited:
            self.wait_for(promise)
        results = [self._joined_value(promise) for promise in promises]
        return results[0] if len(results) == 1 else ListObject(results, depth=self.loops)

    def wait_for(self, promise: Promise) -> None:
        """Goes on once the promise is done."""
        for task in promise.tasks:
            task.joined = True
        if self.path is None:
            return
        self.path = self.path.after(promise.pending)
        if promise.rejects:
            self.path = None
        elif promise.error:
            self.path = replace(self.path, error=True)

    def _joined_value(self, subject: Object) -> Object:
        match subject:
            case Coroutine():
                return self.settled(subject.done.result) if subject.done is not None else Object()
            case Wrapped(done=done) if done is not None:
                return self.settled(done.result)
            case ListObject() if any(
                isinstance(element, Promise | Coroutine | Wrapped) for element in subject.elements
            ):
                return ListObject(
                    [self._joined_value(element) for element in subject.elements],
                    subject.partial,
                    depth=self.loops,
                )
            case _:
                return self.settled(subject)

    def gather(self, promises: Object) -> Object:
        if isinstance(promises, Promise):
            inner = self.gather(promises.result)
            inner_promise = inner if isinstance(inner, Promise) else Promise(inner)
            inner_promise.absorb(promises)
            return inner_promise
        found = self._promises(promises)
        gathered = Promise(self._joined_value(promises))
        gathered.pending = NOTHING.union(*(promise.pending for promise in found))
        gathered.tasks = list(dict.fromkeys(task for promise in found for task in promise.tasks))
        walked(len(gathered.tasks))
        return gathered

    def then(
        self, promise: Object, on_value: Object | None, on_error: Object | None = None
    ) -> Object:
        names = _parameter_names(on_value) if on_value is not None else []
        if (
            on_error is None
            and on_value is not None
            and len(names) > 1
            and names[0] in self.language.error_parameters
        ):
            return self.callback(promise, on_value)
        return self._after(promise, on_value, on_error, ())

    def callback(self, promise: Object, function: Object) -> Object:
        return self._after(promise, function, None, (ErrorValue("error"),))

    def _after(
        self,
        promise: Object,
        on_value: Object | None,
        on_error: Object | None,
        leading: tuple[Object, ...],
    ) -> Object:
        entry = self.path
        if entry is None:
            return Promise(Object())
        first = Promise(self.settled(promise))
        for waited in self._promises(promise):
            first.absorb(waited)
        first.absorb(promise)
        self.path = entry.after(first.pending)
        if on_value is not None and not is_nothing(on_value):
            outcome = self.forked(lambda: self._awaited_call(on_value, (*leading, first.result)))
        else:
            outcome = Promise(first.result)
        if on_error is not None and not is_nothing(on_error):
            self.path = replace(entry.after(first.pending), error=True)
            handled = self.forked(lambda: self._awaited_call(on_error, (Object("error"),)))
            outcome.tasks.extend(handled.tasks)
            outcome.rejects = False
            if not handled.rejects:
                outcome.result = choose([outcome.result, handled.result])
        outcome.absorb(first)
        self.path = entry
        return outcome

    def checkpointed(self, function: Object, positional: Sequence[Object] = ()) -> Object:
        with self.within(durable=True):
            return self._awaited_call(function, positional)

    def handle_errors(self, function: Object, positional: Sequence[Object] = ()) -> Object:
        entry = self.path
        if entry is None:
            return Object()
        return self.either(
            [
                (entry, nothing),
                (replace(entry, error=True), lambda: self.invoke(function, positional)),
            ]
        )

    def once(self, function: Object, positional: Sequence[Object] = ()) -> Object:
        return self.at_start(lambda: self.invoke(function, positional))

    def at_start(self, action: Callable[[], Object]) -> Object:
        with self.within(start_up=True):
            return action()

    def perhaps(self, action: Callable[[], Object]) -> None:
        self.either([(self.path, lambda: None), (self.path, action)])

    def exit(self) -> None:
        self.path = None

    # ----------------------------------------------------------------------------------------------

    def resolve(self, module: str, importer: str | None = None) -> str | None:
        return self.program.resolve(self.file if importer is None else importer, module)

    def load(self, file: str) -> Loaded | None:
        return modules.load(self, file)

    def model(self, name: str) -> Object | None:
        found = self.language.module(name)
        return self.models.module(name) if found is None else found

    def assign(self, name: str, value: Object) -> None:
        statements.assign_name(self, syntax.NamePattern(name), value)


# --------------------------------------------------------------------------------------------------


def _merged_lists(found: Sequence[Any]) -> tuple[tuple[Object, ...], bool]:
    lists = [value for value in found if isinstance(value, tuple)]
    walked(sum(map(len, lists)))
    longest = max(lists, key=len)
    others = {id(element): element for other in lists for element in other}
    for element in longest:
        others.pop(id(element), None)
    merged = (*longest, *others.values())
    return merged, any(len(other) != len(merged) for other in lists)


def _merged_objects(found: Sequence[Any], entries: bool, needs: frozenset[int]) -> Any:
    there = [value for value in found if isinstance(value, Object)]
    if not there:
        return found[0]
    if len(there) < len(found) and entries:
        there.append(Object("", needs))
    return choose(there, needs)


def _merged_values(found: Sequence[Value]) -> Value:
    options = tuple(dict.fromkeys(option for value in found for option in alternatives(value)))
    if len(options) == 1:
        return options[0]
    return OneOf(options) if len(options) <= 4 else Unknown()


def _few(functions: Iterable[Object]) -> list[Object]:
    """The functions, each once, those of a library that is given more than it can tell apart left
    out.
    """
    different = {id(function): function for function in functions}
    return list(islice(different.values(), MAX_WRAPPED))


def _functions_in(arguments: Sequence[Object]) -> list[Object]:
    found: list[Object] = []
    pending = [(argument, 0) for argument in reversed(arguments)]
    while pending:
        argument, depth = pending.pop()
        match argument:
            case FunctionObject():
                found.append(argument)
            case Wrapped():
                found.extend(argument.functions)
            case RecordObject() if depth < 2:
                walked(len(argument.entries))
                pending.extend((entry, depth + 1) for entry in reversed(argument.entries.values()))
            case ListObject() if depth < 2:
                below = argument.needing()
                walked(len(below))
                pending.extend((element, depth + 1) for element in reversed(below))
            case Choice():
                pending.extend((option, depth + 1) for option in reversed(argument.options))
    return _few(found)


def _parameter_names(function: Object) -> list[str]:
    if not isinstance(function, FunctionObject):
        return []
    targets = [
        parameter.pattern.target
        if isinstance(parameter.pattern, syntax.DefaultPattern)
        else parameter.pattern
        for parameter in function.node.parameters
    ]
    return [target.id if isinstance(target, syntax.NamePattern) else "" for target in targets][
        len(function.bound) :
    ]
