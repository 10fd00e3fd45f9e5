"""What a finished training is worth: scores in plain words, which intents are mixed up, how each label does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

import plain
from charts import CONFIG, heat_map, rate_bars
from jointbert import Parse, Utterance
from jointbert.annotation import Run, Schema

Parses = Sequence[tuple[Utterance, Parse]]
MOST = 20
GRADES = ((0.95, "very well"), (0.85, "well"), (0.7, "fairly"), (0.5, "so-so"), (0.0, "poorly"))
NO_INTENT = "(none)"
TEST = "utterances of the part “test”, which training never looked at"
DEV = "utterances that were held back (the best round was chosen on them)"


def in_words(score: float) -> str:
    """What a score is called.

    Example:
        >>> in_words(0.97), in_words(0.3)
        ('very well', 'poorly')
    """
    return next(words for least, words in GRADES if score >= least)


def show_report(run: Run, parses: Parses, schema: Schema) -> None:
    """The scores of a run, from the sentence for everybody to the bars for each label.

    Args:
        run: A run that is done.
        parses: The utterances it was measured on, with what it made of them.
        schema: The project's labels, for the colours.
    """
    dev = run.scores or {}
    for scores, part in ((run.test_scores, TEST), (dev, DEV)):
        if scores:
            _show_headline(scores, part)
            _show_metrics(scores)
    titles = ("What is mixed up", "Each intent", "Each slot")
    confusion, intents, slots = st.tabs(titles, key=f"report_{run.id}", on_change="rerun")
    if confusion.open:
        with confusion:
            _show_confusion(parses)
    if intents.open:
        with intents:
            _show_bars(dev.get("per_intent"), {}, "intents", run.id)
    if slots.open:
        with slots:
            _show_bars(dev.get("per_slot"), {label.name: label.colour for label in schema.slots}, "slots", run.id)
    notes = [*run.notes, *(dev.get("notes") or [])]
    if notes:
        with st.expander("Notes on these numbers"):
            for note in notes:
                plain.text(f"• {note}")


def _show_headline(scores: Mapping[str, Any], part: str) -> None:
    count, whole = scores.get("utterances", 0), scores.get("sentence_accuracy")
    if whole is not None:
        st.markdown(
            f"**It does {in_words(whole)}: of 100 new utterances, about {round(100 * whole)} are understood "
            "completely**, the intent and every slot."
        )
    few = " These are few: with another hundred the numbers may differ by several points." if count < 100 else ""
    st.caption(f"Measured on {count:,} {part}.{few}")


def _show_metrics(scores: Mapping[str, Any]) -> None:
    slots = scores.get("slots") or {}
    shown = (
        ("intent right", scores.get("intent_accuracy"), "Share of the utterances whose intent was right."),
        ("slots (F1)", slots.get("f1"), "Between 0 and 100: how many slots were found, and how few were made up."),
        ("all of it right", scores.get("sentence_accuracy"), "The intent and every slot, first to last character."),
    )
    with st.container(horizontal=True):
        for title, score, meaning in shown:
            st.metric(title, "–" if score is None else f"{100 * score:.1f} %", help=meaning, border=True)


def confusion_table(parses: Parses) -> tuple[list[str], list[list[int]]]:
    """The intents that are mixed up most, at most twenty, and their counts: a row for what is right.

    Example:
        >>> confusion_table([(Utterance("hi", "greet"), Parse("hi", "leave")), (Utterance("a", "x"), Parse("a", "x"))])
        (['greet', 'leave'], [[0, 1], [0, 0]])
    """
    counts: Counter[tuple[str, str]] = Counter(
        (gold.intent, NO_INTENT if parse.intent is None else parse.intent)
        for gold, parse in parses
        if gold.intent is not None
    )
    involved: Counter[str] = Counter()
    for (right, said), number in counts.items():
        if right != said:
            involved.update({right: number, said: number})
    names = [name for name, _ in involved.most_common(MOST)]
    return names, [[counts[row, column] for column in names] for row in names]


def _show_confusion(parses: Parses) -> None:
    names, table = confusion_table(parses)
    if not any(gold.intent is not None for gold, _ in parses):
        st.info("There are no intents in this data.")
        return
    if not names:
        st.success("No intent was taken for another one.", icon=":material/check_circle:")
        return
    st.caption("A row for what is right, a column for what the model said. Blue: right. Orange: taken for another one.")
    st.plotly_chart(heat_map(names, table), config=CONFIG, key="confusion", alt="Which intent was taken for which")
    st.caption(f"Only intents that were mixed up are shown{', the worst twenty' if len(names) == MOST else ''}.")


def _show_bars(rows: Sequence[Mapping[str, Any]] | None, colours: Mapping[str, str], what: str, key: str) -> None:
    if not rows:
        st.info(f"There are no {what} in this data.")
        return
    worst = sorted(rows, key=lambda row: (row["f1"], -row["support"]))[: 2 * MOST]
    st.caption("The weakest on top. Rest on a bar to see what it is made of.")
    st.plotly_chart(rate_bars(worst, colours), config=CONFIG, key=f"bars-{what}-{key}", alt=f"F1 of the {what}")
    if len(worst) < len(rows):
        st.caption(f"The {len(worst)} weakest of {len(rows)}.")
