"""What a simple name means in a C# file: a variable, a member, a type of the file or of another.

A type of another file is named by where it may be (`anywhere`): C# looks a simple name up in the
namespaces around the place, then in those that the file uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field

from cfnlint_eda_rules.handlers import syntax as s
from cfnlint_eda_rules.records import dataclass

AMONG = " of "
INJECTED = "inject "
INHERITED_OR_TYPE = "inherited or type"
OWN_CONSTRUCTOR = "own constructor"
_WRAPPER = "_Generated"
_INTERFACE = re.compile(r"I[A-Z]")


def anywhere(name: str, namespaces: tuple[str, ...]) -> str:
    """How an `Import` names a type that is in one of several namespaces."""
    return f"{name}{AMONG}{';'.join(namespaces)}"


def candidates(module: str) -> Iterator[str]:
    """The full names that a type may have which is named by `anywhere`, or by its full name."""
    name, among, namespaces = module.partition(AMONG)
    if not among:
        yield name
    for namespace in namespaces.split(";") if among else ():
        yield f"{namespace}.{name}" if namespace else name


def simple(module: str) -> str:
    """The last part of a type's name."""
    return module.partition(AMONG)[0].rpartition(".")[2]


def is_interface(name: str) -> bool:
    """Whether a type is named as interfaces are: `IOrders`."""
    return _INTERFACE.match(name.rpartition(".")[2]) is not None


@dataclass(slots=True)
class ClassNames:
    """What a class declares: its members, with whether they are the class's own, and whether it
    has members of a class that it inherits from.
    """

    name: str
    members: dict[str, bool] = field(default_factory=dict)
    inherits: bool = False


@dataclass(slots=True)
class Names:
    """The names that are known at one place of a file."""

    namespace: str = ""
    used: list[str] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    static: list[str] = field(default_factory=list)
    declared: set[str] = field(default_factory=set)
    classes: list[ClassNames] = field(default_factory=list)
    variables: list[set[str]] = field(default_factory=list)

    def is_variable(self, name: str) -> bool:
        """Whether it is a local variable, function or parameter."""
        return any(name in scope for scope in reversed(self.variables))

    def declare(self, name: str) -> None:
        """Adds a local variable."""
        if self.variables:
            self.variables[-1].add(name)

    def member(self, name: str, line: int) -> s.Expression | None:
        """The member of that name of a class around the place; None when there is none."""
        for owner in reversed(self.classes):
            if name in owner.members:
                place = owner.name if owner.members[name] else "this"
                return s.Attribute(s.Name(place, line=line), name, line=line)
        return None

    def _inherited(self, name: str, line: int) -> s.Expression | None:
        if self.classes and self.classes[-1].inherits:
            return s.Attribute(s.Name("this", line=line), name, line=line)
        return None

    def variable(self, name: str, line: int) -> s.Expression:
        """What a simple name means as a value."""
        if self.is_variable(name):
            return s.Name(name, line=line)
        found = self.member(name, line)
        if found is not None:
            return found
        if self.nested(name) is not None:
            return self.type(name, line)
        return self._inherited(name, line) or s.Name(name, line=line)

    def receiver(self, name: str, line: int) -> s.Expression:
        """What a simple name means before a dot: a type, too."""
        if self.is_variable(name) or not name[:1].isupper():
            return self.variable(name, line)
        found = self.member(name, line)
        if found is not None:
            return found
        if self.nested(name) is None and self.classes and self.classes[-1].inherits:
            given = [s.Name("this"), s.Constant(name), s.Constant(self.full(name))]
            arguments = [s.Argument(one) for one in given]
            return s.Invoke(s.Name(INHERITED_OR_TYPE), arguments, line=line)
        return self.type(name, line)

    def method(self, name: str, line: int) -> s.Expression:
        """What a call without an object calls."""
        if self.is_variable(name):
            return s.Name(name, line=line)
        found = self.member(name, line) or self._inherited(name, line)
        if found is None and self.static:
            return s.Attribute(s.Import(self.static[0], line=line), name, line=line)
        return found or s.Name(name, line=line)

    def nested(self, name: str) -> str | None:
        """The full name in this file of a type of that name; None when there is none."""
        for owner in reversed(self.classes):
            if f"{owner.name}.{name}" in self.declared:
                return f"{owner.name}.{name}"
        return name if name in self.declared else None

    def full(self, name: str) -> str:
        """How an `Import` names a type of another file."""
        first, _, rest = name.partition(".")
        if first in self.aliases:
            return f"{self.aliases[first]}.{rest}" if rest else self.aliases[first]
        parts = self.namespace.split(".") if self.namespace else []
        around = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
        return anywhere(name, tuple(dict.fromkeys((*around, "", *self.used))))

    def type(self, name: str, line: int) -> s.Expression:
        """The type that a name, simple or not, means."""
        first, *rest = name.split(".")
        own = self.nested(first)
        if own is None:
            return s.Import(self.full(name), line=line)
        found = ".".join((own, *rest))
        return s.Name(found if found in self.declared else own, line=line)

    def injected(self, name: str, line: int) -> s.Expression:
        """What a container of dependencies gives for a type."""
        own = self.nested(name)
        if own is not None:
            return s.Invoke(s.Name("inject"), [s.Argument(s.Name(own, line=line))], line=line)
        return s.Import(INJECTED + self.full(name), line=line)


def wrapped_type(name: str) -> str:
    """The type whose method Lambda Annotations wraps in a type of this name: `Shop.Orders` of
    `Shop.Orders_Add_Generated`; any other name as it is.
    """
    if not name.endswith(_WRAPPER):
        return name
    start = max(name.rfind("."), name.rfind("+")) + 1
    kind, _, method = name[start:].removesuffix(_WRAPPER).partition("_")
    return name[:start] + kind if method else name
