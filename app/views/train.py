"""Train & measure: start a training, watch it, read what it is worth, and put it to use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

import desk
import facts
import plain
import welcome
from error_browser import show_errors
from jointbert import Parse, Utterance
from jointbert.annotation import RECIPES, Project, Run
from live_run import STATES, duration, show_curves, show_live
from number_words import counted
from recipe_choice import choose_recipe
from run_report import show_report
from suggesting import show_suggesting

Pairs = list[tuple[Utterance, Parse]]


def show_start(project: Project, who: str, first: bool) -> None:
    """The choice of a recipe and the button that starts it."""
    labelled = facts.labelled_count(project)
    with st.expander("Start a training", icon=":material/play_arrow:", expanded=first):
        count = counted(labelled, "utterance")
        st.caption(f"It learns from what counts as right: {count}, but for those in the split test, which measure it.")
        recipe = choose_recipe(project, key="train")
        if st.button("Start the training", type="primary", icon=":material/play_arrow:", key="train_start"):
            with plain.friendly("The training could not be started."):
                started = desk.runs().start(project, recipe, who)
                st.session_state["train_run"] = started.id
                st.rerun()


def title_of(run: Run) -> str:
    """A run in one line, in words of our own."""
    score = (run.test_scores or run.scores or {}).get("sentence_accuracy")
    worth = f" · {100 * score:.0f} of 100 understood" if score is not None else ""
    recipe = RECIPES[run.recipe].title if run.recipe in RECIPES else "another recipe"
    return f"{run.started.astimezone():%d %b %Y, %H:%M} · {recipe} · {run.state}{worth}"


def titles_of(runs: Sequence[Run]) -> dict[str, str]:
    """Run -> its title, no two alike: a list tells its choices apart by what it shows."""
    seen: Counter[str] = Counter()
    found = {}
    for run in reversed(runs):
        title = title_of(run)
        seen[title] += 1
        found[run.id] = title if seen[title] == 1 else f"{title} ({seen[title]})"
    return found


def show_run(project: Project, run: Run, who: str) -> None:
    """One run: live, or what came of it."""
    if run.state == "running":
        show_live(run.id)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(STATES[run.state], width="content")
        st.caption(f"took {duration(run.seconds)}", width="content")
    if run.state != "done":
        st.code(plain.showable(run.message), language=None, wrap_lines=True)
        show_curves(run)
        return
    show_done(project, run, who)


def show_done(project: Project, run: Run, who: str) -> None:
    """What a finished training is worth, its errors, and its use."""
    schema = project.schema()
    parses, errors = _measured(run.id)
    titles = ("Scores", f"Errors ({len(errors):,})", "How it learned", "Use it")
    report, wrong, curve, use = st.tabs(titles, key=f"train_part_{run.id}", on_change="rerun")
    if report.open:
        with report:
            show_report(run, parses, schema)
    if wrong.open:
        with wrong:
            show_errors(errors, schema, run.id)
    if curve.open:
        with curve:
            show_curves(run)
    if use.open:
        with use:
            _show_use(project, run, who)


def _show_use(project: Project, run: Run, who: str) -> None:
    show_suggesting(project, run, who)
    st.caption("The model's folder, for engineers")
    st.code(plain.showable(str(run.model)), language=None, wrap_lines=True)
    st.page_link(desk.PAGES["test"], label="Try it out on the page Test", icon=":material/chat:")


@st.cache_data(max_entries=8, show_spinner="Reading the results …")
def _measured(run_id: str) -> tuple[Pairs, Pairs]:
    """What a finished run was measured on with its parses, and those of them that are wrong."""
    run = desk.runs().get(run_id)
    return run.parses(), run.errors()


def main() -> None:
    """The page, from top to bottom."""
    st.title("Train & measure")
    project = welcome.require_project()
    who = desk.require_annotator()
    runs = [run for run in desk.runs_of(project.info()) if run.kind == "train"]
    show_start(project, who, first=not runs)
    if not runs:
        st.info("There is no trained model yet. Start the first training above.", icon=":material/model_training:")
        return
    known = {run.id: run for run in runs}
    if st.session_state.get("train_run") not in known:
        st.session_state["train_run"] = runs[0].id
    titles = titles_of(runs)
    chosen = st.selectbox("Training", list(known), format_func=titles.get, key="train_run", persist_state="session")
    show_run(project, known[chosen], who)


main()
