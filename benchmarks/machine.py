"""What a benchmark ran on: hardware and versions, for the head of every table."""

from __future__ import annotations

import os
import platform
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
