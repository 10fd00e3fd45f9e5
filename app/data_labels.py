"""The labels of a project: add, describe, colour, rename, merge, remove."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

import streamlit as st

import facts
import plain
from jointbert.annotation import Kind, Label, Project, Schema, colour_of
from label_change import show_done, show_merge, show_remove, show_rename
from opened import Opened

KINDS: dict[Kind, str] = {"intent": "Intents", "slot": "Slots"}
PARTS = ("description", "examples", "colour")
ABOUT: dict[Kind, str] = {
    "intent": "An intent says what the whole utterance is for. Each utterance has one.",
    "slot": "A slot is a piece of information inside the text, such as a city or a time. Its name has no spaces.",
}


def show_labels(project: Project, who: str) -> None:
    """The labels of one kind as a table, and below it the forms for one of them or a new one."""
    show_done(project, who)
    kind: Kind = st.segmented_control(
        "Kind of label",
        list(KINDS),
        default="intent",
        required=True,
        format_func=KINDS.get,
        key="labels_kind",
        label_visibility="collapsed",
    )
    st.caption(ABOUT[kind])
    schema = project.schema()
    labels = schema.intents if kind == "intent" else schema.slots
    _table(labels, facts.label_counts(project)[kind])
    with st.expander(
        f"Add {'an intent' if kind == 'intent' else 'a slot'}", icon=":material/add:", expanded=not labels
    ):
        _add_form(project, kind, schema, who)
    if labels:
        _one(project, kind, labels, who)


def _table(labels: tuple[Label, ...], counts: dict[str, int]) -> None:
    if not labels:
        st.info("There is none yet. Add the first one below, or import labelled data.", icon=":material/label:")
        return
    st.dataframe(
        {
            "colour": [swatch(label.colour) for label in labels],
            "name": [plain.showable(label.name) for label in labels],
            "used": [counts.get(label.name, 0) for label in labels],
            "description": [plain.showable(label.description) for label in labels],
            "examples": [plain.showable(", ".join(label.examples)) for label in labels],
        },
        hide_index=True,
        height=420 if len(labels) > 11 else "content",
        column_config={
            "colour": st.column_config.ImageColumn(" ", width=40),
            "used": st.column_config.NumberColumn(
                width="small", help="Utterances (or places in them) that count as right."
            ),
            "description": st.column_config.TextColumn(width="large"),
        },
    )


def swatch(colour: str) -> str:
    """A small picture of a colour, as an address that holds it.

    Args:
        colour: ``#rrggbb``, as a Label has made sure.
    """
    dot = f"<circle cx='8' cy='8' r='7' fill='{colour}'/>"
    return "data:image/svg+xml," + quote(f"<svg xmlns='http://www.w3.org/2000/svg' width='16' height='16'>{dot}</svg>")


def _add_form(project: Project, kind: Kind, schema: Schema, who: str) -> None:
    labels = schema.intents if kind == "intent" else schema.slots
    round = st.session_state.get("labels_round", 0)
    with st.form(f"add_{kind}_{round}", border=False):
        shown = "book_flight" if kind == "intent" else "from_city"
        name = st.text_input("Name", max_chars=200, key=f"add_{kind}_{round}_name", placeholder=shown)
        fresh = Label(kind, "new", colour=colour_of(len(labels)))
        description, examples, colour = _fields(f"add_{kind}_{round}", fresh)
        if not st.form_submit_button("Add it", type="primary"):
            return
    if name.strip() in {label.name for label in labels}:
        st.error("There is a label of that name already. Choose it below to change it.", icon=":material/error:")
        return
    if save(project, kind, name.strip(), description, examples, colour, who):
        st.session_state["labels_round"] = round + 1
        st.rerun()


def _fields(key: str, label: Label) -> tuple[str, str, str]:
    """What PARTS names, examples one a line."""
    description = st.text_input("What it means", value=plain.showable(label.description), key=f"{key}_description")
    examples = st.text_area(
        "Examples, one a line", value=plain.showable("\n".join(label.examples)), key=f"{key}_examples", height=100
    )
    colour = st.color_picker("Colour", value=label.colour, key=f"{key}_colour")
    return description, examples, colour


def save(project: Project, kind: Kind, name: str, description: str, examples: str, colour: str, who: str) -> bool:
    """Keep a label; False, with the reason on the page, where that is not possible."""
    with plain.friendly("The label was not saved."):
        project.save_label(_label(kind, name, description, examples, colour), who)
        st.toast("The label is saved.", icon=":material/label:")
        return True
    return False


def _label(kind: Kind, name: str, description: str, examples: str, colour: str) -> Label:
    """The label that the fields describe."""
    lines = tuple(line.strip() for line in examples.splitlines() if line.strip())
    return Label(kind, name, description.strip(), lines, colour.lower())


def _one(project: Project, kind: Kind, labels: tuple[Label, ...], who: str) -> None:
    """One label, chosen by name, and what can be done with it."""
    st.subheader("Change one")
    known = {label.name: label for label in labels}
    _catch_up(project, kind, known)
    name = st.selectbox(
        "Which one",
        list(known),
        format_func=plain.showable,
        key=f"labels_name_{kind}",
        index=None,
        placeholder="Choose a label",
    )
    if name is None or name not in known:
        return
    describe, rename, merge, remove = st.tabs(["Describe", "Rename", "Merge into another", "Remove"])
    with describe:
        _describe(project, known[name], who)
    with rename:
        show_rename(project, kind, name, who)
    with merge:
        show_merge(project, kind, name, [other for other in known if other != name], who)
    with remove:
        show_remove(project, kind, name, who)


def _catch_up(project: Project, kind: Kind, known: Mapping[str, Label]) -> None:
    """Goes on with the chosen label under its name of now, and with what was being written about it.

    Where it is gone, what was written is shown once more, to be copied.
    """
    chosen = f"labels_name_{kind}"
    name = st.session_state.get(chosen)
    if name is None or name in known:
        return
    now = project.successor(kind, name)
    st.session_state[chosen] = now = now if now in known else None
    before = _form(project, kind, name)
    opened = st.session_state.get(f"{before}_opened")
    written = {part: st.session_state.get(f"{before}_{part}") for part in PARTS}
    if not isinstance(opened, Opened) or None in written.values():
        return
    mine = _label(kind, name, *written.values())
    if mine == opened.base:
        return
    if now is None:
        st.warning("The label that you were describing is gone. What you wrote:", icon=":material/label:")
        _show(mine)
        return
    st.warning("The label has another name now. What you wrote is kept below, not saved yet.", icon=":material/label:")
    after = _form(project, kind, now)
    st.session_state.update({f"{after}_{part}": text for part, text in written.items()})
    st.session_state[f"{after}_opened"] = opened.map(lambda label: replace(label, name=now))


def _form(project: Project, kind: Kind, name: str) -> str:
    """The key of the form that describes a label; those of its fields begin with it."""
    return f"describe_{project.id}_{kind}_{quote(name, safe='', errors='surrogatepass')}"


def _describe(project: Project, stored: Label, who: str) -> None:
    """What a label means; what somebody else saved while this was being written is shown, not overwritten unseen."""
    kind, name = stored.kind, stored.name
    key = _form(project, kind, name)
    opened = _opened(key, stored)
    with st.form(f"{key}_form", border=False):
        fields = _fields(key, opened.base)
        mine = _label(kind, name, *fields)
        moved_on = opened.moved_on(stored, mine)
        if moved_on:
            st.warning("Somebody else has changed this label since you opened it. Theirs:", icon=":material/warning:")
            _show(stored)
        told = "Save mine instead" if moved_on else "Save"
        pressed = st.form_submit_button(told, type="primary", icon=":material/save:", key=f"{key}_save")
    seen = opened.show(stored) or not moved_on
    if pressed and mine == stored:
        st.toast("The label says this already.", icon=":material/label:")
    elif pressed and seen and save(project, kind, name, *fields, who):
        opened.base = opened.shown = mine
        st.rerun()


def _opened(key: str, stored: Label) -> Opened[Label]:
    """What the fields were opened with: what is stored now, when they were not on the page before."""
    name = f"{key}_opened"
    opened = st.session_state.get(name)
    if isinstance(opened, Opened) and f"{key}_description" in st.session_state:
        return opened
    found = st.session_state[name] = Opened(stored, stored)
    return found


def _show(label: Label) -> None:
    """What a label says of itself, in plain text."""
    plain.text(f"What it means: {label.description or 'nothing'}")
    plain.text(f"Examples: {' · '.join(label.examples) or 'none'}")
    plain.text(f"Colour: {label.colour}")
