"""Add utterances: upload a file or paste lines, look at what was recognised, then add it."""

from __future__ import annotations

from typing import Any

import streamlit as st

import desk
import facts
import plain
from data_browse import SPLITS, slots_in_words
from jointbert.annotation import (
    Added,
    Preview,
    Project,
    file_formats,
    preview_lines,
    preview_upload,
)
from number_words import counted

FIRST = 20
MOST_FINDINGS = 200
LINES = "lines"
SEVERITY = {"error": "left out", "warning": "repaired", "info": "worth knowing"}
DONE = "import_done"


def show_import(project: Project, who: str) -> None:
    """The upload, its preview, and the button that adds it."""
    _show_done()
    upload, paste = st.tabs(["Upload a file", "Paste lines"], key="import_way", on_change="rerun")
    found: Preview | None = None
    if upload.open:
        with upload:
            found = _uploaded()
    if paste.open:
        with paste:
            found = _pasted()
    if found is None:
        return
    _show_preview(found)
    if found.utterances:
        _add(project, found, who)


def _uploaded() -> Preview | None:
    """The preview of the uploaded file; it is read once, not on every rerun."""
    formats = file_formats()
    given = st.file_uploader(
        "A file with utterances, labelled or not",
        key=f"import_file_{st.session_state.get('import_round', 0)}",
        help="Text (a line each), JSON Lines, CoNLL, CSV, Rasa, SNIPS, Label Studio, doccano; "
        "a zip of seq.in, seq.out and label.",
    )
    format = st.selectbox(
        "Format",
        [LINES, *formats],
        index=None,
        format_func=lambda name: "plain text, one utterance a line" if name == LINES else formats[name].about,
        placeholder="Recognise it",
        key="import_format",
    )
    if given is None:
        st.caption("Nothing is stored before you have seen what was recognised.")
        return None
    kept: dict[str, Any] = st.session_state.setdefault("import_preview", {})
    name = f"{given.file_id} {format}"
    if kept.get("name") != name:
        kept.clear()
        with plain.friendly("This file cannot be read."), st.spinner("Reading the file …"):
            kept.update(name=name, preview=preview_upload(given.name, given.getvalue(), format))
    found: Preview | None = kept.get("preview")
    return found


def _pasted() -> Preview | None:
    text = st.text_area(
        "Utterances, one a line",
        key=f"import_lines_{st.session_state.get('import_round', 0)}",
        height=200,
        placeholder="fly me to Boston",
    )
    return preview_lines(text) if text.strip() else None


def _show_preview(found: Preview) -> None:
    """What was recognised, the first utterances, and what is wrong."""
    st.subheader("What was recognised")
    st.caption(f"Format: {found.format}")
    errors = sum(finding.severity == "error" for finding in found.findings)
    with st.container(horizontal=True):
        st.metric("utterances", f"{len(found.utterances):,}", border=True)
        st.metric("of them labelled", f"{found.labelled:,}", border=True)
        st.metric("left out", f"{errors:,}", border=True)
    if found.findings:
        _show_findings(found)
    if not found.utterances:
        st.warning("There is no utterance in it that can be used.", icon=":material/warning:")
        return
    first = found.utterances[:FIRST]
    st.caption(f"The first {len(first)} of them")
    st.dataframe(
        {
            "utterance": [plain.showable(utterance.text) for utterance in first],
            "intent": [plain.showable(utterance.intent or "") for utterance in first],
            "slots": [plain.showable(slots_in_words(utterance.spans)) for utterance in first],
        },
        hide_index=True,
    )


def _show_findings(found: Preview) -> None:
    shown = found.findings[:MOST_FINDINGS]
    st.warning(f"{counted(len(found.findings), 'remark')} about this file", icon=":material/warning:")
    st.dataframe(
        {
            "where": [plain.showable(finding.place or "the whole file") for finding in shown],
            "what happens": [SEVERITY[finding.severity] for finding in shown],
            "reason": [plain.showable(finding.reason) for finding in shown],
            "what to do": [plain.showable(finding.advice) for finding in shown],
        },
        hide_index=True,
        column_config={"reason": st.column_config.TextColumn(width="large")},
    )
    if len(shown) < len(found.findings):
        st.caption(f"The first {MOST_FINDINGS} are shown.")


def _add(project: Project, found: Preview, who: str) -> None:
    split = st.selectbox("Add them to", list(SPLITS), format_func=SPLITS.get, key="import_split")
    labelled = False
    if found.labelled:
        labelled = st.checkbox(
            "The labels in the file are right: keep them as accepted answers under my name",
            value=True,
            key="import_labelled",
            help="What you have answered yourself already stays as it is; what you have only begun gives way to the "
            "labels, and can be brought back on this page, under History.",
        )
    if st.button(
        f"Add {counted(len(found.utterances), 'utterance')}", type="primary", icon=":material/add:", key="import_add"
    ):
        with plain.friendly("Nothing was added."), st.spinner("Adding …"):
            st.session_state[DONE] = project.add(found.utterances, who, split=split, labelled=labelled)
            _begin_anew()
            desk.forget()
            facts.forget()
            st.rerun()


def _begin_anew() -> None:
    """An empty uploader and an empty box for the next import."""
    st.session_state["import_round"] = st.session_state.get("import_round", 0) + 1
    st.session_state.pop("import_preview", None)


def _show_done() -> None:
    """What the last import did, until the next one."""
    added: Added | None = st.session_state.pop(DONE, None)
    if added is None:
        return
    told = [f"Added: {counted(added.new, 'utterance')}."]
    if added.known:
        told.append(f"In the project already, and not doubled: {added.known:,}.")
    if added.answers:
        told.append(f"Kept as accepted answers: {added.answers:,}.")
    if added.left_out:
        told.append(f"Labels left out, because you have answered these otherwise already: {added.left_out:,}.")
    st.success(" ".join(told), icon=":material/check_circle:")
