"""jointbert: conversational NLU on your own machine. Importing it loads no torch; names load on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from jointbert.errors import (
        AlignmentError,
        ConfigError,
        DataError,
        DownloadError,
        EditConflictError,
        JointBertError,
        MissingExtraError,
        ModelError,
        ServerError,
        StoreError,
    )
    from jointbert.inference.encoder import Encoder
    from jointbert.inference.nlu import NLU
    from jointbert.utterance import Parse, Span, Utterance

_HOME = {
    "AlignmentError": "jointbert.errors",
    "ConfigError": "jointbert.errors",
    "DataError": "jointbert.errors",
    "DownloadError": "jointbert.errors",
    "EditConflictError": "jointbert.errors",
    "Encoder": "jointbert.inference.encoder",
    "JointBertError": "jointbert.errors",
    "MissingExtraError": "jointbert.errors",
    "ModelError": "jointbert.errors",
    "NLU": "jointbert.inference.nlu",
    "Parse": "jointbert.utterance",
    "ServerError": "jointbert.errors",
    "Span": "jointbert.utterance",
    "StoreError": "jointbert.errors",
    "Utterance": "jointbert.utterance",
}

__all__ = [
    "NLU",
    "AlignmentError",
    "ConfigError",
    "DataError",
    "DownloadError",
    "EditConflictError",
    "Encoder",
    "JointBertError",
    "MissingExtraError",
    "ModelError",
    "Parse",
    "ServerError",
    "Span",
    "StoreError",
    "Utterance",
    "__version__",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'jointbert' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
