"""Which answers and decisions hold a label."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import ColumnElement, Integer, Text, func, select, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from jointbert.annotation.columns import escape
from jointbert.annotation.label import check_kind
from jointbert.annotation.records import AnswerRecord, DecisionRecord, SuggestionRecord

Holder = type[AnswerRecord] | type[DecisionRecord] | type[SuggestionRecord]


class _Position(FunctionElement[int]):
    """Where one text stands in another, from 1; 0 where it does not. Case counts, unlike in SQLite's LIKE."""

    type = Integer()
    inherit_cache = True
    name = "position_of"


@compiles(_Position, "sqlite")
def _sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


@compiles(_Position, "postgresql")
def _postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)})"


def holds(table: Holder, kind: str, name: str) -> ColumnElement[bool]:
    """The condition that a row of answers, decisions or suggestions holds a label."""
    check_kind(kind)
    if kind == "intent":
        return table.intent == name
    # A quotation mark inside any JSON string is escaped, so this can stand nowhere but at a slot's name.
    needle = escape('"slot":' + json.dumps(name, ensure_ascii=False))
    return _Position(type_coerce(table.spans, Text), needle) > 0


def holders(session: Session, project_id: int, kind: str, name: str) -> int:
    """How many answers and decisions of a project hold a label."""
    return sum(
        session.scalars(
            select(func.count()).select_from(table).where(table.project_id == project_id, holds(table, kind, name))
        ).one()
        for table in (AnswerRecord, DecisionRecord)
    )
