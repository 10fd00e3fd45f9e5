"""From a wrong parse to the annotators: the utterance joins the project, with the parse as its suggestion."""

from __future__ import annotations

import streamlit as st

import desk
import models
import plain
from jointbert import Parse, Utterance
from jointbert.annotation import Project

EXPLAIN = "Adds the utterance to the project and opens it on the page Annotate, with this parse as the suggestion."
NEEDED = "Choose a project and type your name in the sidebar first."


def offer(parse: Parse, folder: str, place: int) -> None:
    """The button that sends a parse to be corrected.

    Args:
        parse: What the model made of the utterance.
        folder: The model's folder.
        place: Tells the buttons of two models apart.
    """
    project, who = desk.project(), desk.annotator()
    ready = project is not None and bool(who)
    pressed = st.button(
        "Wrong? Correct it in the project",
        key=f"correct_{place}",
        icon=":material/edit_note:",
        help=EXPLAIN if ready else NEEDED,
        disabled=not ready,
    )
    if pressed and project is not None:
        with plain.friendly("The utterance could not be sent to the project."):
            number = send(project, parse, folder, who)
            desk.open_page("annotate", utterance=str(number))


def send(project: Project, parse: Parse, folder: str, who: str) -> int:
    """The number of the utterance in the project, which now has the parse as its suggestion.

    Args:
        project: Where it goes; an utterance that is already there is not doubled.
        parse: What the model made of it.
        folder: The model's folder.
        who: Who sends it.
    """
    project.add([Utterance(parse.text)], who, labelled=False)
    number = project.number_of(parse.text)
    assert number is not None, "it has just been added"
    project.add_suggestions([(number, parse)], folder, str(models.last_written(folder)), "model")
    return number
