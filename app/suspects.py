"""Where models that never saw an utterance doubt its label: fix it, take their answer, or keep the label."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

import desk
import plain
from data_browse import fix_link
from differences import Reading, differences
from frame_view import show_frame
from jointbert import Utterance
from jointbert.annotation import LabelError, Project, Run, Schema, Suggestion
from live_run import show_live
from number_words import counted
from out_of_fold_upload import show_done, show_upload
from recipe_choice import choose_recipe
from side_by_side import side_by_side

MOST = 200


def show_suspects(project: Project, who: str) -> None:
    """The run that finds the doubts, or the doubts it found, one at a time."""
    latest = next((run for run in desk.runs_of(project.info()) if run.kind == "cv"), None)
    if latest is not None and latest.state == "running":
        show_live(latest.id)
        return
    if latest is not None and latest.state == "done":
        _take_in(project, latest)
    show_done()
    found = project.label_errors(limit=MOST)
    if found:
        if latest is not None and latest.state != "done":
            st.caption("The last look did not finish. These doubts are from an earlier one.")
        _show_queue(project, found, who)
    else:
        _show_why_empty(project, latest)
    with st.expander("Look again" if latest else "Look for doubtful labels", expanded=latest is None and not found):
        _start(project, who)
    with st.expander("Bring what the command line found"):
        show_upload(project, who)


def _take_in(project: Project, run: Run) -> None:
    """What the models of a run said goes into the project, unless that or something newer has come in since its end."""
    taken = _taken()
    if run.id not in taken:
        newest, outdated = project.suggested_at("out_of_fold"), 0
        if newest is None or newest < run.started + timedelta(seconds=run.seconds):
            with st.spinner("Comparing what the models said with the labels …"):
                outdated = project.take_in_run(run).outdated
        taken[run.id] = outdated
    if taken[run.id]:
        st.warning(
            "Labels have been merged, split or removed since this look began. What the models said of "
            f"{counted(taken[run.id], 'utterance')} is left out, because it names a label that is gone. Look again "
            "to have the present labels compared.",
            icon=":material/label_off:",
        )


@st.cache_resource
def _taken() -> dict[str, int]:
    """The runs that are taken in, each with how much of it was left out."""
    return {}


def _show_why_empty(project: Project, latest: Run | None) -> None:
    if latest is None and project.suggested_at("out_of_fold") is None:
        st.info(
            "Nobody has looked yet. The data is cut into parts; for each part a model is trained on the others and "
            "then asked what it would say. Where it is sure and says something else than the label, the label may be "
            "wrong.",
            icon=":material/troubleshoot:",
        )
    elif latest is None or latest.state == "done":
        st.success("No doubtful label is left.", icon=":material/check_circle:")
    else:
        st.warning("The last run did not finish.", icon=":material/warning:")
        plain.text(latest.message)


def _start(project: Project, who: str) -> None:
    recipe = choose_recipe(project, key="cv")
    folds = st.select_slider("Parts", [2, 3, 5], value=3, key="cv_folds", help="More parts find more and take longer.")
    if st.button("Start looking", type="primary", icon=":material/troubleshoot:", key="cv_start"):
        with plain.friendly("It could not be started."):
            desk.runs().start_cv(project, recipe, who, folds=folds)
            st.rerun()


def _show_queue(project: Project, found: list[LabelError], who: str) -> None:
    if int(st.session_state.get("suspect_place", 1)) > len(found):
        st.session_state["suspect_place"] = len(found)
    many = f"{MOST} or more doubtful labels" if len(found) == MOST else counted(len(found), "doubtful label")
    st.caption(f"{many}, the most suspicious first.")
    place = st.pagination(len(found), key="suspect_place") if len(found) > 1 else 1
    _show_one(project, project.schema(), found[place - 1], who)


def _show_one(project: Project, schema: Schema, doubt: LabelError, who: str) -> None:
    """The label and the model side by side, and what can be done."""
    number, said = doubt.utterance_id, doubt.suggestion
    st.markdown(f"**What differs** in utterance {number}")
    readings = [
        Reading("the label", doubt.gold.intent, doubt.gold.spans),
        Reading("the model", said.intent, said.spans),
    ]
    for line in differences(doubt.text, readings):
        plain.text(f"• {line}")
    label, model = side_by_side(2, f"doubt-{number}", border=True)
    with label:
        st.markdown("**The label says**")
        show_frame(doubt.text, doubt.gold.intent, doubt.gold.spans, schema, key=f"doubt-gold-{number}")
        _settle_button("Keep the label", f"keep_{number}", ":material/verified:", (project, doubt, doubt.gold, who))
    with model:
        st.markdown(f"**The model says** ({_sureness(said)})")
        show_frame(doubt.text, said.intent, said.spans, schema, key=f"doubt-model-{number}")
        _settle_button("Take the model's answer", f"take_{number}", ":material/check:", (project, doubt, said, who))
    fix_link(number, "Neither: fix it in Annotate")


def _sureness(said: Suggestion) -> str:
    """How sure the model is: of the intent, and of the whole."""
    of_all = f"{said.confidence:.0%} sure of all of it"
    return of_all if said.intent_confidence is None else f"{said.intent_confidence:.0%} sure of the intent, {of_all}"


def _settle_button(
    label: str, key: str, icon: str, about: tuple[Project, LabelError, Utterance | Suggestion, str]
) -> None:
    """A button that settles what was drawn beside it, whatever was saved elsewhere before it was pressed."""
    st.button(label, key=key, icon=icon, width="stretch", on_click=_decide, args=about)


def _decide(project: Project, doubt: LabelError, right: Utterance | Suggestion, who: str) -> None:
    """Settle what is right for this utterance, whatever anybody answered, and go on with the next."""
    with plain.friendly("It was not saved."):
        project.decide(doubt.utterance_id, who, right.intent, right.spans)
        st.toast("Settled. Undo stands on the page Data, under History.", icon=":material/gavel:")
