"""Statements: control flow over sets of finished calls, assignments, and definitions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from cfnlint_eda_rules.depth import LEVELS_AT_ONCE, TooDeep, crowded, on_fresh_stack
from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.answers import tells_failure
from cfnlint_eda_rules.handlers.interpreter import (
    conditions,
    constructs,
    expressions,
    memos,
    modules,
)
from cfnlint_eda_rules.handlers.interpreter.objects import (
    ClassObject,
    Coroutine,
    ErrorValue,
    FunctionObject,
    Instance,
    ListObject,
    RecordObject,
    Scope,
    constant,
    derived,
    is_nothing,
    literal,
    needs_of,
    nothing,
    sliced,
)
from cfnlint_eda_rules.handlers.interpreter.paths import MISSING, NO_GUARDS, End, Path
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    NOTHING,
    Arguments,
    Known,
    Native,
    Object,
    Promise,
)
from cfnlint_eda_rules.handlers.interpreter.state import MAX_UNROLLED, Frame, Loop, State
from cfnlint_eda_rules.handlers.symbolic_values import ContextField
from cfnlint_eda_rules.records import dataclass

PASSES = 2  # over a loop's body: the second sees what the first leaves behind
MAX_NAMES = 40  # of a record whose names a loop goes through: what bundlers export
NESTED = 3  # loops deep, from where one pass has to do


def execute(m: State, body: Sequence[syntax.Statement]) -> None:
    """Runs statements; `m.path` is None afterwards when none of the ways through falls through."""
    m.level += 1
    if m.level % LEVELS_AT_ONCE or not crowded():
        _execute(m, body)
    else:
        with suppress(TooDeep):
            on_fresh_stack(lambda: _execute(m, body))
    m.level -= 1


def _execute(m: State, body: Sequence[syntax.Statement]) -> None:
    for position, statement in enumerate(body):
        if m.path is None:
            return
        m.step()
        if (
            isinstance(statement, syntax.If)
            and not m.context.start_up
            and memos.memo_return(m, statement, body[position + 1 :])
        ):
            execute_one(m, statement)
            with m.within(m.context.once()):
                execute(m, body[position + 1 :])
            return
        execute_one(m, statement)


def execute_one(m: State, statement: syntax.Statement) -> None:
    """Runs one statement."""
    match statement:
        case syntax.Do(value=value):
            expressions.evaluate(m, value)
        case syntax.Assign():
            _assign(m, statement)
        case syntax.Return(value=value):
            result = nothing() if value is None else expressions.evaluate(m, value)
            leave(m, m.frame.returns, m.frame.mark, result)
        case syntax.Raise(value=value):
            if value is not None:
                expressions.evaluate(m, value)
            abandon(m)
        case syntax.Break(label=label):
            _jump(m, label, breaks=True)
        case syntax.Continue(label=label):
            _jump(m, label, breaks=False)
        case syntax.If():
            _if(m, statement)
        case syntax.For():
            subject = _iterable(m, statement.iterable)
            _for(m, statement, m.join(subject) if statement.asynchronous else subject)
        case syntax.While():
            _while(m, statement)
        case syntax.Try():
            _try(m, statement)
        case syntax.With():
            _with(m, statement)
        case syntax.Switch():
            _switch(m, statement)
        case syntax.Block(body=body, label=label):
            if label is None:
                execute(m, body)
            else:
                _breakable(m, label, lambda: execute(m, body))
        case syntax.FunctionDefinition(function=function):
            assign_name(m, syntax.NamePattern(function.name), decorated(m, function))
        case syntax.ClassDefinition(definition=definition):
            assign_name(m, syntax.NamePattern(definition.name), class_object(m, definition))
        case syntax.ImportFrom():
            modules.import_from(m, statement)
        case syntax.Export(name=name, value=value):
            modules.export(m, name, expressions.evaluate(m, value))
        case _:
            return


# --------------------------------------------------------------------------------------------------


def leave(m: State, collected: list[End], mark: int, value: Object | None = None) -> None:
    """Ends the path at hand here: what it has done goes on where `collected` is merged."""
    if m.path is not None:
        collected.append(End(m.path, m.trail.difference(mark), value))
    m.path = None


def abandon(m: State) -> None:
    """Ends the path at hand with an error (or the process's end)."""
    if m.path is not None:
        decided = m.path.decided - m.frame.entry.decided
        m.frame.raised |= decided
        m.raised.append(m.path.decided)
    m.path = None


def _jump(m: State, label: str | None, breaks: bool) -> None:
    for loop in reversed(m.frame.loops):
        if (
            label is None
            and (breaks or not loop.breakable_only)
            and not (loop.label is not None and loop.breakable_only)
        ) or (label is not None and loop.label == label):
            leave(m, loop.breaks if breaks else loop.continues, loop.mark)
            return
    m.path = None


@dataclass(slots=True)
class _Captured:
    """The ways out of a frame, kept aside while a piece of code runs that something has to follow
    on every way out.
    """

    returns: list[End]
    loops: list[tuple[Loop, list[End], list[End]]]


def _capture(frame: Frame) -> _Captured:
    captured = _Captured(
        frame.returns, [(loop, loop.breaks, loop.continues) for loop in frame.loops]
    )
    frame.returns = []
    for loop in frame.loops:
        loop.breaks, loop.continues = [], []
    return captured


def _release(frame: Frame, captured: _Captured) -> list[tuple[list[End], End]]:
    """Puts the ways out back; returns those taken meanwhile, each with the list it belongs to."""
    taken = [(captured.returns, end) for end in frame.returns]
    frame.returns = captured.returns
    for loop, breaks, continues in captured.loops:
        taken += [(breaks, end) for end in loop.breaks] + [
            (continues, end) for end in loop.continues
        ]
        loop.breaks, loop.continues = breaks, continues
    return taken


def followed(m: State, body: Callable[[], None], final: Callable[[], None]) -> None:
    """Runs `body`, then `final` on every way out of it (`finally`, a context manager's exit)."""
    entry, frame, mark, since = m.path, m.frame, m.trail.mark(), len(m.touched)
    captured = _capture(frame)
    body()
    taken = _release(frame, captured)
    normal = None if m.path is None else End(m.path, m.trail.difference(mark))
    m.trail.undo(mark)
    ends = [*([normal] if normal else []), *(end for _, end in taken)]
    if ends:
        m.meet(ends)
    elif entry is not None:
        m.path = entry.after(m.touched[since:])
    before = m.path.before if m.path is not None else NOTHING
    final()
    if m.path is None:
        return
    added = m.path.before - before
    for collected, end in taken:
        collected.append(replace(end, path=end.path.after(added)))
    m.path = None if normal is None else normal.path.after(added)


# --------------------------------------------------------------------------------------------------


def _if(m: State, node: syntax.If) -> None:
    test = conditions.assess(m, node.test)
    if m.path is None:
        return
    memo = not m.context.start_up and memos.memo_test(m, node.test, node.body)

    def body() -> None:
        with m.within(m.context.once(memo)):
            execute(m, node.body)

    if test.truth is not None:
        m.path = m.path.under(NO_GUARDS, test.needs)
        if test.truth:
            body()
        else:
            execute(m, node.orelse)
        return
    m.either(
        [(test.then(m.path), body), (test.otherwise(m.path), lambda: execute(m, node.orelse))],
        test.needs,
    )


def _switch(m: State, node: syntax.Switch) -> None:
    subject = expressions.evaluate(m, node.subject)
    _breakable(m, None, lambda: _cases(m, node, subject)) if node.falls_through else _cases(
        m, node, subject
    )


def _cases(m: State, node: syntax.Switch, subject: Object) -> None:
    groups: list[tuple[list[syntax.Expression], bool, syntax.Expression | None, int]] = []
    values: list[syntax.Expression] = []
    default = False
    for position, case in enumerate(node.cases):
        values = [*values, *case.values]
        default = default or not case.values
        if case.body or not node.falls_through or position == len(node.cases) - 1:
            groups.append((values, default, case.guard, position))
            values, default = [], False
    entry = m.path
    ways: list[tuple[Path | None, Callable[[], Object | None]]] = []
    rest = entry
    needs = NOTHING
    others: list[int] = []
    for values, default, guard, position in groups:
        if default:
            others.append(position)
            if node.falls_through:
                continue
            values = []
        if rest is None:
            break
        m.path = entry
        options = [expressions.evaluate(m, value) for value in values]
        test = conditions.member_of(m, subject, options) if options else conditions.Test(True)
        if constant(subject) is True and options:
            test = conditions.plain(m, options[0])  # `switch (true) { case x > 1: ... }`
        needs |= test.needs
        taken = test.then(rest)
        if guard is not None and taken is not None:
            m.path = taken
            second = conditions.assess(m, guard)
            taken = second.then(m.path)
            needs |= second.needs
            test = conditions.Test(None if test.truth is not False else False, test.needs)
        ways.append((taken, lambda position=position: _run_case(m, node, position)))  # type: ignore[misc]
        rest = test.otherwise(rest)
    for position in others if node.falls_through else []:
        ways.append((rest, lambda position=position: _run_case(m, node, position)))  # type: ignore[misc]
        rest = None
    if rest is not None:
        ways.append((rest, lambda: None))
    m.path = entry
    m.either([way for way in ways if way[0] is not None], needs)


def _run_case(m: State, node: syntax.Switch, position: int) -> None:
    for case in (
        node.cases[position:] if node.falls_through else node.cases[position : position + 1]
    ):
        execute(m, case.body)


def _breakable(m: State, label: str | None, body: Callable[[], None]) -> None:
    loop = Loop(label, m.trail.mark(), breakable_only=True)
    m.frame.loops.append(loop)
    body()
    m.frame.loops.pop()
    ends = [*_ending(m, loop), *loop.breaks]
    m.trail.undo(loop.mark)
    m.meet(ends)


def _ending(m: State, loop: Loop) -> list[End]:
    return [] if m.path is None else [End(m.path, m.trail.difference(loop.mark))]


# --------------------------------------------------------------------------------------------------


def _begin(m: State, label: str | None) -> Loop:
    loop = Loop(label, m.trail.mark())
    m.frame.loops.append(loop)
    return loop


def _again(m: State, loop: Loop) -> None:
    """Goes on where the end of the body and its `continue`s meet."""
    if not loop.continues:
        return
    ends = [*_ending(m, loop), *loop.continues]
    loop.continues = []
    m.trail.undo(loop.mark)
    m.meet(ends)


@dataclass(slots=True)
class _Leaving:
    """What left a loop other than by its end, to tell what decides how long it goes on."""

    returns: int
    raised: int
    touched: int


def _watch(m: State) -> _Leaving:
    return _Leaving(len(m.frame.returns), len(m.raised), len(m.touched))


@dataclass(slots=True)
class _Earlier:
    """What an earlier pass finished, and how many ways out there were then."""

    calls: frozenset[int]
    breaks: int
    returns: int
    ends: int


def _next_pass(m: State, loop: Loop, entry: Path, ends: list[End]) -> _Earlier:
    """Starts another pass. Order within a pass is what counts: what passes run one after another
    says nothing of calls started together.
    """
    path = m.path
    assert path is not None
    m.path = replace(path, before=entry.before)
    return _Earlier(path.before, len(loop.breaks), len(m.frame.returns), len(ends))


def _recall(m: State, loop: Loop, earlier: _Earlier | None, ends: list[End]) -> None:
    """Adds what an earlier pass finished to the ways out of later ones."""
    if earlier is None:
        return
    for collected, start in (
        (loop.breaks, earlier.breaks),
        (m.frame.returns, earlier.returns),
        (ends, earlier.ends),
    ):
        collected[start:] = [
            replace(end, path=end.path.after(earlier.calls)) for end in collected[start:]
        ]


def _finish(
    m: State,
    loop: Loop,
    watch: _Leaving,
    entry: Path,
    ends: list[End],
    orelse: Sequence[syntax.Statement],
    tested: frozenset[int],
    polls: frozenset[int] | None,
) -> None:
    m.frame.loops.pop()
    m.trail.undo(loop.mark)
    gone = NOTHING
    for end in m.frame.returns[watch.returns :]:
        gone |= end.path.decided
    exits = gone | tested
    for end in loop.breaks:
        exits |= end.path.decided
    if polls is not None:
        # Giving up with an error is not what a loop waits for.
        m.mark_polls(watch.touched, exits - entry.decided, polls)
    for decided in m.raised[watch.raised :]:
        gone |= decided
    needs = (exits | gone) - entry.decided
    if orelse:
        m.meet(ends, needs)
        execute(m, orelse)
        ends = _ending(m, loop)
        m.trail.undo(loop.mark)
    m.meet([*ends, *loop.breaks], needs)
    if m.path is not None:
        m.path = replace(m.path, guards=entry.guards, decided=entry.decided | gone)


def _iterable(m: State, node: syntax.Expression) -> Object:
    """What a loop goes through."""
    if isinstance(node, syntax.Keys):
        subject = expressions.evaluate(m, node.value)
        if isinstance(subject, RecordObject):
            return ListObject([literal(name) for name in subject.entries], subject.partial)
        return ListObject([derived("key", subject)], True)
    return expressions.evaluate(m, node)


def _for(m: State, node: syntax.For, subject: Object) -> None:
    entry = m.path
    if entry is None:
        return
    elements, partial = m.elements(subject)
    loop = _begin(m, node.label)
    watch = _watch(m)
    counted = isinstance(subject, constructs.Counter)
    repeats: frozenset[int] | None = None
    if (
        not partial
        and not counted
        and len(elements) <= (MAX_NAMES if isinstance(node.iterable, syntax.Keys) else MAX_UNROLLED)
    ):
        for index, element in enumerate(elements):
            if m.path is None:
                break
            with m.within(m.context.looped("pass", index)):
                bind(m, node.target, m.join(element) if node.asynchronous else element)
                execute(m, node.body)
            _again(m, loop)
            repeats = _returns(m, entry) if repeats is None else repeats
        ends = _ending(m, loop)
        constants = all(constant(element) is not MISSING for element in elements)
        _finish(
            m, loop, watch, entry, ends, node.orelse, NOTHING, polls=repeats if constants else None
        )
        return
    element = m.iterate(subject)
    ends = [End(entry, {})]
    earlier: _Earlier | None = None
    with m.within(m.context.looped()):
        for count in range(1 if m.loops >= NESTED else PASSES):
            if count:
                earlier = _next_pass(m, loop, entry, ends)
            bind(m, node.target, m.join(element) if node.asynchronous else element)
            execute(m, node.body)
            _again(m, loop)
            repeats = _returns(m, entry) if not count else repeats
            if m.path is None:
                break
    ends += _ending(m, loop)
    _recall(m, loop, earlier, ends)
    if counted and len(ends) > 1 and not ends[-1].path.error:
        ends = ends[1:]
    _finish(m, loop, watch, entry, ends, node.orelse, NOTHING, polls=repeats if counted else None)


def _while(m: State, node: syntax.While) -> None:
    entry = m.path
    if entry is None:
        return
    loop = _begin(m, node.label)
    watch = _watch(m)
    ends: list[End] = []
    tested = NOTHING
    repeats: frozenset[int] | None = None

    def test() -> bool:
        nonlocal tested
        if node.test is None or m.path is None:
            return m.path is not None
        found = conditions.assess(m, node.test)
        tested |= found.needs
        out = found.otherwise(m.path)
        if out is not None and m.path is not None:
            ends.append(End(replace(out, decided=m.path.decided), m.trail.difference(loop.mark)))
        m.path = found.then(m.path)
        return m.path is not None

    earlier: _Earlier | None = None
    with m.within(m.context.looped()):
        for count in range(1 if m.loops >= NESTED else PASSES):
            if count:
                earlier = _next_pass(m, loop, entry, ends)
            if (node.test_first or count) and not test():
                break
            execute(m, node.body)
            _again(m, loop)
            repeats = _returns(m, entry) if not count else repeats
            execute(m, node.update)
            if m.path is None:
                break
        test()
    _recall(m, loop, earlier, ends)
    _finish(m, loop, watch, entry, ends, node.orelse, tested, polls=repeats)


def _returns(m: State, entry: Path) -> frozenset[int] | None:
    """The calls of a pass that another follows, where the end of a loop's body is reached without
    an error; None where it is not: a loop that only tries again after errors is no polling.
    """
    path = m.path
    if path is None or (path.error and not entry.error):
        return None
    if any(map(tells_failure, path.guards - entry.guards)):
        return None
    return path.before - entry.before


# --------------------------------------------------------------------------------------------------


def _try(m: State, node: syntax.Try) -> None:
    if node.final:
        followed(m, lambda: _try_body(m, node), lambda: execute(m, node.final))
    else:
        _try_body(m, node)


def _try_body(m: State, node: syntax.Try) -> None:
    entry = m.path
    if entry is None:
        return
    mark, since, returned = m.trail.mark(), len(m.touched), len(m.frame.returns)
    raised = m.frame.raised
    execute(m, node.body)
    execute(m, node.orelse)
    ends = [] if m.path is None else [End(m.path, m.trail.difference(mark))]
    m.trail.undo(mark)
    made = frozenset(m.touched[since:])
    if node.handlers:
        m.frame.raised = raised
    # The error may come anywhere: before what the body writes, or after all of it.
    states = [End(entry, {}), *ends, *(end for end in m.frame.returns[returned:] if end.written)]
    for handler in node.handlers:
        if len(states) > 1:
            m.meet(states)
        m.path = replace(entry, before=entry.before | made, error=True)
        if handler.target is not None:
            bind(m, handler.target, ErrorValue("error", made))
        execute(m, handler.body)
        if m.path is not None:
            ends.append(End(m.path, m.trail.difference(mark)))
        m.trail.undo(mark)
    m.meet(ends)


def _with(m: State, node: syntax.With) -> None:
    manager = expressions.evaluate(m, node.value)
    if isinstance(manager, Promise | Coroutine) and node.asynchronous:
        manager = m.join(manager)
    if isinstance(manager, constructs.Managed):
        _managed(m, manager, node)
        return
    names = m.special_names
    enter = _context_method(m, manager, node, names.enter_waiting, names.enter)
    leaving = _context_method(m, manager, node, names.leave_waiting, names.leave)
    entered = manager if enter is None else m.call(enter, Arguments([], {}))
    if node.asynchronous:
        entered = m.join(entered)
    if node.target is not None:
        bind(m, node.target, entered)
    if leaving is None:
        execute(m, node.body)
        return

    def exit_manager() -> None:
        result = m.call(leaving, Arguments([nothing(), nothing(), nothing()], {}))
        if node.asynchronous:
            m.join(result)

    followed(m, lambda: execute(m, node.body), exit_manager)


def _context_method(
    m: State, manager: Object, node: syntax.With, waiting: str, plain: str
) -> Object | None:
    found = constructs.special(m, manager, waiting) if node.asynchronous and waiting else None
    return found or (constructs.special(m, manager, plain) if plain else None)


def _managed(m: State, manager: Object, node: syntax.With) -> None:
    """Runs a generator made a context manager, with the body of `with` in the place of its
    `yield`.
    """
    assert isinstance(manager, constructs.Managed)
    outer = (m.frame, m.context, m.site)
    taken: list[tuple[list[End], End]] = []
    reached: list[tuple[frozenset[int], bool]] = []

    def at_yield(value: Object) -> Object:
        inner = (m.frame, m.context, m.site)
        m.frame, m.context, m.site = outer
        mark = m.trail.mark()
        captured = _capture(m.frame)
        if node.target is not None:
            bind(m, node.target, value)
        execute(m, node.body)
        left = _release(m.frame, captured)
        ends = [] if m.path is None else [End(m.path, m.trail.difference(mark))]
        normal = bool(ends)
        m.trail.undo(mark)
        m.meet([*ends, *(end for _, end in left)])
        taken.extend(left)
        if m.path is not None:
            reached.append((m.path.before, normal))
        m.frame, m.context, m.site = inner
        return nothing()

    result = m.run_managed(manager.function, manager.arguments, at_yield)
    if m.path is None or not reached:
        for collected, end in taken:
            collected.append(end)
        if result is None:
            execute(m, node.body)
        return
    before, normal = (
        frozenset.intersection(*(found for found, _ in reached)),
        any(arrives for _, arrives in reached),
    )
    added = m.path.before - before
    for collected, end in taken:
        collected.append(replace(end, path=end.path.after(added)))
    if not normal:
        m.path = None


# --------------------------------------------------------------------------------------------------


def _assign(m: State, node: syntax.Assign) -> None:
    if node.value is None:
        undefined = m.language.undefined()
        if isinstance(node.target, syntax.NamePattern) and undefined is not None:
            assign_name(m, node.target, undefined)
        return
    value = evaluate_for(m, node.target, node.value)
    if m.path is None:
        return
    if node.augmented:
        value = _augmented(m, node.target, value)
    bind(m, node.target, typed(m, value, node.annotation))


def evaluate_for(m: State, target: syntax.Pattern, value: syntax.Expression) -> Object:
    """Evaluates the value that is assigned to `target`."""
    if not isinstance(value, syntax.Logical) or not isinstance(target, syntax.NamePattern):
        return expressions.evaluate(m, value)
    with m.within(m.context._replace(assigning=target.id)):
        return expressions.evaluate(m, value)


def _augmented(m: State, target: syntax.Pattern, value: Object) -> Object:
    match target:
        case syntax.NamePattern(id=name):
            current = expressions.evaluate(m, syntax.Name(name))
        case syntax.MemberPattern(target=expression):
            current = expressions.evaluate(m, expression)
        case _:
            return value
    changed = m.language.augment(current, value, m)
    if changed is not None:
        return changed
    if (
        m.loops
        and isinstance(constant(current), int | float)
        and not isinstance(constant(current), bool)
    ):
        return derived("sum", current, value)
    joined = expressions.operate(m, "+", current, value)
    if m.loops and isinstance(joined, Known):
        return Object("", needs_of(joined))
    return joined


def assign_name(m: State, target: syntax.NamePattern, value: Object) -> None:
    """Binds a variable in the scope that declares it."""
    scope: Scope | None = m.frame.scope
    if not target.declares:
        scope = m.frame.scope.find(target.id) or modules.module_scope(m.frame.scope)
    assert scope is not None
    if scope.module:
        value = m.language.module_variable(target.id, value)
    m.write(scope.variables, target.id, value)


def bind(m: State, target: syntax.Pattern, value: Object) -> None:
    """Assigns `value` to a pattern, taking it apart as the pattern does."""
    match target:
        case syntax.NamePattern():
            assign_name(m, target, value)
        case syntax.MemberPattern(target=syntax.Attribute(value=owner, name=name)):
            _set_attribute(m, expressions.evaluate(m, owner), name, value)
        case syntax.MemberPattern(target=syntax.Index(value=owner, key=key)):
            subject = expressions.evaluate(m, owner)
            found = Object() if isinstance(key, syntax.Opaque) else expressions.evaluate(m, key)
            if m.path is not None:
                subject.set_item(found, value, m)
        case syntax.ListPattern(items=items, rest=rest):
            for index, item in enumerate(items):
                if item is None:
                    continue
                if rest == index:
                    bind(m, item, _remaining(m, value, index, len(items) - index - 1))
                else:
                    from_end = rest is not None and index > rest
                    bind(
                        m,
                        item,
                        m.get_item(value, literal(index - len(items) if from_end else index)),
                    )
        case syntax.MappingPattern(pairs=pairs, rest=rest_target):
            for field_name, item in pairs:
                bind(
                    m, item, Object() if field_name is None else m.get_attribute(value, field_name)
                )
            if rest_target is not None:
                bind(
                    m,
                    rest_target,
                    _rest(m, value, [taken for taken, _ in pairs if taken is not None]),
                )
        case syntax.DefaultPattern(target=inner, default=default):
            bind(m, inner, _defaulted(m, value, default))
        case _:
            return


def _remaining(m: State, value: Object, before: int, after: int) -> Object:
    if isinstance(value, ListObject) and not value.partial:
        return ListObject(value.elements[before : len(value.elements) - after], depth=m.loops)
    return sliced(value, (), m)


def _set_attribute(m: State, owner: Object, name: str, value: Object) -> None:
    if m.path is not None:
        owner.set_attribute(name, value, m)


def _rest(m: State, value: Object, taken: Sequence[str]) -> Object:
    if not isinstance(value, RecordObject):
        return Object(f"rest({value.text()})" if value.text() else "", needs_of(value))
    return RecordObject(
        {name: entry for name, entry in value.entries.items() if name not in taken},
        value.partial,
        value.needs,
    )


def _defaulted(m: State, value: Object, default: syntax.Expression) -> Object:
    if is_nothing(value):
        return expressions.evaluate(m, default)
    if constant(value) is not MISSING or (
        not isinstance(value, Known) and type(value) is not Object
    ):
        return value
    return expressions.defaulted(value, expressions.evaluate(m, default))


def bind_parameters(m: State, function: FunctionObject, arguments: Arguments) -> None:
    """Binds a call's arguments to the parameters in the frame at hand."""
    named = dict(arguments.named)
    positional = list(arguments.positional)
    m.frame.scope.variables.update(m.language.implicit_variables(arguments))
    used = 0
    for parameter in function.node.parameters:
        name = parameter.pattern.id if isinstance(parameter.pattern, syntax.NamePattern) else None
        if parameter.kind == "rest":
            bind(
                m,
                parameter.pattern,
                ListObject(positional[used:], arguments.partial, depth=m.loops),
            )
            used = len(positional)
        elif parameter.kind == "keywords":
            bind(m, parameter.pattern, RecordObject(named, arguments.partial))
        elif name is not None and name in named:
            bind(m, parameter.pattern, named.pop(name))
        elif used < len(positional) and parameter.kind == "positional":
            value = typed(m, positional[used], parameter.annotation)
            used += 1
            missing = m.language.nothing_is_missing and is_nothing(value)
            if parameter.default is not None and missing:
                value = expressions.evaluate(m, parameter.default)
            bind(m, parameter.pattern, value)
        elif arguments.partial:
            bind(m, parameter.pattern, typed(m, Object(name or ""), parameter.annotation))
        elif parameter.default is not None:
            bind(m, parameter.pattern, expressions.evaluate(m, parameter.default))
        else:
            known = typed(m, Object(name or ""), parameter.annotation)
            if function.node.kind == "constructor" and type(known) is Object:
                known = _injected(m, function, parameter.annotation) or known
            bind(
                m,
                parameter.pattern,
                nothing() if m.language.nothing_is_missing and type(known) is Object else known,
            )


def _injected(m: State, function: FunctionObject, annotation: str | None) -> Object | None:
    """What a container of dependencies gives a constructor that is called without: an instance of
    the class that the parameter names.
    """
    scope = function.scope.find(annotation) if annotation else None
    kind = None if scope is None or annotation is None else scope.variables.get(annotation)
    return m.instantiate(kind, Arguments([], {})) if isinstance(kind, ClassObject) else None


def typed(m: State, value: Object, annotation: str | None) -> Object:
    """What is known of a value that is annotated with a type: the type's model, where nothing else
    is.
    """
    if annotation is None:
        return value
    unknown = type(value) is Object or (
        isinstance(value, Known) and value.known == ContextField("")
    )
    return (m.models.annotated(annotation) or value) if unknown else value


# --------------------------------------------------------------------------------------------------


def function_object(m: State, node: syntax.Function) -> FunctionObject:
    """The function as a value, closed over the scope at hand."""
    return FunctionObject(node, m.frame.scope, m.file)


def decorated(m: State, node: syntax.Function, function: FunctionObject | None = None) -> Object:
    """The function with its decorators applied, innermost first."""
    made: Object = function_object(m, node) if function is None else function
    for decorator in reversed(node.decorators):
        made = _decorate(m, decorator, made)
    return made


def _decorate(m: State, decorator: syntax.Expression, subject: Object) -> Object:
    found = expressions.evaluate(m, decorator)
    if constructs.keeps_function(found):
        return subject
    before = m.site
    m.site = decorator
    try:
        if isinstance(found, FunctionObject):
            result = m.call(found, Arguments([subject], {}))
            return result if not is_nothing(result) else subject
        if isinstance(found, ClassObject):
            return m.instantiate(found, Arguments([subject], {}))
        if isinstance(found, Native) and found.on_call is not None:
            result = found.call(Arguments([subject], {}), m)
            # A model that registers the function need not return it.
            return subject if type(result) is Object or is_nothing(result) else result
        return subject
    finally:
        m.site = before


def class_object(m: State, node: syntax.Class) -> Object:
    """The class as a value, its fields evaluated."""
    scope = Scope(m.frame.scope)
    made = ClassObject(
        node, m.frame.scope, [expressions.evaluate(m, base) for base in node.bases], m.file
    )
    for method in node.methods:
        function = FunctionObject(method, m.frame.scope, m.file)
        function.owner = made
        result = decorated(m, method, function)
        key = f"{method.name} =" if method.kind == "setter" else method.name
        first = made.members.get(key) if m.language.overloads else None
        if isinstance(first, FunctionObject) and isinstance(result, FunctionObject):
            first.overloads = (*first.overloads, result)
            continue
        made.members[key] = result
        scope.variables[method.name] = result
    outer = m.frame.scope
    m.frame.scope = scope
    scope.variables["this"] = made
    try:
        for assigned in node.fields:
            if assigned.value is not None and isinstance(assigned.target, syntax.NamePattern):
                value = expressions.evaluate(m, assigned.value)
                made.members[assigned.target.id] = value
                scope.variables[assigned.target.id] = value
            elif assigned.value is not None:
                bind(m, assigned.target, expressions.evaluate(m, assigned.value))
    finally:
        m.frame.scope = outer
    result_object: Object = made
    for decorator in reversed(node.decorators):
        found = expressions.evaluate(m, decorator)
        if isinstance(found, FunctionObject):
            m.call(found, Arguments([made], {}))
    return result_object


def initialise(m: State, kind: ClassObject, instance: Instance) -> None:
    """Sets the instance fields that a class declares."""
    if not kind.node.instance_fields:
        return
    outer, context = m.frame.scope, m.context
    scope = Scope(kind.scope)
    scope.variables["this"] = instance
    m.frame.scope, m.context = scope, context._replace(file=kind.file)
    try:
        for assigned in kind.node.instance_fields:
            value = nothing() if assigned.value is None else expressions.evaluate(m, assigned.value)
            if isinstance(assigned.target, syntax.NamePattern):
                m.write(instance.attributes, assigned.target.id, value)
            else:
                bind(m, assigned.target, value)
    finally:
        m.frame.scope, m.context = outer, context


def inherit(m: State, instance: Instance, arguments: Arguments) -> None:
    """Keeps what an instance of a library's class was made with."""
    for name, value in arguments.named.items():
        m.write(instance.attributes, name, value)
