"""Access to objects: attributes, items, elements, entries, and what they are bound to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cfnlint_eda_rules.budget import walked
from cfnlint_eda_rules.handlers.interpreter import unknowns
from cfnlint_eda_rules.handlers.interpreter.objects import (
    MAX_ELEMENTS,
    Choice,
    FunctionObject,
    Instance,
    ListObject,
    Method,
    RecordObject,
    choose,
    constant,
    is_nothing,
    literal,
    needs_of,
)
from cfnlint_eda_rules.handlers.interpreter.paths import (
    MISSING,
)
from cfnlint_eda_rules.handlers.interpreter.protocol import (
    Arguments,
    Object,
    Promise,
)
from cfnlint_eda_rules.handlers.interpreter.state import MAX_UNROLLED, State


class Access(State):
    """Reads objects and makes them (`protocol.Objects`)."""

    def member(self, subject: Object, name: str) -> Object:
        self.look(subject, name)
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
        if key is not None and subject.needs:
            self.look(subject, constant(key))
        if isinstance(subject, RecordObject) and subject.unnamed is not None:
            return subject.unnamed
        return unknowns.element(subject, key)

    def put_into(self, subject: Object, key: Object | str, value: Object) -> None:
        needs = needs_of(value)
        if needs:
            name = key if isinstance(key, str) else constant(key)
            unknowns.put_into(subject, name if isinstance(name, str) else None, needs)

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
                with self.within(self.context.looped("pass", index)):
                    results.append(action(element, literal(index)))
            return results, False
        one = self.iterate(subject)
        with self.within(self.context.looped()):
            for _ in range(passes):
                results = [action(one, Object("index"))]
        return results, True
