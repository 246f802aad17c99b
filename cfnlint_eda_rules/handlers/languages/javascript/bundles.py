"""Recognises what a bundler (esbuild, webpack, rollup) has inlined into one file: which parts are a
package's, and which package's.

A package's part is not read at all: where the program names it, it has the package's model, as if
it were imported. It is told by the path that the bundler left (the comment above a module, the key
of its wrapper) or, minified, by what no minifier changes: names of properties, and texts.
Statements of a large bundle that nothing leads to from what it exports are left out.

https://esbuild.github.io/api/#bundle, https://webpack.js.org/concepts/modules/,
https://rollupjs.org/introduction/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from typing import TYPE_CHECKING

from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.catalogue.operations import is_service, service_of_class
from cfnlint_eda_rules.records import dataclass

if TYPE_CHECKING:
    from tree_sitter import Node

PREFIX = "npm:"  # no module that a file may import is called so

MOST_STATEMENTS = 60_000

_USUAL = 1 << 20  # characters of a file that is no bundle
_PUNCTUATION = "(,;={[+."
_MOST_OWN = 2_000_000  # characters of the program's own modules
_DENSEST = 0.22  # minified bundles have 0.07 to 0.2

_SIGNATURE = "AWS4-HMAC-SHA256"
_USER_AGENT = "aws-sdk-"

_LARGE = 60_000  # bytes of one scope, from which on what nothing leads to is left out
_DEEPEST = 4  # functions around a bundle's statements
_HEAD = 4_000  # characters that tell what a class is
_LARGEST_CLASS = 100_000  # bytes of one that is looked through
_HELPER = 800  # bytes of a bundler's own function
_LONG_LINE = 200  # characters: on average, where a file is minified
_SMALL_CLASS = 40
_SMALL = 300  # bytes of a module that only hands another one on
_LONGEST = 50  # links of a chain

_MARK = re.compile(r"node_modules/|__commonJS|__webpack_|exports:\s*\{\s*\}|AWS4-HMAC-SHA256")
# esbuild's, webpack's
_LABEL = re.compile(
    r"//[ \t]+(?:CONCATENATED MODULE: )?([^\s:][^\n]{0,400}\.(?:[cm]?[jt]sx?|json))"
    r"(?: \+ \d+ modules)?\s*"
)
_LABEL_LINE = re.compile(r"^// (?:CONCATENATED MODULE: )?([\w.@/~-]{1,400})$", re.MULTILINE)
_WORD = re.compile(r"(?:(?<![\w$.])|(?<=\.\.\.))[A-Za-z_$][\w$]*")
_STRING = re.compile(r""""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""")
_GLOBALS = frozenset(("Object", "Array", "Reflect", "Symbol", "Promise", "JSON", "Math"))
_INIT = re.compile(r"(?<![\w$.])([A-Za-z_$][\w$]{0,60})\(\)")
_RUN_ONCE = re.compile(r"\((\w+)=0\)")
_EXPORT = r"""(?:\.|["'{,\s])%s["']?\s*(?:=(?![=>])|:\s*\(\)\s*=>|,\s*\(\)\s*=>)"""
_CLIENT = re.compile(_EXPORT % r"([A-Za-z]\w{1,60})Client")
_VERSION_2 = re.compile(r"""\bdefineService\(\s*["']([\w-]{2,60})["']""")
_BUILDER = re.compile(
    r"""(?<![\w$])([\w$]{1,80})\s{0,20}=\s{0,20}\(?(?:0,\s{0,20})?[\w$./*\s]{1,80}\)?"""
    r"""\([^()]{1,900},\s{0,20}"\w{2,60}",\s{0,20}"(\w{2,60})Client","""
)
_BUILT = re.compile(
    r"""\bextends\s{0,20}\(?\s{0,20}([\w$]{1,60})\([^"']{0,300}["'](\w{2,80})["'],"""
)
_COMMAND = re.compile(
    r"""\.n\(\s*["'](\w{2,60})Client["'],\s*["'](\w{2,80})Command["']\s*\)"""
    r"""|clientName\s*[:=]\s*["'](\w{2,60})Client["'][\s,;]*(?:const\s+)?commandName\s*[:=]\s*["'](\w{2,80})Command["']"""
)
_HANDS_ON = re.compile(
    r"""[\w$(),\s]{1,80}(?:=>)?\s{0,20}\{\s{0,20}(?:["']use strict["'];)?\s{0,20}"""
    r"""[\w$]{1,80}\.exports\s{0,20}=\s{0,20}([\w$]{1,80})\(\);?\s{0,20}\}"""
)
_SDK_IMPORT = re.compile(r"""["'](?:@aws-sdk/|aws-sdk["'/])""")
_CLIENT_COMMAND = re.compile(r"clientCommand\s*=\s*new\s+(?:[\w$]{1,80}\.)?([\w$]{1,80})\(")

_FUNCTIONS = frozenset({"arrow_function", "function_expression", "generator_function"})
_CLASSES = frozenset({"class_declaration", "class"})
_DECLARED = frozenset(
    {"function_declaration", "generator_function_declaration", "class_declaration"}
)
_DECLARATIONS = frozenset({"variable_declaration", "lexical_declaration"})
_NAMED = _FUNCTIONS | _CLASSES | _DECLARED
_CHAINS = {
    "member_expression": "object",
    "subscript_expression": "object",
    "call_expression": "function",
    "binary_expression": "left",  # `(function (kinds) {...})(Kinds || (Kinds = {}))`
}


@dataclass(frozen=True, slots=True)
class Library:
    """What stands for a package's module, or for what it exports as `symbol`.

    `module`  `npm:` and the module's name, or its file inside `node_modules`.
    `wrapped` whether it is a function that gives the module.
    """

    module: str
    symbol: str = ""
    wrapped: bool = False


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A module made by a function, which runs when the module is first asked for; where it is
    `exporting` it is given `exports` and `module`, and the module answers with its exports.
    """

    function: Node
    exporting: bool


@dataclass(slots=True)
class Bundle:
    """What is special about a bundle's nodes, by their ids.

    `inlined`    declarations, assignments and members that are read as something else.
    `dropped`    statements, declarators, parts of a comma expression that are not read.
    `wrappers`   names of functions that give a package's module.
    `namespaces` names of functions that make a namespace of a module that is no ES module.
    """

    inlined: dict[int, Library | Wrapped] = field(default_factory=dict)
    dropped: set[int] = field(default_factory=set)
    wrappers: set[str] = field(default_factory=set)
    namespaces: set[str] = field(default_factory=set)
    told: Callable[[Node], Library | None] = field(default=lambda node: None)

    def class_(self, node: Node) -> Library | None:
        """What a class or function expression of a package is, wherever it stands."""
        return self.told(node) if node.end_byte - node.start_byte > _SMALL_CLASS else None


def recognise(root: Node, encoded: bytes, text: str) -> Bundle | None:
    """What of a file's tree is a package's; None when the file is no bundle.

    Raises ValueError for a file of more statements than any bundle has.
    """
    if _is_no_bundle(text):
        return None
    recogniser = _Recogniser(encoded, text)
    recogniser.scope(root.named_children, 0)
    recogniser.bundle.told = recogniser.library
    return recogniser.bundle


def too_dense(text: str) -> bool:
    """Whether a large text has so much in it for its length as no bundle has, which would cost
    memory to parse.
    """
    size = len(text)
    return size > _USUAL and sum(map(text.count, _PUNCTUATION)) > size * _DENSEST


def too_much_of_its_own(text: str) -> bool:
    """Whether more of a text is no package's than any program has: it would take too long to
    parse. A minified text does not tell.
    """
    if len(text) <= _MOST_OWN:
        return False
    return _is_no_bundle(text) or _labelled_own(text) > _MOST_OWN


def _is_no_bundle(text: str) -> bool:
    return not _MARK.search(text) and text.count("\n") * _LONG_LINE > len(text)


def _labelled_own(text: str) -> int:
    """The characters below the paths of the program's own modules, data aside."""
    labels = [(found.start(), found[1]) for found in _LABEL_LINE.finditer(text)]
    ends = [start for start, _ in labels[1:]] + [len(text)]
    return sum(
        end - start
        for (start, path), end in zip(labels, ends, strict=False)
        if not package_file(path) and not path.endswith(".json")
    )


def holds_sdk(text: str) -> bool:
    """Whether a file has the AWS SDK for JavaScript in it.

    Both versions carry the name of their signature's algorithm (Signature Version 4) and their user
    agent's (`aws-sdk-js`, `aws-sdk-nodejs`), minified or not. Code that signs a request by hand has
    the first alone.
    """
    return _SIGNATURE in text and _USER_AGENT in text


def package_file(path: str) -> str:
    """The part of a path below the innermost `node_modules`; "" for a file of no package."""
    _, found, below = path.replace("\\", "/").rpartition("node_modules/")
    return below if found else ""


@dataclass(slots=True)
class _Item:
    """A part of a scope that is read or left out as a whole.

    `declares`, `touches` are names: what it makes, what it may change (None: more than is known).
    `value` is the function, class or expression behind it.
    """

    node: Node
    declares: tuple[str, ...]
    touches: tuple[str, ...] | None
    value: Node | None = None


class _Recogniser:
    def __init__(self, encoded: bytes, text: str) -> None:
        self.encoded = encoded
        self.bundle = Bundle()
        self.builders = [(found.start(), found[1], found[2]) for found in _BUILDER.finditer(text)]
        self.packages = [
            row for row in load("bundled_packages") if all(mark in text for mark in row["marks"])
        ]
        self.left = MOST_STATEMENTS
        self.large = len(encoded) > _LARGE
        self.makers: dict[str, bool] = {}
        self.symbols: dict[str, Library] = {}
        self.modules: dict[str, str] = {}
        self.inits: dict[str, tuple[str, ...]] = {}

    def text(self, node: Node, most: int = 1 << 30) -> str:
        end = min(node.end_byte, node.start_byte + most)
        return self.encoded[node.start_byte : end].decode("utf-8", "replace")

    # ----------------------------------------------------------------------------------------------

    def scope(self, nodes: list[Node], depth: int) -> None:
        """Goes through the statements of a scope that modules are inlined in."""
        items: list[_Item] = []
        package = ""
        for node in nodes:
            if node.type == "comment":
                label = _LABEL.fullmatch(self.text(node, 500))
                package = package if label is None else package_file(label[1])
                continue
            for item in self.items(node):
                self.left -= 1
                if self.left < 0:
                    raise ValueError("too many statements")
                if package:
                    self.inline(item, package)
                else:
                    self.recognise(item)
                    items.append(item)
        self.aggregate(items)
        if self.large:
            self.set_aside(items)
        if nodes and nodes[-1].end_byte - nodes[0].start_byte > _LARGE:
            self.leave_out(items)
        if depth < _DEEPEST:
            for item in items:
                if item.node.id not in self.bundle.dropped:
                    self.descend(item, depth + 1)

    def items(self, node: Node) -> Iterator[_Item]:
        kind = node.type
        if kind in _DECLARATIONS:
            for declarator in node.named_children:
                if declarator.type == "variable_declarator":
                    names = tuple(self.names(declarator.child_by_field_name("name")))
                    yield _Item(declarator, names, (), declarator.child_by_field_name("value"))
        elif kind in _DECLARED:
            yield _Item(node, tuple(self.names(node.child_by_field_name("name"))), (), node)
        elif kind == "expression_statement" and node.named_children:
            parts = list(_parts(node.named_children[0]))
            for part in parts:
                yield self.effect(node if len(parts) == 1 else part, part)
        else:
            yield _Item(node, (), None)

    def names(self, pattern: Node | None) -> list[str]:
        if pattern is None:
            return []
        if pattern.type == "identifier":
            return [self.text(pattern)]
        return _WORD.findall(self.text(pattern, _HEAD))

    def effect(self, node: Node, part: Node) -> _Item:
        """An expression whose value nobody uses."""
        if part.type == "assignment_expression":
            left = part.child_by_field_name("left")
            return _Item(node, (), self.roots([left]), part.child_by_field_name("right"))
        if part.type in ("call_expression", "new_expression"):
            function = part.child_by_field_name("function")
            given = part.child_by_field_name("arguments")
            subjects = [] if function is None or function.type == "identifier" else [function]
            for argument in () if given is None else given.named_children:
                subjects += _values(argument) if argument.type == "object" else [argument]
            touches = tuple(name for name in self.roots(subjects) if name not in _GLOBALS)
            if not touches and function is not None and function.type != "identifier":
                touches = tuple(self.words(part))
            return _Item(node, (), touches or None, part)
        return _Item(node, (), None, part)

    def roots(self, nodes: Iterable[Node | None]) -> tuple[str, ...]:
        """The variables that chains begin with: `a` of `a.b.c`."""
        found = []
        for node in nodes:
            for _ in range(_LONGEST):
                if node is None or node.type not in _CHAINS:
                    break
                node = node.child_by_field_name(_CHAINS[node.type])
            if node is not None and node.type in ("identifier", "shorthand_property_identifier"):
                found.append(self.text(node))
        return tuple(found)

    # ----------------------------------------------------------------------------------------------

    def inline(self, item: _Item, file: str) -> None:
        """A part of the package's module `file`: not read, but for its name."""
        name = item.declares[0] if len(item.declares) == 1 else ""
        if not name:
            self.bundle.dropped.add(item.node.id)
        elif item.value is not None and _module_function(item.value) is not None:
            self.bundle.wrappers.add(name)
            self.bundle.inlined[item.node.id] = Library(PREFIX + file, wrapped=True)
        else:
            self.bundle.inlined[item.node.id] = Library(PREFIX + file, _exported(name, file))
            self.helper(item)

    def recognise(self, item: _Item) -> None:
        """A part of the program's own, or of a package that no path tells."""
        value = item.value
        if value is None:
            return
        self.helper(item)
        names = item.declares or item.touches or ()
        found: Library | Wrapped | None = None
        if value.type == "call_expression":
            found = self.wrapper(value) or self.paginator(value) or self.instance(value)
        elif value.type == "object":
            self.table(value)
        if found is None and value.type in _NAMED:
            found = self.library(value)
        if found is None or not names:
            return
        self.bundle.inlined[item.node.id] = found
        if isinstance(found, Wrapped) and not found.exporting:
            self.inits[names[0]] = self.assigned(found.function)
        elif isinstance(found, Library) and found.wrapped:
            self.bundle.wrappers.add(names[0])
            self.modules[names[0]] = found.module
        elif isinstance(found, Library) and found.symbol:
            self.symbols[names[0]] = found

    def assigned(self, function: Node) -> tuple[str, ...]:
        """The variables that a function assigns to, statement by statement."""
        body = function.child_by_field_name("body")
        nodes = [] if body is None else body.named_children
        items = (item for node in nodes for item in self.items(node) if not item.declares)
        return tuple(name for item in items for name in item.touches or ())

    def helper(self, item: _Item) -> None:
        """Notes what the bundler's own functions are called here."""
        value = item.value
        if value is None or not item.declares or value.end_byte - value.start_byte > _HELPER:
            return
        if value.type not in _FUNCTIONS and value.type not in _DECLARED:
            return
        name = item.declares[0]
        text = "".join(self.text(value).split())
        if "{exports:{}}" in text and value.type == "arrow_function":
            self.makers[name] = True
        elif _RUN_ONCE.search(text) and value.type == "arrow_function":
            self.makers[name] = False
        elif "__esModule" in text and ("enumerable" in text or "default" in text):
            self.bundle.namespaces.add(name)

    def wrapper(self, call: Node) -> Library | Wrapped | None:
        """`__commonJS({"src/a.js"(exports, module) {...}})`, minified `c((e, t) => {...})`."""
        callee = call.child_by_field_name("function")
        exporting = None if callee is None else self.makers.get(self.text(callee, 80))
        found = None if exporting is None else _module_function(call)
        if exporting is None or found is None:
            return None
        key, function = found
        file = "" if key is None else package_file(self.text(key)[1:-1])
        module = PREFIX + file if file else self.handed_on(function) or self.package(function)
        return Library(module, wrapped=True) if module else Wrapped(function, exporting)

    def handed_on(self, function: Node) -> str:
        """The package's module that a module has for its own: `module.exports = require_a()`."""
        found = _HANDS_ON.fullmatch(self.text(function, _HELPER))
        return "" if found is None else self.modules.get(found[1], "")

    def table(self, value: Node) -> None:
        """The table of webpack's modules: `{ 123: (module, exports, require) => {...} }`."""
        members = [
            (member, function)
            for member in value.named_children
            if (function := _member_function(member)) is not None
        ]
        if not members or len(members) < len(_code(value)):
            return
        for member, function in members:
            key = member.child_by_field_name("key") or member.child_by_field_name("name")
            file = "" if key is None else package_file(self.text(key).strip("\"'"))
            module = PREFIX + file if file else self.package(function)
            if module:
                self.bundle.inlined[member.id] = Library(module)

    def package(self, function: Node) -> str:
        """The package whose whole module a function makes, as far as its names tell."""
        text = self.text(function)
        found = _VERSION_2.search(text)
        if found is not None:
            return f"{PREFIX}aws-sdk/clients/{found[1]}"
        if _exports(text, "DynamoDBDocumentClient"):
            return f"{PREFIX}@aws-sdk/lib-dynamodb"
        if "leavePartsOnError" in text and _exports(text, "Upload"):
            return f"{PREFIX}@aws-sdk/lib-storage"
        for found in _CLIENT.finditer(text):
            if "middlewareStack" in text or is_service(service_of_class(found[1])):
                return _client_module(found[1])
        return next(
            (
                PREFIX + row["module"]
                for row in self.packages
                if all(mark in text for mark in row["marks"])
                and all(_exports(text, name) for name in row.get("exports", ()))
                and ("symbol" not in row or _exports(text, row["symbol"]))
            ),
            "",
        )

    # ----------------------------------------------------------------------------------------------

    def library(self, value: Node) -> Library | None:
        """What a class or function of a package is, minified into the program's own scope."""
        if value.type in _CLASSES:
            return self.client_class(value)
        text = self.text(value, _LARGEST_CLASS)
        for row in self.packages:
            if "symbol" in row and all(mark in text for mark in row["marks"]):
                return Library(PREFIX + row["module"], row["symbol"])
        return None

    def client_class(self, value: Node) -> Library | None:
        """A command, a client or another class of the AWS SDK for JavaScript v3.

        Commands name their operation and client for the user agent and the serializer, in each
        version's own way: https://github.com/smithy-lang/smithy-typescript.
        """
        text = self.text(value, _LARGEST_CLASS)
        head = text[:_HEAD]
        found = _COMMAND.search(head)
        if found is not None:
            return Library(_client_module(found[1] or found[3]), f"{found[2] or found[4]}Command")
        built = _BUILT.search(head)
        if built is not None:
            client = self.builder(built[1], value.start_byte)
            return Library(_client_module(client), f"{built[2]}Command") if client else None
        if "clientCommand" in text and "KeyNodes" in text:
            return self.document_command(text)
        if "translateConfig" in text and "static from(" in text.replace("static from (", ""):
            return Library(f"{PREFIX}@aws-sdk/lib-dynamodb", "DynamoDBDocumentClient")
        if "leavePartsOnError" in text and "queueSize" in text:
            return Library(f"{PREFIX}@aws-sdk/lib-storage", "Upload")
        if "middlewareStack.use(" in text and "super(" in text:
            return Library(_client_module("unknown"), "Client")
        for row in self.packages:
            if "symbol" in row and all(mark in text for mark in row["marks"]):
                return Library(PREFIX + row["module"], row["symbol"])
        return None

    def builder(self, name: str, position: int) -> str:
        """The client whose commands the function `name`, as it is called at `position`, makes."""
        clients = [client for start, made, client in self.builders if made == name]
        before = [
            client for start, made, client in self.builders if made == name and start < position
        ]
        return (before or clients or [""])[-1 if before else 0]

    def document_command(self, text: str) -> Library | None:
        found = _CLIENT_COMMAND.search(text)
        return None if found is None else self.command(found[1])

    def paginator(self, call: Node) -> Library | None:
        """`createPaginator(S3Client, ListObjectsV2Command, "ContinuationToken", ...)`."""
        given = call.child_by_field_name("arguments")
        arguments = [] if given is None else _code(given)
        if len(arguments) < 3 or arguments[1].type != "identifier":
            return None
        command = self.command(self.text(arguments[1]))
        if command is None or arguments[2].type != "string":
            return None
        return Library(command.module, "paginate" + command.symbol.removesuffix("Command"))

    def command(self, name: str) -> Library | None:
        found = self.symbols.get(name)
        return None if found is None or not found.symbol.endswith("Command") else found

    def instance(self, call: Node) -> Library | None:
        """What a package has made with a function of its own: `axios = create(defaults)`."""
        callee = call.child_by_field_name("function")
        made = None if callee is None else self.symbols.get(self.text(callee, 80))
        if made is None:
            return None
        return next(
            (
                Library(made.module, row["makes"])
                for row in self.packages
                if "makes" in row
                and (PREFIX + row["module"], row["symbol"]) == (made.module, made.symbol)
            ),
            None,
        )

    def aggregate(self, items: list[_Item]) -> None:
        """Classes with a method for each operation: `createAggregatedClient(commands, S3)`."""
        values = {name: item for item in items for name in item.declares}
        for item in items:
            call = item.value
            if call is None or call.type != "call_expression" or item.declares:
                continue
            given = call.child_by_field_name("arguments")
            arguments = [] if given is None else _code(given)
            if len(arguments) < 2 or arguments[1].type != "identifier":
                continue
            table = values.get(self.text(arguments[0], 80))
            made = values.get(self.text(arguments[1], 80))
            found = None if table is None or table.value is None else self.command_in(table.value)
            if found is not None and made is not None:
                self.bundle.inlined[made.node.id] = Library(found.module, "Client")

    def command_in(self, table: Node) -> Library | None:
        if table.type != "object":
            return None
        return next(
            (
                command
                for name in self.roots(_values(table))
                if (command := self.command(name)) is not None
            ),
            None,
        )

    # ----------------------------------------------------------------------------------------------

    def set_aside(self, items: list[_Item]) -> None:
        """Takes modules that lead to no package that is known for packages that are not known: what
        the program itself has of such, without its path, makes no calls of the SDK.
        """
        inlined = self.bundle.inlined
        makes: dict[str, _Item] = {}
        leads: list[str] = []
        called_by: dict[str, list[str]] = {}
        for item in items:
            found = inlined.get(item.node.id)
            if len(item.declares) != 1 or found is None:
                continue
            name = item.declares[0]
            if isinstance(found, Library):
                leads.append(name)
            elif found.exporting:
                makes[name] = item
                text = self.text(found.function)
                if _SDK_IMPORT.search(text) or len(text) < _SMALL:
                    leads.append(name)
                for called in set(_WORD.findall(text)):
                    called_by.setdefault(called, []).append(name)
        known: set[str] = set()
        while leads:
            name = leads.pop()
            if name not in known:
                known.add(name)
                leads += called_by.get(name, ())
        for name, item in makes.items():
            if name not in known:
                inlined[item.node.id] = Library(f"{PREFIX}?/{name}", wrapped=True)
                self.bundle.wrappers.add(name)

    def leave_out(self, items: list[_Item]) -> None:
        """Drops what nothing that the scope does leads to."""
        declared: dict[str, list[_Item]] = {}
        touched: dict[str, list[_Item]] = {}
        for item in items:
            self.begin(item)
            for name in item.declares:
                declared.setdefault(name, []).append(item)
            for name in item.touches or ():
                touched.setdefault(name, []).append(item)
        kept: set[int] = set()
        pending = [
            item
            for item in items
            if not item.declares
            and (item.touches is None or any(name not in declared for name in item.touches))
        ]
        seen: set[str] = set()
        while pending:
            item = pending.pop()
            if item.node.id in kept:
                continue
            kept.add(item.node.id)
            for name in self.uses(item):
                if name not in seen:
                    seen.add(name)
                    makers = declared.get(name, ())
                    pending += makers
                    if not any(self.is_library(maker) for maker in makers):
                        pending += touched.get(name, ())
        self.bundle.dropped.update(item.node.id for item in items if item.node.id not in kept)

    def begin(self, item: _Item) -> None:
        """A module that runs when it is first asked for makes what it assigns to; asking for it
        changes nothing else.
        """
        if item.declares:
            made = self.inits.get(item.declares[0], ())
            item.declares = (*item.declares, *made)
        elif item.touches is None and item.value is not None:
            asked = _INIT.fullmatch(self.text(item.value, 80))
            if asked is not None and asked[1] in self.inits:
                item.touches = (asked[1], *self.inits[asked[1]])

    def uses(self, item: _Item) -> set[str]:
        if self.is_library(item):
            return set()
        return set() if item.node.type == "import_statement" else self.words(item.node)

    def words(self, node: Node) -> set[str]:
        """The names that code is made of, those of its strings and of asked modules left out."""
        text = _STRING.sub("", self.text(node))
        return set(_WORD.findall(_INIT.sub(self.without_init, text) if self.inits else text))

    def without_init(self, call: re.Match[str]) -> str:
        return "" if call[1] in self.inits else call[0]

    def is_library(self, item: _Item) -> bool:
        return isinstance(self.bundle.inlined.get(item.node.id), Library)

    # ----------------------------------------------------------------------------------------------

    def descend(self, item: _Item, depth: int) -> None:
        """Into the functions that run where they stand, and those that make modules."""
        found = self.bundle.inlined.get(item.node.id)
        if isinstance(found, Library):
            return
        if isinstance(found, Wrapped):
            self.body(found.function, depth)
        elif item.value is not None and item.value.type == "object":
            self.members(item.value, depth)
        elif item.value is not None:
            function = _run_at_once(item.value)
            if function is not None:
                self.body(function, depth)

    def members(self, table: Node, depth: int) -> None:
        for member in table.named_children:
            function = _member_function(member)
            if function is not None and member.id not in self.bundle.inlined:
                self.body(function, depth)

    def body(self, function: Node, depth: int) -> None:
        block = function.child_by_field_name("body")
        if block is not None and block.type == "statement_block":
            self.scope(block.named_children, depth)


# --------------------------------------------------------------------------------------------------


def _client_module(client: str) -> str:
    return f"{PREFIX}@aws-sdk/client-{client.lower()}"


def _exports(text: str, name: str) -> bool:
    """Whether a module's text gives something to others under this name."""
    return bool(re.search(_EXPORT % re.escape(name), text))


def _exported(name: str, file: str) -> str:
    """What a variable of an inlined ES module is exported as. Bundlers number what is called the
    same or put the module's name before it, and call what has no name of its own after the file.
    """
    if name.endswith("_exports"):
        return ""
    folder, _, stem = file.rpartition(".")[0].rpartition("/")
    for place in (stem, folder.rpartition("/")[2]):
        name = name.removeprefix(re.sub(r"\W", "_", place) + "_") or name
    name = name.rstrip("0123456789") or name
    return "default" if name.endswith("default") else name.partition("$")[0] or name


def _code(node: Node) -> list[Node]:
    return [child for child in node.named_children if child.type != "comment"]


def _parts(node: Node) -> Iterator[Node]:
    """The expressions that commas part, and that minifiers join: `a, b`, `!a`."""
    if node.type == "sequence_expression":
        for child in _code(node):
            yield from _parts(child) if child.type != "sequence_expression" else _code(child)
    elif node.type == "parenthesized_expression" and len(children := _code(node)) == 1:
        yield children[0] if children[0].type != "sequence_expression" else node
    elif node.type == "unary_expression":
        yield node.child_by_field_name("argument") or node
    else:
        yield node


def _values(table: Node) -> list[Node]:
    """The values of an object's members, functions apart."""
    return [
        value
        for member in table.named_children
        if (value := member.child_by_field_name("value") if member.type == "pair" else member)
        is not None
        and value.type not in _FUNCTIONS
    ]


def _module_function(call: Node) -> tuple[Node | None, Node] | None:
    """The key and the function in `f({"path"() {}})` or `f(() => {})`; None for other calls."""
    given = call.child_by_field_name("arguments") if call.type == "call_expression" else None
    arguments = [] if given is None else _code(given)
    if not arguments or len(arguments) > 2:
        return None
    first = arguments[0]
    if first.type in _FUNCTIONS:
        return None, first
    members = _code(first) if first.type == "object" else []
    if len(members) != 1:
        return None
    key = members[0].child_by_field_name("key") or members[0].child_by_field_name("name")
    function = _member_function(members[0])
    return None if function is None or key is None or key.type != "string" else (key, function)


def _member_function(member: Node) -> Node | None:
    if member.type == "method_definition":
        return member
    value = member.child_by_field_name("value") if member.type == "pair" else None
    while value is not None and value.type == "parenthesized_expression":
        value = next(iter(_code(value)), None)
    return value if value is not None and value.type in _FUNCTIONS else None


def _run_at_once(value: Node) -> Node | None:
    """The function in `(() => {...})()`."""
    if value.type != "call_expression":
        return None
    function = value.child_by_field_name("function")
    while function is not None and function.type == "parenthesized_expression":
        function = next(iter(_code(function)), None)
    return function if function is not None and function.type in _FUNCTIONS else None
