"""What a benchmark ran on: hardware and versions, for the head of every table."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("jointbert", "torch", "transformers", "tokenizers", "numpy")


def processor() -> str:
    """The processor's name, as the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def machine() -> dict[str, str]:
    """Hardware, threads and versions as short strings."""
    import torch

    cores = os.cpu_count() or 1
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    return {
        "hardware": f"{processor()}, {cores} cores, {torch.backends.cpu.get_cpu_capability()}, {gpu}",
        "threads": str(torch.get_num_threads()),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def matrix_rate(number_format: str = "float32") -> float:
    """What the machine multiplies at best: GFLOP/s of a 2048 x 2048 product, the best of ten.

    A processor that only imitates the format would take minutes for that: where 256 x 256 says so, that is the rate.

    Args:
        number_format: ``float32`` or ``bfloat16``.
    """
    small = _product_rate(256, number_format)
    return small if 2 * 2048**3 / small / 1e9 > _LONG else _product_rate(2048, number_format)


_LONG = 2.0
"""Seconds that one product may take."""


def _product_rate(size: int, number_format: str) -> float:
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    left, right = torch.rand(2, size, size, dtype=getattr(torch, number_format), device=device)
    times = []
    for _ in range(10):
        start = time.perf_counter()
        product = left @ right
        float(product[0, 0])  # waits for a GPU
        times.append(time.perf_counter() - start)
    return 2 * size**3 / min(times) / 1e9
