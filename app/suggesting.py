"""Let a trained model suggest: every utterance of the project is parsed, and annotators find it filled in."""

from __future__ import annotations

import streamlit as st

import desk
import models
import plain
from jointbert.annotation import Project, Run
from number_words import counted


def show_suggesting(project: Project, run: Run, who: str) -> None:
    """The button, and what it did.

    Args:
        project: The project.
        run: A training that is done.
        who: Who presses it.
    """
    if run.model is None:
        return
    folder = str(run.model)
    if project.info().model == project.suggested_by() == folder:
        st.success("This model makes the suggestions that annotators see.", icon=":material/lightbulb:")
        label = "Let it suggest anew, for new utterances too"
    else:
        st.caption(
            "Annotators then find each utterance filled in by this model and only have to correct it. "
            "Answers that were given already stay as they are."
        )
        label = "Use this model for suggestions"
    if st.button(label, key=f"suggest_{run.id}", type="primary", icon=":material/lightbulb:"):
        with plain.friendly("The model could not be used for suggestions."):
            _suggest(project, run, folder, who)
            desk.forget()
            st.rerun()


def _suggest(project: Project, run: Run, folder: str, who: str) -> None:
    """Parse the whole project, with a bar; what was parsed is kept even if the page is closed half-way."""
    total = max(1, project.info().utterances)
    with st.status("The model reads the utterances …", expanded=True) as status:
        bar = st.progress(0.0)

        def moved_on(done: int, of: int = total) -> None:
            bar.progress(min(1.0, done / max(1, of)), text=f"{done:,} of {of:,}")

        parser = models.load(folder, models.last_written(folder))
        number = project.suggest(parser, model=folder, version=run.id, on_progress=moved_on, since=run.started)
        project.edit(who, model=folder)
        status.update(label=f"Suggestions made for {counted(number, 'utterance')}.", state="complete")
    st.toast(f"Suggestions made for {counted(number, 'utterance')}.", icon=":material/lightbulb:")
