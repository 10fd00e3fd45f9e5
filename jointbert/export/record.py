"""``export.json``: what was exported, and how each graph did on the dev set beside PyTorch."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jointbert.export.proof import Proof

RECORD = "export.json"


@dataclass(frozen=True)
class Exported:
    """One graph, proven.

    Args:
        proof: What it does with the dev set.
        file: Its file's name in the model folder.
        size: In bytes.
        spared: What stayed in fp32 (see :data:`jointbert.export.quantise.PLANS`); empty for the fp32 graph.
        kept: Whether it is in the folder; False for one that was refused.
        forced: Whether it is there although it loses too much.
    """

    proof: Proof
    file: str
    size: int
    spared: tuple[str, ...] = ()
    kept: bool = True
    forced: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The graph's entry in the record."""
        here = {"file": self.file, "bytes": self.size, "kept": self.kept, "forced": self.forced}
        spared = {"left_in_fp32": list(self.spared)} if self.spared else {}
        return here | spared | self.proof.to_dict()


def write_record(folder: Path, version: str, data: str, exported: list[Exported]) -> None:
    """Write ``export.json`` in one step; an older record of a graph that is still in the folder is kept.

    Args:
        folder: The model folder.
        version: What names the model.
        data: What the graphs were proven on.
        exported: The graphs that this run made.
    """
    graphs = {item.proof.engine: item.to_dict() | {"data": data} for item in exported}
    content = {"version": version, "graphs": read_graphs(folder, version) | graphs}
    fresh = folder / f"{RECORD}.part"
    fresh.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(fresh, folder / RECORD)


def read_graphs(folder: Path, version: str) -> dict[str, Any]:
    """The record's entry of each graph by its engine's name; empty where there is no record of this very model."""
    try:
        content = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        graphs = content["graphs"] if content["version"] == version else {}
        return {str(engine): entry for engine, entry in graphs.items() if (folder / entry["file"]).is_file()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
