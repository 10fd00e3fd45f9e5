"""The card says what an encoder began from."""

from __future__ import annotations

from pathlib import Path

import pytest
from invented_corpus import settings

from jointbert.model.pretraining import fresh_pretraining_model
from jointbert.pretraining.card import encoder_card

RECORD = {"documents": 3, "pieces": 90, "steps": 2, "mlm_perplexity": 9.0, "mlm_accuracy": 0.2}


@pytest.mark.parametrize(
    ("start", "embeddings", "positions", "begun"),
    [
        (None, "random", "random", "random weights"),
        (None, "counts", "random", "random weights but for piece vectors counted in the corpus"),
        (None, "random", "sinusoidal", "random weights but for sinusoidal position vectors"),
        (
            *(None, "counts", "sinusoidal"),
            "random weights but for piece vectors counted in the corpus and sinusoidal position vectors",
        ),
        ("mini-en", "random", "random", "`mini-en`"),
    ],
)
def test_the_card_says_what_it_began_from(start: str | None, embeddings: str, positions: str, begun: str) -> None:
    config = settings(Path("of"), model__embeddings=embeddings, model__positions=positions)
    card = encoder_card(config, fresh_pretraining_model("tiny", 20, 0, 16, 0.0), RECORD | {"start": start})
    assert f"Trained from {begun} on masked pieces" in " ".join(card.split())
