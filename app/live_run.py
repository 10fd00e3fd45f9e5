"""A run while it is running: how far it is, its curve, and a button that stops it. The page need not stay open."""

from __future__ import annotations

import streamlit as st

import desk
import plain
from charts import CONFIG, loss_curve, score_curve
from jointbert.annotation import Run
from side_by_side import side_by_side

EVERY = 2.0
STATES = {
    "running": ":blue-badge[:material/progress_activity: running]",
    "done": ":green-badge[:material/check: done]",
    "failed": ":red-badge[:material/error: failed]",
    "stopped": ":gray-badge[:material/stop: stopped]",
}


def duration(seconds: float) -> str:
    """Seconds as people say them.

    Example:
        >>> duration(42), duration(61), duration(7260)
        ('42 s', '1 min 1 s', '2 h 1 min')
    """
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


@st.fragment(run_every=EVERY)
def show_live(run_id: str) -> None:
    """The run as it stands, drawn anew every two seconds; when it ends, the whole page is.

    Args:
        run_id: Which run.
    """
    run = desk.runs().get(run_id)
    if run.state != "running":
        st.rerun()
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(STATES[run.state], width="content")
            st.caption(duration(run.seconds), width="content")
            if run.who:
                st.caption("started by", width="content")
                plain.text(run.who)
        st.progress(run.progress or 0.0)
        plain.text(run.message)
        show_curves(run)
        with st.expander("What it prints, for engineers", key=f"log_{run_id}"):
            st.code(plain.showable(run.log()) or "nothing yet", language=None, wrap_lines=True, height=240)
        st.caption("It goes on when you close this page, and is here when you come back.")
        if st.button("Stop it", key=f"stop_{run_id}", icon=":material/stop:"):
            with plain.friendly("It could not be stopped."):
                desk.runs().stop(run_id, desk.annotator())
                st.rerun()


def show_curves(run: Run) -> None:
    """How wrong the model still is, and how well it does on what was held back, round by round."""
    losses = [row for row in run.curve if "step" in row]
    scores = [row for row in run.curve if "eval_sentence_accuracy" in row]
    if not losses and not scores:
        return
    left, right = side_by_side(2, f"curves-{run.id}")
    if losses:
        left.plotly_chart(
            loss_curve(losses), config=CONFIG, key=f"loss_{run.id}", alt="The training loss after each round"
        )
    if scores:
        right.plotly_chart(score_curve(scores), config=CONFIG, key=f"score_{run.id}", alt="The scores after each round")
