"""The middle of the page Annotate: the utterance, its intent and slots, and the buttons."""

from __future__ import annotations

import streamlit as st

import clash
import desk
import plain
import told
from frame_view import rebuilt, slot_choices
from jointbert import Span
from jointbert.annotation import ORDERS, Item, Progress
from sheet import STATUS, Action, Sheet
from span_editor import Edit, span_editor
from work import Work

BUTTONS: tuple[tuple[Action, str, str, str], ...] = (
    ("accept", "Accept (A)", ":material/check:", "The intent and the slots are right as they stand here."),
    ("reject", "Reject (X)", ":material/block:", "The utterance is no good: nonsense, private, another language."),
    ("skip", "Skip (S)", ":material/skip_next:", "Leave it to somebody else."),
    ("undo", "Undo (Z)", ":material/undo:", "Take back the last thing you did."),
)
MOVES: tuple[tuple[Action, str, str, str, str | None], ...] = (
    ("previous", "Previous", ":material/chevron_left:", "Back to the one before; what is here is kept.", "j"),
    ("next", "Next", ":material/chevron_right:", "On without an answer; what is here is kept.", "k"),
    ("draft", "Save as draft", ":material/draft:", "Keep what is here and go on; it comes back to you later.", None),
)
DIGITS = "1234567890"
FIELDS = ("intent", "note")
STATES = {
    "accepted": ("You accepted this", ":material/check:", "green"),
    "rejected": ("You rejected this", ":material/block:", "red"),
    "skipped": ("You skipped this", ":material/skip_next:", "gray"),
    "draft": ("Draft: kept, not accepted yet", ":material/draft:", "orange"),
}


def keep_typed() -> None:
    """Saves what was typed at the very moment that the page Annotate was left; called before any page is drawn."""
    sheet = st.session_state.get("sheet")
    if isinstance(sheet, Sheet) and sheet.item is not None and st.session_state.get("laid") == _state_of(sheet):
        with plain.friendly("What you typed on the page Annotate could not be saved."):
            intent, note = (st.session_state.get(field(name, sheet)) for name in FIELDS)
            sheet.keep_typed(intent, note or "")


def field(name: str, sheet: Sheet) -> str:
    """The key of a field beside the slots; each utterance has its own.

    When a key is pressed twice, the second press brings along the fields of the utterance that was on the page; they
    must not count for the one that the first press has laid out.
    """
    number = sheet.item.id if sheet.item is not None else 0
    return f"{name}_{sheet.project.id}_{number}"


def button(action: Action, sheet: Sheet) -> str:
    """The key of a button. What answers an utterance is its own: a double click must not answer the next one, too."""
    name = f"do_{action}"
    return field(name, sheet) if action in STATUS else name


def _state_of(sheet: Sheet) -> tuple[object, ...]:
    """What tells this state of the page from all others, those of other annotators and projects among them."""
    return (sheet.project.id, sheet.who, sheet.revision)


def _lay_fields(sheet: Sheet) -> None:
    """The fields begin as the utterance was laid out; those of another one are dropped."""
    keys = [field(name, sheet) for name in FIELDS]
    if st.session_state.get("laid") == _state_of(sheet) and keys[0] in st.session_state:
        return
    for gone in set(st.session_state.get("laid_fields", ())) - set(keys):
        st.session_state.pop(gone, None)
    st.session_state["laid"], st.session_state["laid_fields"] = _state_of(sheet), keys
    st.session_state[keys[0]], st.session_state[keys[1]] = sheet.laid.intent, sheet.laid.note


@st.fragment
def draw(sheet: Sheet) -> None:
    """All that changes from one utterance to the next; it is drawn anew without the rest of the page."""
    with plain.friendly("That could not be done. Nothing was lost."):
        _draw_progress(sheet.progress)
        if sheet.item is None:
            _draw_end(sheet)
        elif sheet.clash is not None:
            clash.draw(sheet)
        else:
            _draw_item(sheet, sheet.item)
        _draw_order(sheet)


def _draw_progress(progress: Progress | None) -> None:
    if progress is None:
        return
    done = progress.accepted + progress.rejected + progress.skipped
    words = [f"{done:,} of {progress.total:,} done"]
    if progress.drafts:
        words.append(f"{progress.drafts:,} kept as draft")
    if progress.per_hour is not None:
        words.append(f"{progress.per_hour:,.0f} an hour")
    st.progress(done / progress.total if progress.total else 0.0, text=" · ".join(words))


def _draw_order(sheet: Sheet) -> None:
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    orders = list(ORDERS)
    order = left.selectbox(
        "Which comes next", orders, index=orders.index(sheet.order), key="order", format_func=str.capitalize
    )
    right.caption(ORDERS[order])
    if order != sheet.order:
        sheet.reorder(order)
        desk.draw_again()


def _draw_end(sheet: Sheet) -> None:
    st.success("All done: you have answered every utterance of this project.", icon=":material/celebration:")
    with st.container(horizontal=True):
        st.page_link(desk.PAGES["review"], label="Review the answers", icon=":material/rule:")
        st.page_link(desk.PAGES["train"], label="Train a model", icon=":material/model_training:")
    if st.button("Undo (Z)", key="undo_end", icon=":material/undo:", shortcut="z"):
        sheet.act("undo", Work())
        desk.draw_again()


def _draw_item(sheet: Sheet, item: Item) -> None:
    with st.container(border=True, key="sheet"):
        state = st.container(horizontal=True, vertical_alignment="center")
        told.draw_decided(sheet)
        edit = _draw_editor(sheet, item)
        _lay_fields(sheet)
        left, right = st.columns(2)
        with left:
            intent = _draw_intent(sheet, item)
        note = right.text_input(
            "Note",
            key=field("note", sheet),
            placeholder="A remark for whoever reviews this",
            live="0.8s",
            persist_state="session",
        )
        _draw_meaning(sheet, intent)
        work = Work(intent, tuple(_in(item.text, span) for span in edit.spans), note)
        pressed = _draw_buttons(sheet)
        told.draw_notices(sheet)
    action = pressed or edit.action
    if action is not None:
        sheet.act(action, work)
        desk.draw_again()
    revision = sheet.revision
    if sheet.keep(work) and (sheet.clash is not None or sheet.revision != revision):
        desk.draw_again()
    with state:
        _draw_state(sheet)


def _draw_state(sheet: Sheet) -> None:
    """What the annotator sees: a suggestion (and how sure the model is), an answer, or nothing yet."""
    item = sheet.item
    if item is None:
        return
    st.caption(f"Utterance {item.id}", width="content")
    if item.answer is not None:
        label, icon, colour = STATES[item.answer.status]
        st.badge(label, icon=icon, color=colour)
    elif item.suggestion is not None:
        st.badge(
            f"Suggested by a model, {item.suggestion.confidence:.0%} sure", icon=":material/lightbulb:", color="violet"
        )
    else:
        st.badge("Not answered yet", color="gray")
    if item.others:
        st.caption(f"{item.others} other {'answer' if item.others == 1 else 'answers'}", width="content")


def _draw_editor(sheet: Sheet, item: Item) -> Edit:
    text = plain.showable(item.text)
    spans = rebuilt(text, sheet.laid.spans)
    choices = slot_choices(sheet.schema, spans)
    keyed = [choice._replace(digit=DIGITS[place]) for place, choice in enumerate(choices[: len(DIGITS)])]
    return span_editor(
        text,
        spans,
        [*keyed, *choices[len(DIGITS) :]],
        key="editor",
        version=_state_of(sheet),
        suggested=sheet.suggested,
    )


def _draw_intent(sheet: Sheet, item: Item) -> str | None:
    """The intent's field: likely ones first, with how sure the model is."""
    sure = _ranking(item)
    names = sheet.schema.intent_names
    known = [name for name in sure if name in names]
    present = [sheet.laid.intent] if sheet.laid.intent not in (None, *names) else []
    return st.selectbox(
        "Intent",
        [*known, *present, *(name for name in names if name not in sure)],
        key=field("intent", sheet),
        index=None,
        placeholder="Choose an intent: type to search",
        persist_state="session",
        format_func=lambda name: plain.showable(name) + (f"  ·  {sure[name]:.0%}" if name in sure else ""),
    )


def _draw_meaning(sheet: Sheet, intent: str | None) -> None:
    """What the chosen intent is for."""
    about = next((label.description for label in sheet.schema.intents if label.name == intent), "")
    if about:
        with st.container(key="plain_small_intent"):
            plain.text(about)


def _ranking(item: Item) -> dict[str, float]:
    """Intent -> probability, as far as the suggestion names them, best first."""
    found = item.suggestion
    if found is None or found.intent is None:
        return {}
    first = [(found.intent, found.intent_confidence)] if found.intent_confidence is not None else []
    return dict([*first, *found.runners_up])


def _draw_buttons(sheet: Sheet) -> Action | None:
    """The buttons; the one that was pressed."""
    pressed: Action | None = None
    with st.container(horizontal=True, gap="xsmall"):
        for action, label, icon, explained in BUTTONS:
            kind = "primary" if action == "accept" else "secondary"
            if st.button(label, key=button(action, sheet), icon=icon, help=explained, type=kind):
                pressed = action
    with st.container(horizontal=True, gap="xsmall"):
        for action, label, icon, explained, shortcut in MOVES:
            stuck = action == "previous" and not sheet.can_go_back
            key = button(action, sheet)
            if st.button(label, key=key, icon=icon, help=explained, disabled=stuck, shortcut=shortcut):
                pressed = action
    return pressed


def _in(text: str, span: Span) -> Span:
    """The same place in the raw text, whose lone surrogates the browser cannot show."""
    return Span.of(text, span.slot, span.start, span.end, canonical=span.canonical, confidence=span.confidence)
