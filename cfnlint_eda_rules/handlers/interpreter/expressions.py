"""Expressions: what each evaluates to, in evaluation order."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from cfnlint_eda_rules.depth import LEVELS_AT_ONCE, TooDeep, crowded, on_fresh_stack
from cfnlint_eda_rules.handlers import syntax
from cfnlint_eda_rules.handlers.interpreter import (
    conditions,
    memos,
    modules,
    statements,
)
from cfnlint_eda_rules.handlers.interpreter.objects import (
    MAX_ELEMENTS,
    FunctionObject,
    Instance,
    ListObject,
    RecordObject,
    choose,
    concatenate,
    constant,
    derived,
    key_name,
    literal,
    needs_of,
    nothing,
    sliced,
)
from cfnlint_eda_rules.handlers.interpreter.paths import MISSING
from cfnlint_eda_rules.handlers.interpreter.protocol import NOTHING, Arguments, Known, Object
from cfnlint_eda_rules.handlers.interpreter.state import State
from cfnlint_eda_rules.handlers.symbolic_values import Environment, Text


def evaluate(m: State, node: syntax.Expression) -> Object:
    """The object that an expression gives. On a path that has ended, nothing runs and everything is
    unknown.
    """
    if m.path is None:
        return Object()
    if type(node) is syntax.Constant:
        m.step(1)
        return literal(node.value)
    m.step()
    m.level += 1
    if m.level % LEVELS_AT_ONCE or not crowded():
        found = _EVALUATE.get(type(node), _opaque)(m, node)
    else:
        found = _deeper(m, node)
    m.level -= 1
    return found


def _deeper(m: State, node: syntax.Expression) -> Object:
    try:
        return on_fresh_stack(lambda: _EVALUATE.get(type(node), _opaque)(m, node))
    except TooDeep:
        return Object()


def _name(m: State, node: syntax.Name) -> Object:
    scope = m.frame.scope.find(node.id)
    if scope is not None:
        return scope.variables[node.id]
    return modules.global_name(m, node.id)


def _attribute(m: State, node: syntax.Attribute) -> Object:
    return m.get_attribute(evaluate(m, node.value), node.name)


def _index(m: State, node: syntax.Index) -> Object:
    subject = evaluate(m, node.value)
    if isinstance(node.key, syntax.Opaque):
        return sliced(subject, [evaluate(m, bound) for bound in node.key.children], m)
    return m.get_item(subject, evaluate(m, node.key))


def _invoke(m: State, node: syntax.Invoke) -> Object:
    this: Object | None = None
    match node.function:
        case syntax.Attribute(value=owner, name=name):
            this = evaluate(m, owner)
            function = m.get_attribute(this, name)
        case syntax.Index(value=owner, key=key) if not isinstance(key, syntax.Opaque):
            this = evaluate(m, owner)
            function = m.get_item(this, evaluate(m, key))
        case _:
            function = evaluate(m, node.function)
    arguments = received(m, node.arguments)
    if m.path is None:
        return Object()
    before = m.site
    m.site = node
    try:
        return construct(m, function, arguments) if node.new else m.call(function, arguments, this)
    finally:
        m.site = before


def construct(m: State, function: Object, arguments: Arguments) -> Object:
    """`new function(...)`."""
    if not isinstance(function, FunctionObject):
        return m.call(function, arguments)
    made = RecordObject()
    prototype = function.attributes.get("prototype")
    if isinstance(prototype, RecordObject):
        made.update(prototype, m)
    returned = m.enter(function, arguments, made)
    return returned if isinstance(returned, RecordObject | Instance) else made


def received(m: State, arguments: list[syntax.Argument]) -> Arguments:
    """Arguments evaluated, spreads taken apart as far as they are known."""
    found = Arguments([], {})
    for argument in arguments:
        value = evaluate(m, argument.value)
        if argument.name == "**":
            entries, partial = m.entries(value)
            found.named.update(entries)
            found.partial = found.partial or partial
        elif argument.spread:
            elements, partial = m.elements(value)
            room = max(0, MAX_ELEMENTS - len(found.positional))
            found.positional.extend(elements[:room])
            found.partial = found.partial or partial or len(elements) > room
        elif argument.name is not None:
            found.named[argument.name] = value
        else:
            found.positional.append(value)
    return found


def _template(m: State, node: syntax.Template) -> Object:
    return concatenate([evaluate(m, part) for part in node.parts])


def _binary(m: State, node: syntax.Binary) -> Object:
    return operate(m, node.operator, evaluate(m, node.left), evaluate(m, node.right))


def operate(m: State, operator: str, left: Object, right: Object) -> Object:
    """`left operator right`."""
    one, other = constant(left), constant(right)
    if operator == "+":
        if isinstance(left, ListObject) and isinstance(right, ListObject):
            return ListObject(
                (*left.elements, *right.elements), left.partial or right.partial, depth=m.loops
            )
        if _is_text(left) or _is_text(right):
            return concatenate([left, right])
    special = m.language.operate(operator, left, right, m)
    if special is not None:
        return special
    number = _arithmetic(operator, one, other)
    if number is not None:
        return literal(number, left.needs | right.needs)
    return derived(operator, left, right)


def _is_text(subject: Object) -> bool:
    if isinstance(subject, Known):
        return isinstance(subject.known, Text | Environment) or isinstance(constant(subject), str)
    return False


def _arithmetic(operator: str, one: Any, other: Any) -> int | float | None:
    if (
        not isinstance(one, int | float)
        or not isinstance(other, int | float)
        or abs(one) > 1e15
        or abs(other) > 1e15
    ):
        return None
    result: int | float
    match operator:
        case "+":
            result = one + other
        case "-":
            result = one - other
        case "*":
            result = one * other
        case "/" if other:
            result = one / other
        case "//" if other:
            result = one // other
        case "%" if other:
            result = one % other
        case _:
            return None
    return result if math.isfinite(result) else None


def _compare(m: State, node: syntax.Compare) -> Object:
    return _outcome(
        conditions.compare(m, node.operator, evaluate(m, node.left), evaluate(m, node.right))
    )


def _not(m: State, node: syntax.Not) -> Object:
    return _outcome(conditions.assess(m, node))


def _outcome(test: conditions.Test) -> Object:
    return Object(test.text, test.needs) if test.truth is None else literal(test.truth, test.needs)


def _logical(m: State, node: syntax.Logical) -> Object:
    result = evaluate(m, node.operands[0])
    for operand in node.operands[1:]:
        if m.path is None:
            return result
        result = _alternative(m, node, result, operand)
    return result


def _alternative(
    m: State, node: syntax.Logical, left: Object, operand: syntax.Expression
) -> Object:
    nullish = node.operator == "default"
    test = conditions.equals(m, left, nothing()).negated() if nullish else conditions.plain(m, left)
    if node.operator == "and":
        if test.truth is False:
            return left
        if test.truth is True:
            return evaluate(m, operand)
        # What counts of `x && y` is y: the other outcome is nothing.
        found: list[Object] = []
        m.either(
            [
                (test.otherwise(m.path), lambda: None),
                (test.then(m.path), lambda: found.append(evaluate(m, operand))),
            ],
            test.needs,
        )
        return _and(left, found[0]) if found else left
    if test.truth is True:
        return left
    memo = memos.memo_operand(m, node, operand)
    if test.truth is False:
        with m.within(m.context.once(memo)):
            return evaluate(m, operand)

    def fallback() -> Object:
        with m.within(m.context.once(memo)):
            return evaluate(m, operand)

    right: list[Object] = []
    m.either(
        [
            (test.then(m.path), lambda: None),
            (test.otherwise(m.path), lambda: right.append(fallback())),
        ],
        test.needs,
    )
    return defaulted(left, right[0]) if right else left


def _and(left: Object, right: Object) -> Object:
    if constant(right) is MISSING:
        return right
    return Object(
        f"{left.text()} and {right.text()}" if left.text() else "", needs_of(left) | needs_of(right)
    )


def defaulted(subject: Object, default: Object) -> Object:
    """`subject or default`: an empty default says nothing more, and an environment variable is the
    template's to know.
    """
    if (
        isinstance(subject, Known)
        and isinstance(subject.known, Environment)
        and constant(default) is not MISSING
    ):
        return subject
    empty = (isinstance(default, RecordObject) and not default.entries) or (
        isinstance(default, ListObject) and not default.elements
    )
    known = constant(default)
    if (empty or (known is not MISSING and not known)) and constant(subject) is MISSING:
        return subject
    options = [subject, default] if constant(subject) is MISSING or constant(subject) else [default]
    return choose(options, needs_of(subject))


def _conditional(m: State, node: syntax.Conditional) -> Object:
    test = conditions.assess(m, node.test)
    ways: list[tuple[Any, Callable[[], Object | None]]] = [
        (test.then(m.path), lambda: evaluate(m, node.then)),
        (test.otherwise(m.path), lambda: evaluate(m, node.otherwise)),
    ]
    reached = [way for way in ways if way[0] is not None]
    if len(reached) == 1 and test.truth is not None:
        return evaluate(m, node.then if test.truth else node.otherwise)
    return m.either(reached, test.needs)


def _collection(m: State, node: syntax.Collection) -> Object:
    made = ListObject(depth=m.loops)
    elements: list[Object] = []
    partial = False
    for item in node.items:
        if isinstance(item, syntax.Spread):
            more, unknown = m.elements(evaluate(m, item.value))
            room = max(0, MAX_ELEMENTS - len(elements))
            elements.extend(more[:room])
            partial = partial or unknown or len(more) > room
        else:
            elements.append(evaluate(m, item))
    made.cells["elements"] = tuple(elements)
    made.cells["partial"] = partial
    return made


def _mapping(m: State, node: syntax.Mapping) -> Object:
    made = RecordObject()
    for key, item in node.pairs:
        value = evaluate(m, item)
        if key is None:
            made.update(value, m)
            continue
        name = key_name(evaluate(m, key))
        if name is None:
            made.flags["partial"] = True
            made.needs |= needs_of(value)
        else:
            made.entries[name] = value
    return made


def _sequence(m: State, node: syntax.Sequence) -> Object:
    *before, last = node.items
    for item in before:
        evaluate(m, item)
    return evaluate(m, last)


def _await(m: State, node: syntax.Await) -> Object:
    return m.join(evaluate(m, node.value))


def _yield(m: State, node: syntax.Yield) -> Object:
    value = nothing() if node.value is None else evaluate(m, node.value)
    frame = m.frame
    if frame.on_yield is not None:
        return frame.on_yield(value)
    if node.delegate:
        frame.yields.extend(m.elements(value)[0])
    elif not any(value is known for known in frame.yields):
        frame.yields.append(value)
    return Object()


def _lambda(m: State, node: syntax.Lambda) -> Object:
    return statements.function_object(m, node.function)


def _class(m: State, node: syntax.ClassExpression) -> Object:
    return statements.class_object(m, node.definition)


def _comprehension(m: State, node: syntax.Comprehension) -> Object:
    subject = evaluate(m, node.iterable)
    if node.asynchronous:
        subject = m.join(subject)
    keys: list[Object] = []
    filtered = False

    def element(item: Object, index: Object) -> Object:
        nonlocal filtered
        statements.bind(m, node.target, item)
        path = m.path
        for condition in node.conditions:
            test = conditions.assess(m, condition)
            if test.truth is not True:
                filtered = True
            if m.path is not None:
                m.path = test.then(m.path)
        if m.path is None:
            m.path = path
            return _SKIPPED
        if node.key is not None:
            keys.append(evaluate(m, node.key))
        value = evaluate(m, node.element)
        if path is not None and m.path is not None:
            m.path = path.after(m.path.before)
        return value

    results, partial = m.each(subject, element)
    results = [result for result in results if result is not _SKIPPED]
    partial = partial or filtered
    if node.key is None:
        inner = node.element
        if isinstance(inner, syntax.Comprehension) and inner.key is None:
            flat = [m.elements(result) for result in results]
            return ListObject(
                [item for items, _ in flat for item in items],
                partial or any(more for _, more in flat),
                depth=m.loops,
            )
        return ListObject(results, partial, depth=m.loops)
    made = RecordObject(partial=partial)
    for key, value in zip(keys, results, strict=False):
        name = key_name(key)
        if name is None:
            made.flags["partial"] = True
            made.needs |= needs_of(value)
        else:
            made.entries[name] = value
    return made


_SKIPPED = Object()


def _bind(m: State, node: syntax.Bind) -> Object:
    value = statements.evaluate_for(m, node.target, node.value)
    statements.bind(m, node.target, value)
    return value


def _import(m: State, node: syntax.Import) -> Object:
    return m.language.imported(node.module, m)


def _keys(m: State, node: syntax.Keys) -> Object:
    return derived("key", evaluate(m, node.value))


def _spread(m: State, node: syntax.Spread) -> Object:
    return evaluate(m, node.value)


def _opaque(m: State, node: Any) -> Object:
    if not isinstance(node, syntax.Opaque):
        return Object()
    children = [evaluate(m, child) for child in node.children]
    needs = NOTHING
    for child in children:
        needs |= needs_of(child)
    texts = [child.text() for child in children]
    return Object(f"of({', '.join(texts)})" if texts and all(texts) else "", needs)


_EVALUATE: dict[type, Callable[[State, Any], Object]] = {
    syntax.Name: _name,
    syntax.Attribute: _attribute,
    syntax.Index: _index,
    syntax.Invoke: _invoke,
    syntax.Template: _template,
    syntax.Binary: _binary,
    syntax.Compare: _compare,
    syntax.Logical: _logical,
    syntax.Not: _not,
    syntax.Conditional: _conditional,
    syntax.Collection: _collection,
    syntax.Mapping: _mapping,
    syntax.Spread: _spread,
    syntax.Keys: _keys,
    syntax.Await: _await,
    syntax.Yield: _yield,
    syntax.Lambda: _lambda,
    syntax.ClassExpression: _class,
    syntax.Comprehension: _comprehension,
    syntax.Bind: _bind,
    syntax.Sequence: _sequence,
    syntax.Import: _import,
    syntax.Opaque: _opaque,
}
