"""The model card: what a model is, what it was trained on, how good it is on dev."""

from __future__ import annotations

import re
from pathlib import Path

import torch
import transformers

from jointbert import __version__
from jointbert.codec.scope import Scope
from jointbert.config import Config
from jointbert.evaluation.render import percent
from jointbert.evaluation.score import Scores
from jointbert.training.corpus import Corpus

CARD = "model_card.md"
"""The card's name in a model folder."""

_SCOPE = re.compile(r"^- Scope: .*\n?(?:^  .*\n?)*", re.MULTILINE)


def model_card(config: Config, corpus: Corpus, dev: Scores, scope: Scope | None = None) -> str:
    """The card as Markdown; names from the data stand in code spans, so that they are never markup."""
    intents = list(corpus.labels.intents or ())
    slots = list(corpus.labels.slots or ())
    head = "a CRF over" if config.model.crf else "a softmax over"
    return f"""# Joint intent and slot model

One encoder (`{_code(config.encoder.name)}`), an intent head on the [CLS] state, {head} the tags of each word.
Trained with jointbert {__version__}, torch {torch.__version__}, transformers {transformers.__version__};
the exact config is in `training.yaml`.

| dev ({dev.utterances} utterances, slots over {dev.units}) | % |
|---|---|
| intent accuracy | {percent(dev.intent_accuracy)} |
| slot F1 | {percent(dev.slot_f1)} |
| sentence accuracy | {percent(dev.sentence_accuracy)} |

The kept epoch was chosen on these very dev utterances, so expect a little less elsewhere.

- Training utterances: {len(corpus.train)} from `{_code(config.data.train)}`
- {len(intents)} intents: {", ".join(f"`{_code(name)}`" for name in intents) or "none"}
- {len(slots)} slots: {", ".join(f"`{_code(name)}`" for name in slots) or "none"}
{scope_lines(scope)}"""


def card_with_scope(folder: Path, scope: Scope | None) -> dict[str, bytes]:
    """The card of a model folder with its lines on the scope made anew, by its name; empty where there is no card.

    All else stays as it is, whoever wrote it; a card without such lines gets them at its end.

    Args:
        folder: The model folder.
        scope: The scope that the model is about to have; None for none.
    """
    path = folder / CARD
    if not path.is_file():
        return {}
    card, fresh = path.read_bytes().decode("utf-8", "surrogateescape"), scope_lines(scope)
    made, found = _SCOPE.subn(lambda _: fresh, card, count=1)
    whole = made if found else f"{card.rstrip()}\n\n{fresh}"
    return {CARD: whole.encode("utf-8", "surrogateescape")}


def scope_lines(scope: Scope | None) -> str:
    """The card's lines on the scope: whether the model tells what is out of scope, and how."""
    return f"- Scope: {_told(scope)}\n"


def _told(scope: Scope | None) -> str:
    if scope is None:
        return "the model does not tell what is out of scope"
    counts = f"{scope.chosen['dev']} dev utterances in scope and {scope.chosen['dev_out_of_scope']} out of it"
    told = f"out of scope is what `{scope.scorer.name}` scores below {scope.threshold:.6g}, chosen on {counts}"
    return f"{told}:\n  {scope.chosen['rule']}"


def _code(name: str) -> str:
    """A name that cannot end its own code span or its line."""
    return name.replace("`", "'").replace("\n", " ")
