"""Settings: what is out of range is refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from jointbert.errors import ConfigError
from jointbert.serve.settings import Settings


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"engine": "tensorrt"}, "engine: is 'tensorrt'; expected one of auto, torch, onnx, onnx-int8."),
        ({"port": 65536}, "port: is 65536; expected 0 to 65535."),
        ({"max_queue": 0}, "max_queue: is 0; expected 1 to "),
        ({"max_batch": 0}, "max_batch: is 0"),
        ({"deadline_ms": float("nan")}, "deadline_ms: is nan"),
        ({"max_wait_ms": -1}, "max_wait_ms: is -1"),
        ({"low_confidence": 1.5}, "low_confidence: is 1.5; expected 0 to 1."),
        ({"threads": 0}, "threads: is 0"),
    ],
)
def test_what_is_out_of_range_is_refused(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Settings(**changes)
    assert str(caught.value).startswith(complaint)


def test_what_follows_from_others() -> None:
    assert Settings(deadline_ms=1500).deadline == 1.5
    assert Settings(max_texts=10).texts_per_request == 10
    assert Settings(max_queue=3).texts_per_request == 3
    assert [Settings(host=host).is_local for host in ("127.0.0.1", "::1", "0.0.0.0")] == [True, True, False]
