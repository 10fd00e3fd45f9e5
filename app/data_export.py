"""Take the labelled utterances along: choose a format, read what it cannot carry, download."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

import streamlit as st

import facts
import plain
from data_browse import SPLITS
from jointbert.annotation import Exported, FileFormat, Project, file_formats
from number_words import counted

PREPARED = "export_prepared"


class Prepared(NamedTuple):
    """A file that waits to be downloaded.

    Args:
        asked: Project, format and part it was made for.
        newest: The number of the newest event when it was made.
        done: What was written and what was not.
        content: The file's bytes.
    """

    asked: tuple[int, str, str | None]
    newest: int
    done: Exported
    content: bytes


def show_export(project: Project) -> None:
    """The choice of a format, what it leaves out, and the download."""
    formats = file_formats()
    name = st.selectbox("Format", list(formats), format_func=lambda name: formats[name].about, key="export_format")
    split = st.selectbox(
        "Part of the data", list(SPLITS), index=None, format_func=SPLITS.get, key="export_split", placeholder="all"
    )
    st.caption(
        "What counts as right is exported: the decision where there is one, else the accepted answers where they agree."
    )
    asked = (project.id, name, split)
    if st.button("Prepare the file", icon=":material/inventory_2:", key="export_prepare"):
        st.session_state.pop(PREPARED, None)
        with plain.friendly("The file could not be made."), st.spinner("Writing …"):
            st.session_state[PREPARED] = _prepare(project, formats[name], split)
    prepared: Prepared | None = st.session_state.get(PREPARED)
    if prepared is not None and prepared.asked == asked:
        _show_prepared(prepared, formats[name], is_old=prepared.newest != facts.newest_event(project))


def _prepare(project: Project, format: FileFormat, split: str | None) -> Prepared:
    newest = facts.newest_event(project)
    with tempfile.TemporaryDirectory(prefix="jointbert-export-") as folder:
        is_zip = format.suffix == ".zip"
        path = Path(folder) / ("export" if is_zip else f"export{format.suffix}")
        done = project.export(path, format=format.name, split=split)
        content = packed(path) if path.is_dir() else path.read_bytes() if path.exists() else b""
    return Prepared((project.id, format.name, split), newest, done, content)


def packed(folder: Path) -> bytes:
    """The files of a folder as one zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    return buffer.getvalue()


def _show_prepared(prepared: Prepared, format: FileFormat, is_old: bool) -> None:
    """What is in the file and what is not, whether it lacks what came after it, and then the file."""
    done = prepared.done
    if is_old:
        st.warning(
            "The project has changed since this file was prepared. Prepare it anew to have the changes in it.",
            icon=":material/history:",
        )
    if not done.written:
        st.info("There is no labelled utterance to export yet.", icon=":material/info:")
    else:
        st.success(f"In the file: {counted(done.written, 'utterance')}.", icon=":material/check_circle:")
    if done.left_out or done.notes:
        st.warning("Not everything could come along:", icon=":material/warning:")
        for reason, count in done.left_out.items():
            plain.text(f"• {count:,} left out: {reason}")
        for note in done.notes:
            plain.text(f"• {note}")
    if done.written:
        part = prepared.asked[2] or "all"
        st.download_button(
            "Download it as it was" if is_old else "Download",
            prepared.content,
            file_name=f"project-{prepared.asked[0]}-{part}{format.suffix}",
            mime="application/octet-stream",
            type="secondary" if is_old else "primary",
            icon=":material/download:",
            on_click="ignore",
        )
