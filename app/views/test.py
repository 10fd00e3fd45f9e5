"""Test a model: type utterances, see what one model or two make of them, and send a wrong parse to be corrected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

import handover
import many
import models
import parses
import plain
from jointbert import JointBertError, Parse

MOST_LINES = 1000
HEIGHT = 110


def main() -> None:
    """The page, from top to bottom."""
    st.title("Test a model")
    st.caption("Type what a user might say and see what a trained model understands: the intent and the slots.")
    folders = choose_models()
    lines = ask()
    for folder in folders:
        if not models.is_there(folder):
            say_no_model(folder)
            return
    if not lines:
        st.info("Nothing parsed yet. Type an utterance above and press Parse, or Ctrl and Enter.")
        return
    if len(lines) > MOST_LINES:
        st.warning(f"{len(lines):,} lines are too many for this page. Paste at most {MOST_LINES:,} at once.")
        return
    results = [parsed(folder, lines) for folder in folders]
    if all(results):
        show(lines, folders, results)


def choose_models() -> list[str]:
    """The folders of the model, and of the one that it is compared with, if any."""
    offered = models.choices()
    first, second = st.columns(2)
    with first:
        folder = models.choose("Model", "model", offered)
    with second:
        other = models.choose("Compare with", "other", {models.NONE: "", **offered})
    return [one for one in (folder, other) if one is not None]


def ask() -> tuple[str, ...]:
    """The utterances typed, one a line; blank lines are none."""
    with st.form("utterances"):
        typed = st.text_area(
            "Utterances, one per line",
            key="text",
            height=HEIGHT,
            placeholder="book a table for two tomorrow at seven\n帮我订一张明天去北京的机票",
            persist_state="session",
        )
        st.form_submit_button("Parse", type="primary", key="parse")
    return tuple(line.strip("\r") for line in typed.split("\n") if line.strip())


def say_no_model(folder: str) -> None:
    """Where a model was looked for in vain, and how to get one."""
    st.info("There is no model in this folder yet. Train one on the page Train, or train the demo:")
    st.code(f"jointbert train configs/demo-en.yaml --output {models.FALLBACK}", language=None)
    if folder:
        st.caption("The folder that was looked for")
        st.code(str(Path(folder).absolute()), language=None)


def parsed(folder: str, lines: tuple[str, ...]) -> list[Parse]:
    """What a model makes of the lines; nothing, and a message on the page, where it cannot."""
    try:
        models.load(folder, models.last_written(folder))
    except JointBertError as error:
        plain.problem(error, "This folder cannot be loaded as a model.")
        return []
    with plain.friendly("The utterance could not be parsed."):
        return models.parse(folder, models.last_written(folder), lines)
    return []


def show(lines: Sequence[str], folders: list[str], results: list[list[Parse]]) -> None:
    """One utterance in full, or a table of many with the chosen one in full below it."""
    chosen = 0 if len(lines) == 1 else many.choose(results)
    found = [result[chosen] for result in results]
    schema = parses.colours(found)
    if len(found) == 2:
        show_differences(found)
    for place, column in enumerate(st.columns(len(found), gap="large")):
        with column:
            if len(found) == 2:
                st.subheader(("First model", "Second model")[place])
                st.code(folders[place], language=None, wrap_lines=True)
            parses.show(found[place], schema, place, wide=len(found) == 1)
            handover.offer(found[place], folders[place], place)
            parses.show_json(found[place])


def show_differences(found: Sequence[Parse]) -> None:
    """What two models say differently about one utterance."""
    lines = many.told(*found)
    if not lines:
        st.success("Both models understand this utterance in the same way.", icon=":material/check:")
        return
    st.subheader("What differs")
    plain.text("\n".join(f"• {line}" for line in lines))


main()
