"""Out-of-fold parses from elsewhere: the file that ``jointbert cv`` wrote, taken in as suggestions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from jointbert.annotation import projects, suggestions
from jointbert.annotation.events import log, shown
from jointbert.annotation.intake import MOST_BYTES, text_of
from jointbert.annotation.schema import schema
from jointbert.annotation.utterances import ids_of_keys, key
from jointbert.data.out_of_fold import OutOfFold, from_line
from jointbert.errors import DataError, StoreError
from jointbert.utterance import Parse

MODEL = "cross-validation"
"""The name under which suggestions of the kind ``out_of_fold`` are kept, wherever the cross-validation was run."""

KIND = "out_of_fold"


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of a file of out-of-fold parses; its lines are the sum of the three.

    Args:
        utterances: How many of the project's utterances got what the file says of them.
        unknown: Lines whose text the project does not have; they are left out.
        repeated: Lines of an utterance that a later line is of, too; the last one counts.
    """

    utterances: int
    unknown: int
    repeated: int


def read_upload(name: str, content: bytes) -> list[OutOfFold]:
    """The out-of-fold parses of an uploaded file, one a line; all of them, or an error.

    Args:
        name: The name it was uploaded under; it never becomes a path.
        content: Its bytes.

    Raises:
        DataError: It is too large, is not UTF-8, holds nothing, or a line is not what ``jointbert cv`` writes.
    """
    if len(content) > MOST_BYTES:
        what = f"has {-(-len(content) >> 20)} MB"
        raise DataError(name, what, f"at most {MOST_BYTES >> 20} MB", "Cut it between two lines.")
    lines = text_of(name, content).removesuffix("\n").split("\n")
    if lines == [""]:
        raise DataError(name, "is empty", "the out_of_fold.jsonl that jointbert cv writes", "Choose that file.")
    return [from_line(line, f"{name}:{number}") for number, line in enumerate(lines, start=1)]


def version_of(content: bytes) -> str:
    """What tells one uploaded file from another."""
    return f"upload-{hashlib.sha256(content).hexdigest()[:12]}"


def take_in(
    session: Session, project_id: int, items: Sequence[OutOfFold], name: str, version: str, who: str
) -> TakenIn:
    """Keep out-of-fold parses as suggestions; see :meth:`Project.take_in_out_of_fold`.

    Args:
        session: Of the writing transaction.
        project_id: The project.
        items: The parses, in the order of the file's lines.
        name: The file's name, for messages and the log.
        version: Which file of that name.
        who: Who takes them in.
    """
    projects.record(session, project_id, "update")
    keys = [key(item.gold.text) for item in items]
    ids = ids_of_keys(session, project_id, set(keys))
    if not ids:
        what = f"none of its {len(items)} texts is in this project"
        hint = "Open the project that the training data was exported from."
        raise StoreError(name, what, "texts of this project", hint)
    parses: dict[int, Parse] = {}
    labels = schema(session, project_id)
    names = {"intent": labels.intent_names, "slot": labels.slot_names}
    for number, (text_key, item) in enumerate(zip(keys, items, strict=True), start=1):
        if text_key in ids:
            _check_labels(item.parse, names, f"{name}:{number}")
            parses[ids[text_key]] = item.parse
    suggestions.store(session, project_id, parses, MODEL, version, KIND)
    suggestions.rank(session, project_id, KIND)
    log(session, project_id, who, "take_in", f"took in out-of-fold parses of {len(parses)} utterances: {shown(name)}")
    known = sum(text_key in ids for text_key in keys)
    return TakenIn(len(parses), len(items) - known, known - len(parses))


def _check_labels(parse: Parse, names: Mapping[str, Sequence[str]], where: str) -> None:
    """Raise StoreError where a parse says a label that nobody could accept."""
    said = [("intent", parse.intent)] if parse.intent is not None else []
    for kind, label in [*said, *(("slot", span.slot) for span in parse.spans)]:
        if label not in names[kind]:
            what = f"the parse says the {kind} {shown(label)}, which this project does not have"
            hint = "Export the labels as they are now and run jointbert cv on that, or add the label."
            raise StoreError(where, what, f"one of its {len(names[kind])} {kind}s", hint)
