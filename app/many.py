"""Many parses at once: a table to choose from, and files to take along."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

import parses
from differences import Reading, differences
from jointbert import Parse

NAMES = ("the first model", "the second model")
WHOSE = (" of the first model", " of the second model")
HEADER, ROW, TALLEST = 38, 35, 360


def choose(results: Sequence[Sequence[Parse]]) -> int:
    """The table of many utterances with its downloads; the position of the chosen row, at first the first.

    Args:
        results: The parses of one model, or of two for the same texts.
    """
    rows = [row(*both) for both in zip(*results, strict=True)]
    differing = sum(bool(one.get("differs")) for one in rows)
    st.subheader(f"{len(rows):,} utterances" + (f", {differing:,} understood differently" if len(results) > 1 else ""))
    event = st.dataframe(
        rows,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row-required",
        key="rows",
        height=min(TALLEST, HEADER + ROW * len(rows)),
        column_config={
            "confidence": st.column_config.ProgressColumn(min_value=0, max_value=1, format="percent"),
            "differs": st.column_config.CheckboxColumn(),
        },
    )
    with st.container(horizontal=True):
        for place, result in enumerate(results):
            _download(
                result, "" if len(results) == 1 else (" of the first model", " of the second model")[place], place
            )
    picked = event.selection.rows
    return picked[0] if picked and picked[0] < len(rows) else 0


def row(parse: Parse, other: Parse | None = None) -> dict[str, object]:
    """One utterance as a row of the table."""
    cells: dict[str, object] = {"utterance": parse.text}
    if other is None:
        return cells | {"intent": parse.intent, "confidence": parse.intent_confidence, "slots": _slots(parse)}
    return cells | {
        "differs": bool(told(parse, other)),
        "intent": parse.intent,
        "other intent": other.intent,
        "slots": _slots(parse),
        "other slots": _slots(other),
    }


def told(first: Parse, second: Parse) -> list[str]:
    """What two models say differently about one text, one line for each thing."""
    readings = [Reading(name, one.intent, one.spans) for name, one in zip(NAMES, (first, second), strict=True)]
    return differences(first.text, readings)


def _slots(parse: Parse) -> str:
    return "; ".join(f"{span.slot}: {span.value}" for span in parse.spans)


def _download(result: Sequence[Parse], whose: str, place: int) -> None:
    st.download_button(
        f"Download the parses{whose}",
        "".join(f"{parses.as_json(one)}\n" for one in result),
        file_name=f"parses-{place + 1}.jsonl",
        mime="application/jsonl",
        icon=":material/download:",
        help="JSON lines: one parse a line, as the command jointbert parse writes it.",
        key=f"download_{place}",
        on_click="ignore",
    )
