"""Try a model: type an utterance, see its intent and its slots. Run it with: streamlit run app/Home.py

What a user typed, what a model names and what an error says goes only to elements that show text as it is
(st.text, st.code, st.dataframe, st.json), never to one that reads Markdown or HTML.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from jointbert import NLU, JointBertError, Parse

DEFAULT_MODEL = "models/demo-en"
RUNNERS_UP = 4


@st.cache_resource(max_entries=2, show_spinner="Loading the model …")
def load(folder: str, written: int) -> NLU:
    """The model in a folder, kept between reruns.

    Args:
        folder: The model's folder.
        written: When it was last written, in nanoseconds: a model that was trained anew is loaded anew.
    """
    return NLU.load(folder)


def last_written(folder: str) -> int:
    """When the newest file of a folder was written, in nanoseconds since 1970; 0 where there is no folder."""
    path = Path(folder)
    files = [file for file in path.iterdir() if file.is_file()] if path.is_dir() else []
    return max((file.stat().st_mtime_ns for file in files), default=0)


def show_intent(parse: Parse) -> None:
    """The intent with its confidence as a bar, and the intents that came next."""
    st.subheader("Intent")
    if parse.intent is None:
        st.info("This model has no intent head: it finds slots only.")
        return
    st.text(parse.intent)
    if parse.intent_confidence is not None:
        st.progress(min(parse.intent_confidence, 1.0), text=f"confidence {parse.intent_confidence:.1%}")
    following = parse.ranking[1 : 1 + RUNNERS_UP]
    if following:
        st.caption("Next in line")
        st.dataframe(
            {"intent": [name for name, _ in following], "confidence": [score for _, score in following]},
            hide_index=True,
            column_config={"confidence": st.column_config.ProgressColumn(min_value=0, max_value=1, format="percent")},
        )


def show_slots(parse: Parse) -> None:
    """The slots as a table with their places in the text."""
    st.subheader("Slots")
    if not parse.spans:
        st.info("No slot found in this utterance.")
        return
    rows = parse.to_dict()["slots"]
    st.dataframe(
        {column: [row[column] for row in rows] for column in ("slot", "value", "start", "end", "confidence")},
        hide_index=True,
    )
    st.caption("start and end count characters from 0; end is one past the last.")


def show_parse(parse: Parse) -> None:
    """All of what the model understood, as people read it and as programs get it."""
    st.caption("Utterance")
    st.text(parse.text)
    if parse.truncated_at is not None:
        st.warning(f"Too long for this model: nothing was read from character {parse.truncated_at} on.")
    show_intent(parse)
    show_slots(parse)
    with st.expander("JSON, as the library returns it"):
        st.json(parse.to_dict())


def show_error(title: str, error: JointBertError) -> None:
    """What went wrong, without a trace; the message holds the user's words and is shown as plain text."""
    st.error(title)
    st.code(str(error), language=None, wrap_lines=True)


def try_model(folder: str) -> None:
    """The form for an utterance, and below it what the model in the folder made of it."""
    with st.form("utterance"):
        text = st.text_input("Utterance", placeholder="book a table for two tomorrow at seven", key="text")
        st.form_submit_button("Parse", type="primary")
    if not text.strip():
        st.info("Nothing parsed yet. Type an utterance above and press Enter.")
        return
    try:
        nlu = load(folder, last_written(folder))
    except JointBertError as error:
        show_error("This folder cannot be loaded as a model.", error)
        return
    try:
        parse = nlu.parse(text)
    except JointBertError as error:
        show_error("The utterance could not be parsed.", error)
        return
    show_parse(parse)


def main() -> None:
    """The page, from top to bottom."""
    st.set_page_config(page_title="jointbert", page_icon="💬")
    st.title("jointbert")
    st.write("Type an utterance and see what a trained model understands: its intent and its slots.")
    st.caption("This is all the app does so far: pages to annotate, review and test are not there yet.")
    folder = st.text_input("Model folder", value=DEFAULT_MODEL, key="folder").strip()
    if folder and Path(folder).is_dir():
        try_model(folder)
        return
    st.info("There is no model in this folder yet. Train the demo, then come back and reload this page:")
    st.code(f"jointbert train configs/demo-en.yaml --output {DEFAULT_MODEL}", language=None)
    if folder:
        st.caption("The folder that was looked for")
        st.code(str(Path(folder).absolute()), language=None)


main()
