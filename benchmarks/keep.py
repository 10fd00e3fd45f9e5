"""A measurement that is kept: made once, written as JSON, and left alone from then on."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Record = dict[str, Any]


def keep(path: Path, make: Callable[[], Record], shown: Callable[[Record], object] = lambda record: "") -> None:
    """Make a record and keep it, unless it is there.

    Args:
        path: Its JSON file.
        make: Measures it.
        shown: What is printed of it beside the file's name.
    """
    if path.exists():
        print(f"{path.name} is there already; delete it to run it again", file=sys.stderr)
        return
    record = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(path.name, shown(record), flush=True)
