"""What a simple name means in a Java file: a variable, a field, a type of the file or of another.

A type of another file is named by where it may be (`anywhere`): Java looks a simple name up in the
imports, then in the package at hand, then in the packages that are imported as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from cfnlint_eda_rules.handlers import syntax as s
from cfnlint_eda_rules.records import dataclass

AMONG = " of "
INJECTED = "inject "


def anywhere(name: str, packages: tuple[str, ...]) -> str:
    """How an `Import` names a type that is in one of several packages."""
    return f"{name}{AMONG}{';'.join(packages)}"


def candidates(module: str) -> Iterator[str]:
    """The full names that a type may have which is named by `anywhere`, or by its full name."""
    name, among, packages = module.partition(AMONG)
    if not among:
        yield name
    for package in packages.split(";") if among else ():
        yield f"{package}.{name}" if package else name


def parted(name: str) -> tuple[str, str]:
    """A full name as the file's class and the nested class in it: "a.b.Order.Line" is "a.b.Order"
    and "Line".
    """
    parts = name.split(".")
    first = next((i for i, part in enumerate(parts) if part[:1].isupper()), len(parts) - 1)
    return ".".join(parts[: first + 1]), ".".join(parts[first + 1 :])


@dataclass(slots=True)
class ClassNames:
    """What a class declares: its fields, by the attribute that holds each ("" for those of the
    class itself), and its methods, with whether they are the class's own.
    """

    name: str
    fields: dict[str, str] = field(default_factory=dict)
    methods: dict[str, bool] = field(default_factory=dict)
    inherits: bool = False
    local: bool = False


@dataclass(slots=True)
class Names:
    """The names that are known at one place of a file."""

    package: str = ""
    imports: dict[str, str] = field(default_factory=dict)
    packages: list[str] = field(default_factory=list)
    members: dict[str, str] = field(default_factory=dict)
    types_of_members: list[str] = field(default_factory=list)
    declared: set[str] = field(default_factory=set)
    classes: list[ClassNames] = field(default_factory=list)
    variables: list[set[str]] = field(default_factory=list)

    def is_variable(self, name: str) -> bool:
        """Whether it is a local variable or parameter."""
        return any(name in scope for scope in reversed(self.variables))

    def declare(self, name: str) -> None:
        """Adds a local variable."""
        if self.variables:
            self.variables[-1].add(name)

    def this(self, owner: ClassNames, line: int) -> s.Expression:
        """The instance of a class around the place."""
        name = "this" if owner is self.classes[-1] else f"this {owner.name}"
        return s.Name(name, line=line)

    def field(self, name: str, line: int) -> s.Expression | None:
        """The field of that name of a class around the place; None when there is none."""
        for owner in reversed(self.classes):
            attribute = owner.fields.get(name)
            if attribute == "":
                return s.Name(f"{owner.name}.{name}", line=line)
            if attribute is not None:
                return s.Attribute(self.this(owner, line), attribute, line=line)
        return None

    def variable(self, name: str, line: int) -> s.Expression:
        """What a simple name means in an expression."""
        if self.is_variable(name):
            return s.Name(name, line=line)
        found = self.field(name, line)
        if found is not None:
            return found
        if name in self.members:
            return s.Attribute(s.Import(self.members[name], line=line), name, line=line)
        if name[:1].isupper() and not self._is_inherited(name):
            return self.type(name, line)
        return self._inherited(name, line) or s.Name(name, line=line)

    def _is_inherited(self, name: str) -> bool:
        """Whether a name in capitals is that of a constant of another class."""
        known = name in self.imports or self.nested(name) is not None
        return not known and name.isupper() and "_" in name

    def _inherited(self, name: str, line: int) -> s.Expression | None:
        owner = next((one for one in reversed(self.classes) if one.inherits), None)
        if owner is not None:
            return s.Attribute(self.this(owner, line), name, line=line)
        if self.types_of_members:
            return s.Attribute(s.Import(self.types_of_members[0], line=line), name, line=line)
        return None

    def method(self, name: str, line: int) -> s.Expression:
        """What a call without an object calls."""
        for owner in reversed(self.classes):
            if name in owner.methods:
                own = owner.methods[name] and not owner.local
                place = s.Name(owner.name, line=line) if own else self.this(owner, line)
                return s.Attribute(place, name, line=line)
        if name in self.members:
            return s.Attribute(s.Import(self.members[name], line=line), name, line=line)
        inherited = self._inherited(name, line)
        return inherited or s.Attribute(s.Name("this", line=line), name, line=line)

    def nested(self, name: str) -> str | None:
        """The full name in this file of a class of that name; None when there is none."""
        for owner in reversed(self.classes):
            if f"{owner.name}.{name}" in self.declared:
                return f"{owner.name}.{name}"
        return name if name in self.declared else None

    def full(self, name: str) -> str:
        """How an `Import` names a type of another file."""
        first, _, rest = name.partition(".")
        if first in self.imports:
            return f"{self.imports[first]}.{rest}" if rest else self.imports[first]
        if rest and first[:1].islower():
            return name
        packages = tuple(dict.fromkeys((self.package, "java.lang", *self.packages)))
        return anywhere(name, packages)

    def type(self, name: str, line: int) -> s.Expression:
        """The type that a name, simple or not, means."""
        first, *rest = name.split(".")
        own = self.nested(first)
        if self.is_variable(first) and not rest:
            return s.Name(first, line=line)
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
