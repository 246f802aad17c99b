"""Calls: functions entered, classes instantiated, and what unknown functions may do."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from cfnlint_eda_rules.handlers.interpreter import statements
from cfnlint_eda_rules.handlers.interpreter.functions import few, functions_in, parameter_names
from cfnlint_eda_rules.handlers.interpreter.language import Models, Semantics
from cfnlint_eda_rules.handlers.interpreter.objects import (
    ClassObject,
    Coroutine,
    ErrorValue,
    Failure,
    FunctionObject,
    Instance,
    ListObject,
    Scope,
    Wrapped,
    argument_needs,
    constant,
    event_path,
    nothing,
)
from cfnlint_eda_rules.handlers.interpreter.paths import (
    End,
    Path,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    NOTHING,
    Arguments,
    Known,
    Object,
    Promise,
)
from cfnlint_eda_rules.handlers.interpreter.state import Context, Frame, Program, State

MAX_CALL_DEPTH = 40
_MAKES_FUNCTIONS = re.compile(
    r"wrap|with|decorat|capture|instrument|bind|once|memo|cache|limit|throttle|debounce|partial|curry|compose|middy|retry",
    re.I,
)
_GIVES_INSTANCES = re.compile(
    r"\.(resolve|get)(Async)?$"
)  # what containers of dependencies call it


class Calls(State):
    """Calls functions (`protocol.Calling`)."""

    def __init__(self, program: Program, language: Semantics, models: Models) -> None:
        super().__init__(program, language, models)
        self._active: dict[int, list[tuple[object, ...]]] = {}
        self._depth = 0
        self._ordinals: dict[tuple[int, tuple[object, ...]], int] = {}
        # What runs at the `yield`s of the generator entered next.
        self._hook: Callable[[Object], Object] | None = None

    def invoke(self, function: Object, positional: Sequence[Object] = ()) -> Object:
        return self.call(function, Arguments(list(positional), {}))

    def call(self, function: Object, arguments: Arguments, this: Object | None = None) -> Object:
        """Calls anything; `this` is what a method is called on."""
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
        function = function.fitting(arguments)
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
        # Twice in itself, a function has shown what its recursion does.
        activations = self._active.setdefault(id(node), [])
        if entry is None or self._depth >= MAX_CALL_DEPTH or len(activations) >= 2:
            return Object("", argument_needs(arguments))
        # A recursive call is another pass over the same code: its calls are the same calls.
        recursion = len(activations) == 1
        stack = activations[0] if recursion else (*self.context.stack, id(self.site))
        since = len(self.touched)
        activations.append(stack)
        saved = (self.frame, self.context, self.site)
        scope = Scope(function.scope)
        mark = self.trail.mark()
        self.frame = Frame(function, scope, mark, entry, on_yield=self._hook)
        self._hook = None
        self.context = self._entered(function, stack, recursion)
        self._depth += 1
        try:
            received = self.language.bind_receiver(function, arguments, this, scope)
            statements.bind_parameters(self, function, received)
            statements.execute(self, node.body)
            frame = self.frame
            result = self._leave(frame, node.generator)
        finally:
            self._depth -= 1
            self.frame, self.context, self.site = saved
            activations.pop()
        if recursion:
            self.mark_polls(since, entry.decided)
        return result

    def _entered(
        self, function: FunctionObject, stack: tuple[object, ...], recursion: bool
    ) -> Context:
        """The context in a function that is called here."""
        outer = self.context
        home, through = outer.home, outer.through
        if not self._depth or (function.file == self.program.entry and home != function.file):
            # What wraps the handler may lie elsewhere: the lines of its own module count.
            home, through = function.file, 0
        elif outer.file == home:
            through = self.site.line
        return outer._replace(
            stack=stack,
            file=function.file,
            loops=outer.loops + recursion,
            home=home,
            through=through,
        )

    def _leave(self, frame: Frame, generator: bool) -> Object:
        if self.path is not None:
            frame.returns.append(End(self.path, self.trail.difference(frame.mark), nothing()))
        self.trail.undo(frame.mark)
        frame.returns = [_handed_on(end, frame.entry) for end in frame.returns]
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
            or self._depth >= MAX_CALL_DEPTH
            or len(self._active.get(id(function.node), ())) >= 2
        ):
            return None
        if function.bound:
            arguments = Arguments(
                [*function.bound, *arguments.positional], arguments.named, arguments.partial
            )
        self._hook = at_yield
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
            self._run(constructor.fitting(arguments), arguments, instance)
            return instance
        filled = self.language.fill(instance, arguments, self)
        if kind.foreign() is not None and not filled:
            instance.needs |= argument_needs(arguments)
            statements.inherit(self, instance, arguments)
        return instance

    def awaited_call(self, function: Object, positional: Sequence[Object]) -> Object:
        result = self.invoke(function, positional)
        return self.join(result) if isinstance(result, Coroutine) else result

    def branch(self, functions: Sequence[tuple[Object, Sequence[Object]]]) -> Object:
        ways = [
            lambda function=function, given=given: self.invoke(function, given)
            for function, given in functions
        ]
        return self.alternatives(ways) if ways else Object()

    def checkpointed(self, function: Object, positional: Sequence[Object] = ()) -> Object:
        with self.within(self.context._replace(durable=True)):
            return self.awaited_call(function, positional)

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
        with self.within(self.context.once()):
            return action()

    def unknown_call(self, function: Object, arguments: Arguments) -> Object:
        needs = function.needs | argument_needs(arguments)
        given = [*arguments.positional, *arguments.named.values()]
        functions = functions_in(given)
        for argument in given:
            if type(argument) is Object:
                argument.needs |= needs  # it may be written into: `image.save(buffer)`
        expression = f"{function.expression}()#{self._ordinal()}" if function.expression else ""
        answer = Object(expression, needs)
        if (
            _GIVES_INSTANCES.search(function.expression)
            and len(given) == 1
            and isinstance(given[0], ClassObject)
        ):
            return self.instantiate(given[0], Arguments([], {}))
        if isinstance(function, Wrapped):
            functions = few([*function.functions, *functions])
        if functions and (
            self.context.start_up or _MAKES_FUNCTIONS.search(function.expression.rpartition(".")[2])
        ):
            return Wrapped(
                expression,
                tuple(functions),
                needs,
                None if self.context.start_up else self._deferred(functions),
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
            results = [self.awaited_call(function, ()) for function in functions]
            promise = Promise(results[-1])
            for result in results:
                promise.absorb(result)
            return promise

        return self.deferred(action)

    def _call_back(self, function: Object, passed: Object) -> Object:
        names = parameter_names(function)
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
        if self.context.start_up:
            functions = few([*wrapped.functions, *functions_in(given)])
            return Wrapped(wrapped.expression, tuple(functions), wrapped.needs)
        results = [self.call(function, arguments) for function in wrapped.functions]
        if len(results) == 1:
            return results[0]
        promise = Promise(results[-1])
        for result in results:
            promise.absorb(result)
        return promise if promise.pending else results[-1]

    def _ordinal(self) -> str:
        """A number for the place at hand: the same for every pass over it."""
        key = (id(self.site), self.context.stack)
        return str(self._ordinals.setdefault(key, len(self._ordinals) + 1))


def _handed_on(end: End, entry: Path) -> End:
    """A way out of a function, whose nothing or false says that there was an error."""
    value = end.value
    if entry.error or not end.path.error or not isinstance(value, Known):
        return end
    return replace(end, value=Failure(value)) if constant(value) in (None, False) else end
