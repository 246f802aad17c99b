"""Language servers lint in threads: each gets its own answer, and nothing of the process changes."""

from __future__ import annotations

import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cfnlint.decode import decode
from cfnlint.template import Template

from cases import FIXTURES
from cfnlint_eda_rules import registry

TEMPLATES = sorted(FIXTURES.glob("applications/*/template.*"))


def template_of(path: Path) -> Template:
    template, _ = decode(str(path))
    assert template is not None
    return Template(str(path), template)


def found_in(path: Path) -> list[tuple[str, str]]:
    cfn = template_of(path)
    cfn.transform()
    rules = [rule() for rule in registry.rules().values()]
    return [(rule.id, match.message) for rule in rules for match in rule.match(cfn)]


def test_templates_linted_at_once_are_answered_as_one_by_one() -> None:
    alone = list(map(found_in, TEMPLATES))
    assert any(alone)
    with ThreadPoolExecutor(8) as pool:
        for _ in range(2):
            assert list(pool.map(found_in, TEMPLATES)) == alone


def test_one_template_linted_at_once_is_answered_alike() -> None:
    path = next(path for path in TEMPLATES if found_in(path))
    cfn = template_of(path)
    rules = [rule() for rule in registry.rules().values()]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: [len(rule.match(cfn)) for rule in rules], range(16)))
    assert len({tuple(answer) for answer in answers}) == 1


def test_the_process_is_left_as_it_was() -> None:
    before = (gc.get_threshold(), gc.isenabled(), sys.getrecursionlimit())
    assert gc.get_freeze_count() == 0
    found_in(TEMPLATES[0])
    assert (gc.get_threshold(), gc.isenabled(), sys.getrecursionlimit()) == before
    assert gc.get_freeze_count() == 0
