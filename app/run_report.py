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

Errors = Sequence[tuple[Utterance, Parse]]
MOST = 20
GRADES = ((0.95, "very well"), (0.85, "well"), (0.7, "fairly"), (0.5, "so-so"), (0.0, "poorly"))
NO_INTENT = "(none)"


def in_words(score: float) -> str:
    """What a score is called.

    Example:
        >>> in_words(0.97), in_words(0.3)
        ('very well', 'poorly')
    """
    return next(words for least, words in GRADES if score >= least)


def show_report(run: Run, errors: Errors, schema: Schema) -> None:
    """The scores of a run, from the sentence for everybody to the bars for each label.

    Args:
        run: A run that is done.
        errors: What it got wrong.
        schema: The project's labels, for the colours.
    """
    scores = run.scores or {}
    _show_headline(scores)
    _show_metrics(scores)
    confusion, intents, slots = st.tabs(["What is mixed up", "Each intent", "Each slot"])
    with confusion:
        _show_confusion(scores, errors)
    with intents:
        _show_bars(scores.get("per_intent"), {}, "intents", run.id)
    with slots:
        _show_bars(scores.get("per_slot"), {label.name: label.colour for label in schema.slots}, "slots", run.id)
    notes = scores.get("notes") or []
    if notes:
        with st.expander("Notes on these numbers"):
            for note in notes:
                plain.text(f"• {note}")


def _show_headline(scores: Mapping[str, Any]) -> None:
    count = scores.get("utterances", 0)
    whole = scores.get("sentence_accuracy")
    if whole is None:
        st.caption(f"Measured on {count:,} utterances that were held back.")
        return
    st.markdown(
        f"**It does {in_words(whole)}: of 100 new utterances, about {round(100 * whole)} are understood completely**, "
        "the intent and every slot."
    )
    st.caption(f"Measured on {count:,} utterances that were held back from training.")
    if count < 100:
        st.caption("These are few: with another hundred the numbers may differ by several points.")


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


def confusion_table(per_intent: Sequence[Mapping[str, Any]], errors: Errors) -> tuple[list[str], list[list[int]]]:
    """Intents and their confusion counts, a row for what is right; the most mixed up, at most twenty.

    Args:
        per_intent: Mappings with ``name``, ``support`` and ``recall``.
        errors: Utterances that were parsed wrongly in any way, with their parses.
    """
    wrong: Counter[tuple[str, str]] = Counter(
        (gold.intent, parse.intent if parse.intent is not None else NO_INTENT)
        for gold, parse in errors
        if gold.intent is not None and gold.intent != parse.intent
    )
    involved: Counter[str] = Counter()
    for (gold_intent, predicted), number in wrong.items():
        involved[gold_intent] += number
        involved[predicted] += number
    names = [name for name, _ in involved.most_common(MOST)]
    right = {row["name"]: round(row["recall"] * row["support"]) for row in per_intent}
    table = [[right.get(row, 0) if row == column else wrong[row, column] for column in names] for row in names]
    return names, table


def _show_confusion(scores: Mapping[str, Any], errors: Errors) -> None:
    per_intent = scores.get("per_intent") or []
    names, table = confusion_table(per_intent, errors)
    if not per_intent:
        st.info("There are no intents in this data.")
        return
    if not names:
        st.success("No intent was taken for another one.", icon=":material/check_circle:")
        return
    st.caption("Blue: right. Orange: wrong, taken for the intent below. The darker, the more often.")
    st.plotly_chart(heat_map(names, table), config=CONFIG, key="confusion", alt="Which intent was taken for which")
    if len(names) < len(per_intent):
        st.caption(f"The {len(names)} intents that are mixed up most, of {len(per_intent)}.")


def _show_bars(rows: Sequence[Mapping[str, Any]] | None, colours: Mapping[str, str], what: str, key: str) -> None:
    if not rows:
        st.info(f"There are no {what} in this data.")
        return
    worst = sorted(rows, key=lambda row: (row["f1"], -row["support"]))[: 2 * MOST]
    st.caption("The weakest on top. Rest on a bar to see what it is made of.")
    st.plotly_chart(rate_bars(worst, colours), config=CONFIG, key=f"bars-{what}-{key}", alt=f"F1 of the {what}")
    if len(worst) < len(rows):
        st.caption(f"The {len(worst)} weakest of {len(rows)}.")
