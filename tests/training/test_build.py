"""The longest input of a fresh model: what is asked for, as far as the encoder has room; who asks for more is told."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import tiny
import toy

from jointbert.training.build import build_model
from jointbert.training.corpus import load_corpus


@pytest.fixture
def encoder(tmp_path: Path) -> str:
    """A folder with an encoder that has room for 64 pieces."""
    place = tmp_path / "encoder"
    tiny.model().encoder.save_pretrained(place)
    tiny.english().save_pretrained(place)
    return str(place)


@pytest.mark.parametrize(("asked", "told"), [({"max_pieces": 100}, True), ({"max_pieces": 48}, False), ({}, False)])
def test_more_than_the_encoder_has_room_for_is_told_unless_it_is_the_default(
    tmp_path: Path, encoder: str, asked: dict[str, int], told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    config = toy.small(tmp_path)
    section = {"name": encoder, **asked}
    config = type(config).model_validate(config.model_dump() | {"encoder": section})
    with caplog.at_level(logging.WARNING, "jointbert.training"):
        fresh = build_model(config, load_corpus(config.data))
    assert fresh.codec.max_pieces == min(64, asked.get("max_pieces", 512))
    said = [record.getMessage() for record in caplog.records if "max_pieces" in record.getMessage()]
    wanted = f"encoder.max_pieces: is 100, and {encoder} has room for 64; what is beyond these is not read"
    assert said == ([wanted] if told else [])
