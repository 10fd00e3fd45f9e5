"""What two known datasets need after the download: CAIS from BIES to BIO, CLINC150 from one file to its splits."""

from __future__ import annotations

import json
from pathlib import Path

from jointbert.data.registry import write
from jointbert.errors import DownloadError
from jointbert.utterance import Utterance

CLINC150_PARTS = {
    "train": "train",
    "val": "dev",
    "test": "test",
    "oos_train": "oos_train",
    "oos_val": "oos_dev",
    "oos_test": "oos_test",
}
"""Part of data_full.json -> name of our split."""

_TO_BIO = {"B": "B", "I": "I", "E": "I", "S": "B"}


def bio(tag: str) -> str:
    """A BIES tag in BIO.

    Example:
        >>> [bio(tag) for tag in ("B-song", "I-song", "E-song", "S-song", "O")]
        ['B-song', 'I-song', 'I-song', 'B-song', 'O']
    """
    prefix, dash, slot = tag.partition("-")
    return f"{_TO_BIO.get(prefix, prefix)}{dash}{slot}"


def cais_files(content: bytes) -> dict[str, bytes]:
    """The three files (seq.in, seq.out, label) that one split of CAIS becomes.

    Args:
        content: Blocks parted by a blank line: a line ``character tag segmentation`` for each character, then the
            intent on a line of its own. The segmentation is not used.

    Raises:
        DownloadError: A block has another shape.

    Example:
        >>> files = cais_files("唱 O B\\n小 S-song B\\nPlayMusic\\n\\n".encode())
        >>> files["seq.in"].decode(), files["seq.out"].decode(), files["label"].decode()
        ('唱 小\\n', 'O B-song\\n', 'PlayMusic\\n')
    """
    words, tags, intents = [], [], []
    for number, block in enumerate(content.decode("utf-8").strip("\n").split("\n\n"), 1):
        *lines, intent = block.split("\n")
        rows = [line.split(" ") for line in lines]
        if not rows or any(len(row) != 3 for row in rows) or " " in intent:
            raise DownloadError(
                f"cais block {number}",
                f"{block[:60]!r} is not a tagged utterance",
                "lines of character, tag and segmentation, then the intent",
                "The upstream file changed; use a mirror (--mirror).",
            )
        words.append(" ".join(row[0] for row in rows))
        tags.append(" ".join(bio(row[1]) for row in rows))
        intents.append(intent)
    parts = {"seq.in": words, "seq.out": tags, "label": intents}
    return {name: ("\n".join(lines) + "\n").encode("utf-8") for name, lines in parts.items()}


def unpack_clinc150(folder: Path) -> None:
    """Write the six splits of a folder's ``data_full.json`` beside it as jsonl; out of scope is the intent ``oos``."""
    parts = json.loads((folder / "data_full.json").read_text(encoding="utf-8"))
    for part, split in CLINC150_PARTS.items():
        write(folder / f"{split}.jsonl", [Utterance(text, intent) for text, intent in parts[part]])
