"""What the rules know about a template and its functions, in words: for the moment someone doubts a
finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cfnlint_eda_rules.application.application import Application
from cfnlint_eda_rules.commands.examination import Examination
from cfnlint_eda_rules.handlers.facts import Source
from cfnlint_eda_rules.wording import plain

MOST_PLACES = 8  # that are shown
GRANTS = "only grants that name an action and a resource count"


def about_template(examined: Examination) -> str:
    """What was read of each function of a template, and what is reported of it."""
    application = examined.application
    lines = [f"{examined.path}: {_counted(len(application.functions), 'function')}"]
    for name in application.functions:
        state, why = coverage(application, name)
        reported = ", ".join(examined.blamed.get(name, ())) or "no finding"
        lines.append(f"  - {name}: {state} ({reported}): {why}")
    return _printed(lines)


def coverage(application: Application, function_id: str) -> tuple[str, str]:
    """How much of a function's source was read ("read", "read in part", "unread", "out of scope"),
    and from where or why not.
    """
    function = application.functions[function_id]
    source = application.source(function_id)
    if not function.in_scope:
        return "out of scope", _role(application, function_id)
    if source is None:
        runtime = function.runtime or "a runtime not known"
        return "unread", f"{runtime}; {_why_unread(application, function_id)}; {GRANTS}"
    read = f"{source.language}, {', '.join(source.files) or 'the template'}"
    if not source.partly_read:
        return "read", read
    return "read in part", "; ".join((read, *_not_seen(source)))


def _why_unread(application: Application, function_id: str) -> str:
    """Why nothing was read, with the places looked at."""
    unread = application.unread(function_id)
    if unread is None:
        return ""
    return f"{unread.reason}{_looked(unread.places)}"


def _looked(places: tuple[str, ...]) -> str:
    if not places:
        return ""
    more = f" and {_counted(len(places) - MOST_PLACES, 'other place')}"
    shown = ", ".join(places[:MOST_PLACES])
    return f", looked for in {shown}{more if len(places) > MOST_PLACES else ''}"


def _not_seen(source: Source) -> Iterator[str]:
    """What of a function's source was not read, with the places it was looked for."""
    for module in source.missing:
        yield f"{module.name} of {module.importer} was not found{_looked(module.places)}"
    if source.unmodelled:
        yield f"what {', '.join(source.unmodelled)} calls is not known"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _printed(lines: Iterable[str]) -> str:
    return "".join(f"{plain(line)}\n" for line in lines)


def _role(application: Application, function_id: str) -> str:
    function = application.functions[function_id]
    if function.custom_resource:
        return "A custom-resource handler: no rule looks at it."
    if function.authorizer:
        return "A Lambda authorizer: no rule looks at it."
    if function.durable:
        return "A durable function: its checkpointed steps are not waiting."
    return ""


def about_function(
    application: Application, function_id: str, findings: Mapping[str, tuple[str, ...]]
) -> str:
    """A page about one function. `findings` maps rule ids to the messages about it; raises
    `KeyError` for an unknown function.
    """
    function = application.functions[function_id]
    source = application.source(function_id)
    lines = [
        f"{function_id} ({function.type})",
        f"runtime: {function.runtime or 'not known'}    handler: {function.handler or 'not known'}",
    ]
    if role := _role(application, function_id):
        lines.append(role)
    lines += _section("Invoked by", _invokers(application, function_id))
    if source is None:
        lines += [
            "",
            f"Source: {_why_unread(application, function_id)}; so {GRANTS} (all of them with "
            "`strict`).",
        ]
        lines += _section(
            "Grants that count",
            (
                f"{a.because} -> {application.label(a.target)} ({a.evidence})"
                for a in application.effects.of(function_id)
            ),
        )
    else:
        lines += [
            "",
            f"Source: {source.language}, read from {', '.join(source.files) or 'the template'}",
        ]
        if source.partly_read:
            lines += _section("Not seen", _not_seen(source))
        lines += _section("Calls", _calls(application, function_id))
        lines += _section(
            "Web frameworks",
            (f"{m.framework}, {m.routes} routes at {m.file}:{m.line}" for m in source.mounts),
        )
    reported = [
        f"{rule}: {message}" for rule, messages in sorted(findings.items()) for message in messages
    ]
    lines += _section("Reported", reported) if reported else ["", "No rule reports it."]
    return _printed(lines)


def _section(title: str, rows: Iterable[str]) -> Iterator[str]:
    found = list(dict.fromkeys(rows))
    yield ""
    yield f"{title}:{'' if found else ' nothing'}"
    yield from (f"  - {row}" for row in found)


def _invokers(application: Application, function_id: str) -> Iterator[str]:
    for operation in application.operations(function_id):
        yield f"{operation.method} {operation.path} of {application.label(operation.api)}".strip()
    for link in application.links:
        if link.target == function_id:
            through = f" through {link.via}" if link.via else ""
            filtered = ", filtered" if link.accepts is not None and link.accepts.patterns else ""
            what = link.kind or link.caller or link.role
            yield f"{application.label(link.source)}{through} ({what}{filtered})"


def _calls(application: Application, function_id: str) -> Iterator[str]:
    source = application.source(function_id)
    targets: dict[int, list[str]] = {}
    for effect in application.effects.of(function_id):
        if effect.call is not None and effect.operation.target is not None:
            targets.setdefault(effect.call.id, []).append(application.label(effect.target))
    for call in source.calls if source is not None else ():
        where = f" on {', '.join(dict.fromkeys(targets[call.id]))}" if call.id in targets else ""
        notes = [
            note
            for holds, note in (
                (call.at_start, "at start"),
                (call.in_error_handler, "in an error handler"),
                (not call.blocking, "not waited for"),
                (call.durable, "checkpointed"),
                (call.in_loop, "in a loop"),
                (call.polls, "polling"),
            )
            if holds
        ]
        name = (
            f"{call.service}:{call.operation}"
            if call.service
            else f"{call.kind} {call.operation}".strip()
        )
        remarks = f" ({', '.join(notes)})" if notes else ""
        yield f"{name}{where} at {call.place}{remarks}"
