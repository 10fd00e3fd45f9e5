"""The report as one HTML file that needs nothing else: no script, no link, no picture from elsewhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jointbert.evaluation.reliability_view import ASK_COLUMNS, ASK_TITLE, ask_caution, ask_rows
from jointbert.evaluation.render import percent
from jointbert.report import layout
from jointbert.report.findings import Findings
from jointbert.report.prose import counted, shown
from jointbert.report.scope_rows import scope_rows, scope_rule

if TYPE_CHECKING:
    from jinja2 import Template

LONGEST_NAME = 80


def to_html(findings: Findings) -> str:
    """The report as an HTML document.

    Whatever comes out of the data is escaped on its way into the page, control characters and reordering marks
    become visible, and the page forbids itself scripts and everything that lies outside of it.
    """
    return _template().render(
        findings=findings,
        rows=layout.cells(findings.matrix) if findings.matrix else (),
        bars=layout.bars(findings.slots),
        intents=layout.first_rows(findings.scores.per_intent),
        diagrams=layout.diagrams(findings.held),
        asks=ask_rows(findings.held),
        ask_caution=ask_caution(findings.held),
        scope_rows=scope_rows(findings.scope) if findings.scope else (),
        scope_rule=scope_rule(findings.scope) if findings.scope else "",
        trained_lengths=any(row.train is not None for row in findings.lengths),
        side=layout.SIDE,
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    folder = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": percent, "counted": counted, "name": lambda name: shown(name, LONGEST_NAME)}
    environment.globals |= {"ask_title": ASK_TITLE, "ask_columns": ASK_COLUMNS}
    environment.globals["style"] = Markup((folder / "page.css").read_text(encoding="utf-8"))  # our own file
    return environment.get_template("page.html.j2")


def _finalize(value: object) -> object:
    """Make visible what is harmful in any text that goes into the page; what is markup of ours passes."""
    return shown(value, 1000) if isinstance(value, str) and not hasattr(value, "__html__") else value
