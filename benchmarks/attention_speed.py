"""What attention costs in training on a CPU: a step with PyTorch's fused attention, and with plain products.

    python benchmarks/attention_speed.py                       (mini-en; 32 texts of 18 pieces, 16 of 128)
    python benchmarks/attention_speed.py --encoder gte-small

Both take turns in one run, forwards and backwards, on one thread; printed, not kept. jointbert.fitting.attention acts
on it.
"""

from __future__ import annotations

import argparse
import time
from statistics import median

import torch

from jointbert.model.encoder import encode, load_encoder

SHAPES = ((32, 18), (16, 128))
ROUNDS = 12


def main() -> None:
    """Print a line for each shape and number format."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", default="mini-en", help="a known name or a folder")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    encoders = {}
    for attention in ("sdpa", "eager"):
        encoders[attention] = load_encoder(arguments.encoder).train()
        encoders[attention].set_attn_implementation(attention)
    for texts, pieces in SHAPES:
        for number_format in (torch.float32, torch.bfloat16):
            times = {name: [step(encoder, texts, pieces, number_format)] for name, encoder in encoders.items()}
            for _ in range(ROUNDS):
                for name, encoder in encoders.items():
                    times[name].append(step(encoder, texts, pieces, number_format))
            fused, plain = (1000 * median(times[name][1:]) for name in ("sdpa", "eager"))
            said = f"{texts} x {pieces}, {number_format}: fused {fused:.0f} ms, plain {plain:.0f} ms"
            print(f"{said}, {fused / plain:.2f} times as long", flush=True)


def step(encoder: torch.nn.Module, texts: int, pieces: int, number_format: torch.dtype) -> float:
    """Seconds for one pass forwards and backwards."""
    ids = torch.randint(1000, 5000, (texts, pieces))
    mask = torch.ones_like(ids)
    mask[::2, -3:] = 0
    start = time.perf_counter()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=number_format is torch.bfloat16):
        states = encode(encoder, ids, mask)
    states.float().pow(2).mean().backward()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
