"""The values that cfn-lint is given for a template's parameters: `--parameters`, parameter files
and deployment files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from cfnlint.context import Context
from cfnlint.template import Template
from cfnlint.template.transforms import transform

_given: WeakKeyDictionary[Template, Sequence[Mapping[str, Any]]] = WeakKeyDictionary()
_fresh_context = transform.create_context_for_template


def parameter_sets(cfn: Template) -> Sequence[Mapping[str, Any]]:
    """The values of a template's parameters, one mapping for each deployment; none where cfn-lint
    is given none.
    """
    return _of_context(cfn) or _given.get(cfn, ())


def _of_context(cfn: Template) -> list[Mapping[str, Any]]:
    return [given.parameters for given in cfn.context.parameter_sets or ()]


def _remembering(cfn: Template) -> Context:
    """A context as cfn-lint makes it. It forgets the values when it makes a new one for a template
    with a transform (SAM), so they are kept here; its own rules do not see that.
    """
    if given := _of_context(cfn):
        _given[cfn] = given
    return _fresh_context(cfn)


# Where cfn-lint takes the package for a directory of rules it executes this file once more, under
# another name.
if __name__ == "cfnlint_eda_rules.parameter_sets":
    transform.create_context_for_template = _remembering
