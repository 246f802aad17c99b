"""What a finding rests on."""

from __future__ import annotations

from cfnlint_eda_rules.records import StrEnum


class Evidence(StrEnum):
    """Strongest first."""

    CONFIGURED = "configured"
    """The template itself routes the data."""
    CODE = "code"
    """The function's own source makes the call on that resource."""
    GRANTED = "granted"
    """No readable source, and a statement names the very action and the very resource."""
    BROAD = "broad"
    """No readable source, and only a wildcard, a bundle or a managed policy covers it."""
