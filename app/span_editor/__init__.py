"""An editor for the slots of one utterance: drag over words, press a digit. What it returns has been checked here.

The browser's part is in walk.js (what a text is made of), hotkeys.js (keys of the whole page), span_editor.js and
span_editor.css; they are joined to one component. Everything that the browser sends is a claim: offsets and names are
held against the text and the slots on offer, and a message that does not fit is logged and ignored.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import streamlit as st

from jointbert import DataError, Span, Utterance

HERE = Path(__file__).parent
SCRIPTS = ("walk.js", "drawing.js", "menu.js", "hotkeys.js", "span_editor.js")
COLOURS = (
    "#1f77b4", "#d9730d", "#2e8b57", "#c2304a", "#7b52ab",
    "#0e8a93", "#b8860b", "#c4468f", "#5b6bd6", "#6b7f1a",
)  # fmt: skip
ACTIONS = ("accept", "reject", "skip", "undo")
Action = Literal["accept", "reject", "skip", "undo"]

log = logging.getLogger(__name__)


class SlotChoice(NamedTuple):
    """A slot that can be chosen; a plain tuple of the same four does as well.

    Args:
        name: The slot's name.
        colour: As ``#rrggbb``; None takes the next of ten that can be told apart.
        digit: The key that chooses it, ``"1"`` to ``"9"`` and ``"0"`` for the tenth; None for no key.
        description: What the slot is for, shown where the pointer rests on it.
    """

    name: str
    colour: str | None = None
    digit: str | int | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """What the annotator made of an utterance.

    Args:
        spans: The spans as they stand, in order of their start. One that was not touched is the very Span that was
            passed in, with its confidence and canonical value.
        action: What a key of the page asked for in this run (a: accept, x: reject, space or s: skip, z: undo), or None.
            It is about exactly the text and the version on the page: a key that was pressed before the page moved on
            is dropped, except undo.
    """

    spans: tuple[Span, ...]
    action: Action | None = None


_component = st.components.v2.component(
    "jointbert.span_editor",
    html='<div class="editor"></div>',
    css=(HERE / "span_editor.css").read_text(encoding="utf-8"),
    js="\n".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS),
)


def span_editor(
    text: str,
    spans: Sequence[Span],
    slots: Sequence[SlotChoice | tuple[str, str | None, str | int | None, str]],
    *,
    key: str,
    version: object = None,
    suggested: bool = False,
    disabled: bool = False,
    hotkeys: bool = True,
    height: int | None = None,
) -> Edit:
    """The spans of an utterance as the annotator left them, and the action asked for by key, if any.

    What was edited stays through reruns until ``text`` or ``version`` changes; ``spans`` is read only then. So the
    spans returned may be passed in again, and a page that wants its own spans shown passes another version.

    Args:
        text: The raw text; shown as typed, whatever it holds.
        spans: Where to start from.
        slots: What can be chosen, in the order of the palette.
        key: The widget's key, without a double underscore.
        version: Anything whose ``str`` tells this state of the utterance from another: an id, a revision, or both.
        suggested: Mark ``spans`` as suggestions, each until it is changed.
        disabled: Show the spans only.
        hotkeys: Answer to the keys of the page. Where there are several editors, the one last used does.
        height: In pixels, with a scroll bar; None is as high as the text.

    Raises:
        DataError: The spans do not fit the text, or two slots share a name or a digit, or a colour is none.
    """
    initial = _initial(text, spans)
    choices = _check_slots(slots)
    names = {choice.name for choice in choices}
    document = _document(text, version)
    present = _present(st.session_state.get(key), text, initial, names, document)
    data = {
        "document": document,
        "text": text,
        "spans": [_to_browser(span, suggested and span in initial) for span in present],
        "slots": [choice._asdict() for choice in choices],
        "disabled": disabled,
        "hotkeys": hotkeys,
    }
    result = _component(
        key=key, data=data, height=height or "content", on_edit_change=_nothing, on_action_change=_nothing
    )
    return Edit(_present(result, text, initial, names, document), _action(result.get("action"), document))


def edited(
    text: str,
    spans: Sequence[Span],
    slots: Sequence[SlotChoice | tuple[str, str | None, str | int | None, str]],
    *,
    key: str,
    version: object = None,
) -> tuple[Span, ...]:
    """The spans as they stand in the browser, for a callback, which runs before the page is drawn.

    Args:
        text: The raw text, like all that follows as :func:`span_editor` got it.
        spans: Where it started from.
        slots: What can be chosen.
        key: The widget's key.
        version: What tells this state of the utterance from another.
    """
    names = {SlotChoice(*slot).name for slot in slots}
    return _present(st.session_state.get(key), text, _initial(text, spans), names, _document(text, version))


def _initial(text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
    """The spans in order, held against the text."""
    return Utterance(text, spans=tuple(sorted(spans, key=lambda span: span.start))).spans


def _nothing() -> None:
    """A callback must be there for a value to be."""


def _document(text: str, version: object) -> str:
    """A name of this text in this version; the browser's messages carry it back."""
    return hashlib.sha256(json.dumps([text, str(version)]).encode()).hexdigest()[:16]


def _to_browser(span: Span, suggested: bool) -> dict[str, Any]:
    return {
        "start": span.start,
        "end": span.end,
        "slot": span.slot,
        "suggested": suggested,
        "confidence": span.confidence,
    }


def _check_slots(slots: Sequence[Sequence[Any]]) -> list[SlotChoice]:
    """The slots with a colour each.

    Raises:
        DataError: A name or a digit comes twice, a digit is no digit, or a colour is none.
    """
    choices: list[SlotChoice] = []
    names: set[str] = set()
    digits: set[str] = set()
    for index, slot in enumerate(slots):
        choice = SlotChoice(*slot)
        colour = choice.colour or COLOURS[index % len(COLOURS)]
        digit = None if choice.digit in (None, "") else str(choice.digit)
        if choice.name in names:
            raise DataError("slots", f"{choice.name!r} comes twice", "each name once", "Drop one of the two.")
        if digit is not None and (digit in digits or not re.fullmatch("[0-9]", digit)):
            raise DataError("slots", f"{choice.name!r} has the key {digit!r}", "a free digit", "Give it another.")
        if not re.fullmatch("#[0-9a-fA-F]{6}", colour):
            raise DataError("slots", f"{choice.name!r} has the colour {colour!r}", "#rrggbb", "Correct the colour.")
        names.add(choice.name)
        digits |= {digit} if digit else set()
        choices.append(choice._replace(colour=colour, digit=digit))
    return choices


def _present(state: Any, text: str, initial: tuple[Span, ...], names: set[str], document: str) -> tuple[Span, ...]:
    """The spans that the browser sent for this document, checked; the initial ones where it sent none that hold."""
    edit = state.get("edit") if isinstance(state, Mapping) else None
    if not isinstance(edit, Mapping) or edit.get("document") != document:
        return initial
    try:
        return _check_spans(edit.get("spans"), text, initial, names)
    except DataError as error:
        log.warning("The span editor's message was ignored: %s", error)
        return initial


def _check_spans(sent: Any, text: str, initial: tuple[Span, ...], names: set[str]) -> tuple[Span, ...]:
    """Spans made of ``[start, end, slot]`` triples.

    Raises:
        DataError: The message has another shape, names a slot that is not on offer, or does not fit the text.
    """
    kept = {(span.start, span.end, span.slot): span for span in initial}
    spans = []
    for item in sent if isinstance(sent, list) else [sent]:
        if not isinstance(item, list) or [type(part) for part in item] != [int, int, str]:
            raise DataError("span editor", f"sent {str(item)[:100]!r}", "[start, end, slot]")
        start, end, slot = item
        if (start, end, slot) not in kept and slot not in names:
            raise DataError("span editor", f"sent the slot {slot[:100]!r}", "a slot on offer")
        spans.append(kept.get((start, end, slot)) or Span.of(text, slot, start, end, where="span editor"))
    return Utterance(text, spans=tuple(sorted(spans, key=lambda span: span.start)), where="span editor").spans


def _action(sent: Any, document: str) -> Action | None:
    """The action that the browser sent, if it is about this document; undo is about what came before."""
    if not isinstance(sent, Mapping) or sent.get("name") not in ACTIONS:
        return None
    name: Action = sent["name"]
    return name if name == "undo" or sent.get("document") == document else None
