"""What a teacher makes of texts, kept on disk: it reads each of them once, however often the student sees it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import PartialState
from rich.console import Console
from rich.progress import track
from torch import Tensor

from jointbert.pretraining.masking import Ints

Ask = Callable[[Mapping[str, Tensor]], list[Tensor]]
"""A collated batch → what the teacher makes of it (see ``jointbert.model.distilling.compared``)."""

_OPEN = -1
"""The number of words of a text that the teacher has not read."""

_EVERY = 50
"""Batches after which what was read counts as read, should the run be stopped."""

_NUMBERS = np.dtype(np.float16)


class KeptStates:
    """The states of N texts in three files: words at D depths, two vectors a text, and how many words each text has.

    A text has room for as many words as pieces. Opening the files reserves that room, so that a full disk is met here.

    Args:
        folder: Where the files are or go, in a folder of their own for these texts.
        rows: (N,) ascending numbers of the texts.
        pieces: (N,) pieces of each, special ones included.
        depths: D.
        width: H of the teacher.
        create: Make the files that are missing; one process does it, and the others open them afterwards.

    Raises:
        OSError: The files cannot be written, or the disk is full.
    """

    def __init__(self, folder: Path, rows: Ints, pieces: Ints, depths: int, width: int, create: bool) -> None:
        self._rows, self._begins = rows, np.concatenate([[0], np.cumsum(pieces - 2)])
        folder = folder / hashlib.sha256(rows.tobytes() + pieces.tobytes()).hexdigest()[:16]
        folder.mkdir(parents=True, exist_ok=True)
        states = int(self._begins[-1]), depths, width
        self._words = _array(folder / "words.f16", states, _NUMBERS, create)
        self._texts = _array(folder / "texts.f16", (len(rows), 2, width), _NUMBERS, create)
        self._counts = _array(folder / "counts.i32", (len(rows),), np.dtype(np.int32), create, _OPEN)

    def missing(self, rows: Ints) -> Ints:
        """Those of some texts that the teacher has not read, in the same order."""
        found: Ints = rows[self._counts[self._places(rows)] == _OPEN]
        return found

    def put(self, rows: Ints, counts: Ints, states: Sequence[Tensor]) -> None:
        """Keep a batch; it counts once :meth:`flush` was called with it.

        Args:
            rows: (B,) its texts.
            counts: (B,) words of each that were compared.
            states: What the teacher makes of them.
        """
        *words, cls, mean = (state.to("cpu", torch.float16).numpy() for state in states)
        places, ends = self._places(rows), np.cumsum(counts)
        for begin, end, count in zip(self._begins[places], ends, counts, strict=True):
            for depth, state in enumerate(words):
                self._words[begin : begin + count, depth] = state[end - count : end]
        self._texts[places, 0], self._texts[places, 1] = cls, mean

    def flush(self, rows: Ints, counts: Ints) -> None:
        """Write down what was put for some texts, and only then that it is there."""
        self._words.flush()
        self._texts.flush()
        self._counts[self._places(rows)] = counts
        self._counts.flush()

    def __call__(self, batch: Mapping[str, Tensor]) -> list[Tensor]:
        """What the teacher made of a collated batch, in fp32 on its device."""
        places = self._places(batch["teacher_rows"].cpu().numpy())
        spans = zip(self._begins[places], self._counts[places], strict=True)
        found = [self._words[begin : begin + count] for begin, count in spans]
        words, texts = np.concatenate(found).astype(np.float32), self._texts[places].astype(np.float32)
        states = [words[:, depth] for depth in range(words.shape[1])] + [texts[:, 0], texts[:, 1]]
        device = batch["teacher_rows"].device
        return [torch.from_numpy(np.ascontiguousarray(state)).to(device) for state in states]

    def _places(self, rows: Ints) -> Ints:
        return np.asarray(np.searchsorted(self._rows, rows), np.int64)


def _array(path: Path, shape: tuple[int, ...], kind: np.dtype[Any], create: bool, fill: int | None = None) -> Any:
    """A file as an array, made at its whole size if it is not there."""
    if create and not path.is_file():
        unfinished = path.with_suffix(".unfinished")
        size = int(np.prod(shape)) * kind.itemsize
        with unfinished.open("wb") as file:
            if fill is not None:
                file.write(np.full(shape, fill, kind).tobytes())
            elif hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            else:
                file.truncate(size)
        unfinished.replace(path)
    return np.memmap(path, kind, "r+", shape=shape)


def fill(kept: KeptStates, rows: Ints, batch: int, collate: Callable[[Ints], Mapping[str, Tensor]], ask: Ask) -> None:
    """Let the teacher read the texts that it has not read, each process its part of them.

    Args:
        kept: Where its states go.
        rows: The texts, those of like length together.
        batch: How many it reads at a time.
        collate: Makes a batch of texts.
        ask: The teacher.
    """
    state, missing = PartialState(), kept.missing(rows)
    mine = [missing[begin : begin + batch] for begin in range(0, len(missing), batch)]
    mine = mine[state.process_index :: state.num_processes]
    state.wait_for_everyone()  # all have looked at what is missing
    console = Console(stderr=True)
    silent = not console.is_terminal or not state.is_main_process
    waiting: list[tuple[Ints, Ints]] = []
    for part in track(mine, "the teacher reads", console=console, transient=True, disable=silent):
        items = collate(part)
        counts = items["teacher_counts"].numpy()
        kept.put(part, counts, ask(items))
        waiting.append((part, counts))
        if len(waiting) == _EVERY or part is mine[-1]:
            kept.flush(*(np.concatenate(arrays) for arrays in zip(*waiting, strict=True)))
            waiting = []
    state.wait_for_everyone()
