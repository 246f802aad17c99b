"""What every rule shares with cfn-lint: options, the application model of a template, findings as
matches.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote
from weakref import WeakKeyDictionary

from cfnlint.exceptions import CfnLintExitException
from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from cfnlint_eda_rules import application as model
from cfnlint_eda_rules.catalogue.load import load
from cfnlint_eda_rules.ignores import verdict
from cfnlint_eda_rules.parameter_sets import parameter_sets
from cfnlint_eda_rules.records import dataclass
from cfnlint_eda_rules.settings import problems
from cfnlint_eda_rules.wording import plain, with_paths

if TYPE_CHECKING:
    from cfnlint_eda_rules.application.application import Application

SOURCE_URL = "https://aws.amazon.com/blogs/compute/operating-lambda-anti-patterns-in-event-driven-architectures-part-3/"

_COMMON_OPTIONS: dict[str, dict[str, Any]] = {
    "strict": {
        "default": False,
        "type": "boolean",
        "description": "Also report what rests on broad permissions alone: a wildcard, a bundle "
        "such as `S3CrudPolicy`, an AWS managed policy.",
    },
    "read_handlers": {
        "default": True,
        "type": "boolean",
        "description": "Read the source of the functions. Without it the template alone counts.",
    },
    "templates": {
        "default": [],
        "type": "list",
        "itemtype": "string",
        "description": "Globs of further templates, relative to the project's folder, that may be "
        "part of the same application.",
    },
}

_applications: WeakKeyDictionary[Template, dict[tuple[bool, tuple[str, ...]], Application]] = (
    WeakKeyDictionary()
)
# Language servers lint in threads, and a weak dictionary is not made for two at once.
_applications_lock = Lock()


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: `path` lies in the blamed function (`("Resources", <logical id>, ...)`).

    `subject` tells apart several findings of one rule in one function, whatever their evidence.
    """

    path: tuple[str | int, ...]
    message: str
    subject: str = ""


class AntiPatternRule(CloudFormationLintRule):  # type: ignore[misc, unused-ignore]
    """Base of the rules: a subclass names itself and says what is wrong with an application."""

    # Given to each rule: the section of the post that is called like it.
    source_url = SOURCE_URL
    tags = ["lambda", "event-driven"]  # noqa: RUF012 (as cfn-lint declares it)
    options: ClassVar[dict[str, dict[str, Any]]] = {}
    since: ClassVar[str] = ""
    """The version of this distribution that the rule came with."""

    def __init_subclass__(cls) -> None:
        if cls.shortdesc and "source_url" not in vars(cls):
            # https://developer.mozilla.org/en-US/docs/Web/URI/Reference/Fragment/Text_fragments
            cls.source_url = f"{SOURCE_URL}#:~:text={quote(cls.shortdesc)}"

    def __init__(self) -> None:
        super().__init__()
        self.config_definition = {**_COMMON_OPTIONS, **self.options}
        self.configure()

    def configure(self, configs: object = None, experimental: bool = False) -> None:
        """Set the options; raises `CfnLintExitException` with one line that names what is wrong
        with them, which ends cfn-lint.
        """
        if wrong := "; ".join(problems(self.config_definition, configs)):
            raise CfnLintExitException(f"{self.id}: {wrong}")
        super().configure(configs, experimental)  # type: ignore[no-untyped-call]

    def match(self, cfn: Template) -> list[RuleMatch]:
        """The findings of this rule in one template, as cfn-lint matches."""
        if not _may_hold_functions(cfn.template):
            return []
        application = application_of(
            cfn, bool(self.config["read_handlers"]), tuple(self.config["templates"])
        )
        paths = application.construct_paths()
        return [
            RuleMatch(
                list(finding.path),
                plain(with_paths(finding.message, paths) + added),
                subject=plain(finding.subject),
            )
            for finding in self.findings(application)
            if (added := verdict(_resource(cfn, finding), self.id)) is not None
        ]

    @abstractmethod
    def findings(self, application: Application) -> Iterable[Finding]:
        """What is wrong with an application, in template order."""

    @property
    def strict(self) -> bool:
        """Whether broad evidence is reported too."""
        return bool(self.config["strict"])

    def limit(self, option: str) -> int:
        """An integer option."""
        return int(self.config[option])


class FunctionRule(AntiPatternRule):
    """Base of the rules that judge one function at a time."""

    @abstractmethod
    def judge(self, application: Application, function: str) -> Finding | None:
        """What is wrong with one function, anchored in it; None when nothing is."""

    def findings(self, application: Application) -> Iterator[Finding]:
        """One finding for each function of the template, and of its nested stacks where only this
        template shows it: that one is anchored in the nested stack.
        """
        for function in in_scope(application):
            stack = application.nested_in(function)
            if stack and silenced(application, function, self.id):
                continue
            finding = self.judge(application, function)
            if finding is None or (stack and self._shows_alone(application, function)):
                continue
            yield Finding(("Resources", stack), finding.message) if stack else finding

    def _shows_alone(self, application: Application, function: str) -> bool:
        alone, name = application.alone(function)
        return name in alone.functions and self.judge(alone, name) is not None


def application_of(
    cfn: Template, read_handlers: bool = True, templates: tuple[str, ...] = ()
) -> Application:
    """The application model of a template, one for all rules for as long as cfn-lint keeps the
    template.
    """
    with _applications_lock:
        models = _applications.setdefault(cfn, {})
    key = (read_handlers, templates)
    if key not in models:
        models[key] = model.application.Application(
            cfn.template,
            cfn.filename,
            cfn.conditions,
            read_handlers,
            templates,
            parameter_sets(cfn),
        )
    return models[key]


def _may_hold_functions(template: object) -> bool:
    """Whether the model is worth loading: most templates hold no function, and loading it takes as
    long as linting a small one.
    """
    resources = template.get("Resources") if isinstance(template, dict) else None
    if not isinstance(resources, dict):
        return False
    services = tuple(load("function_roles")["deployed_by"])
    types = (r.get("Type") if isinstance(r, dict) else None for r in resources.values())
    return any(not isinstance(name, str) or name.startswith(services) for name in types)


def _resource(cfn: Template, finding: Finding) -> object:
    resources = cfn.template.get("Resources")
    return resources.get(finding.path[1]) if isinstance(resources, dict) else None


def in_scope(application: Application) -> Iterator[str]:
    """The logical ids of the functions rules look at, in template order: those of the template and
    of its nested stacks.
    """
    for logical_id, function in application.functions.items():
        if function.in_scope and not application.elsewhere(logical_id):
            yield logical_id


def silenced(application: Application, function: str, rule: str) -> bool:
    """Whether the metadata of a function that another template declares ignores the rule; cfn-lint
    looks at the linted template's own.
    """
    match application.functions[function].metadata.get("cfn-lint"):
        case {"config": {"ignore_checks": list() as ignored}}:
            return any(isinstance(check, str) and rule.startswith(check) for check in ignored)
    return False
