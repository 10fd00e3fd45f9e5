"""Task-adaptive pretraining: MLM on a task's own unlabelled training texts first, then the same fine-tuning as without.

    jointbert data get snips --mirror MIRROR     (likewise atis)
    python benchmarks/task_adaptive.py snips --shares 1,5,100 --seeds 13,14,15
    python benchmarks/report.py                  (writes benchmarks/RESULTS.md from the JSON files)

All of the training texts are read, whatever share of their labels the fine-tuning gets: that is the case it is for.
The runs are kept beside those of encoders.py, whose recipe and tables they share.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

ENCODER = "mini-en"
ADAPTED = "mini-en adapted"
STEPS, BATCH, RATE = 400, 32, 3e-4


def adapt(texts: list[str], folder: Path, encoder: str = ENCODER) -> str:
    """The folder of an encoder after MLM on the texts, each a document."""
    from jointbert.config import PretrainConfig
    from jointbert.pretraining.run import pretrain

    corpus = folder / "texts.txt"
    corpus.write_text("\n\n".join(" ".join(text.split()) for text in texts), encoding="utf-8")
    config = PretrainConfig.model_validate(
        {
            "corpus": {"sources": [{"path": str(corpus)}], "held_out": 0.05},
            "model": {"dropout": 0.0},  # as the encoder has it, in fine-tuning too
            "objective": {"nsp": False, "length": 64},
            "training": {"steps": STEPS, "batch_size": BATCH, "learning_rate": RATE, "save_every": STEPS},
        }
    )
    result = pretrain(config, folder / "encoder", start=encoder)
    print(f"{len(texts)} texts: held-out perplexity {result.perplexity:.1f} after {result.seconds:.0f} s", flush=True)
    return str(folder / "encoder")


def asked(given: Sequence[str] | None = None) -> argparse.Namespace:
    """A command line's ``datasets``, ``seeds`` and ``shares``, as lists.

    Args:
        given: Its arguments; None takes this process's own.
    """
    from encoders import DATASETS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("datasets", nargs="+", choices=sorted(DATASETS))
    parser.add_argument("--seeds", type=lambda text: list(map(int, text.split(","))), default=[13, 14, 15])
    shares = "of the labelled data, in percent"
    parser.add_argument("--shares", type=lambda text: list(map(float, text.split(","))), default=[100.0], help=shares)
    return parser.parse_args(given)


def results_of(given: Sequence[str]) -> set[Path]:
    """The files that a command line leaves behind."""
    arguments = asked(given)
    return {path for dataset in arguments.datasets for path in kept(dataset, arguments)}


def kept(dataset: str, arguments: argparse.Namespace) -> list[Path]:
    """The files of a dataset's runs."""
    from encoders import kept_file

    return [kept_file(dataset, ADAPTED, share, seed) for share in arguments.shares for seed in arguments.seeds]


def main() -> None:
    """Adapt the encoder to each dataset, then fine-tune it as encoders.py does."""
    from encoders import DATASETS, keep

    from jointbert.data import read

    arguments = asked()
    for dataset in arguments.datasets:
        if all(path.exists() for path in kept(dataset, arguments)):
            print(f"{dataset}: all of these runs are there already; delete some to run them again", flush=True)
            continue
        with tempfile.TemporaryDirectory() as scratch:
            encoder = adapt([item.text for item in read(DATASETS[dataset][1])], Path(scratch))
            for share in arguments.shares:
                for seed in arguments.seeds:
                    keep(dataset, ADAPTED, encoder, share, seed)


if __name__ == "__main__":
    main()
