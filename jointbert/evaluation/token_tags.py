"""Gold and predicted tags over the tokens that the data itself came with.

Published slot scores are counted over the tokens of the published files, while a model predicts character spans whose
edges are those of *its* words. So both sides are laid over the original tokens, and a span takes every token that it
shares a character with: for ``o'hare``, which a BERT tokenizer reads as three words, a span on ``hare`` alone is a
span on the token.

In character-tagged Chinese data (CAIS) each character is a token of its own and the text is the characters joined by
nothing. There a word of the model may be longer than a token (``NBA``, ``2019``), so a model whose words are coarser
than the tags cannot reach every gold edge; such a prediction is a boundary error, as it should be. A token of white
space is a token like any other: it keeps its place and its tag, although a tokenizer has no piece for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from jointbert.tags import spans_from_tags, tags_from_spans
from jointbert.utterance import Parse, Span, Token, Utterance

Units = Literal["tokens", "characters"]
"""What slot scores are counted over: the data's own tokens, or exact character offsets."""


def units_of(gold: Sequence[Utterance]) -> Units:
    """``"tokens"`` when every gold utterance carries its tokens, else ``"characters"``.

    Example:
        >>> units_of([Utterance("to rome", tokens=((0, 2), (3, 7))), Utterance("hi")])
        'characters'
    """
    return "tokens" if all(utterance.tokens is not None for utterance in gold) else "characters"


def on_tokens(text: str, tokens: Sequence[Token], spans: Sequence[Span]) -> tuple[Span, ...]:
    """The spans stretched to whole tokens; one that shares no character with a free token is lost.

    Example:
        >>> place = on_tokens("from o'hare", [(0, 4), (5, 11)], [Span.of("from o'hare", "airport", 7, 11)])
        >>> [span.value for span in place]
        ["o'hare"]
    """
    return tuple(spans_from_tags(text, tokens, tags_from_spans(tokens, spans)))


def token_tags(gold: Sequence[Utterance], predicted: Sequence[Parse]) -> tuple[list[list[str]], list[list[str]]]:
    """Gold tags and predicted tags, a list per utterance, as seqeval takes them.

    Both come from spans, so every ``I-`` continues something: an orphan ``I-`` of a published file is a ``B-`` here,
    which leaves seqeval's default scores as they are and makes the strict ones equal to them.

    Args:
        gold: Utterances with their tokens.
        predicted: The parses of the same texts, in the same order.

    Example:
        >>> text, tokens = "to las vegas", ((0, 2), (3, 6), (7, 12))
        >>> token_tags([Utterance(text, spans=(Span.of(text, "city", 3, 12),), tokens=tokens)], [Parse(text)])
        ([['O', 'B-city', 'I-city']], [['O', 'O', 'O']])
    """
    gold_tags = [tags_from_spans(utterance.tokens or (), utterance.spans) for utterance in gold]
    pairs = zip(gold, predicted, strict=True)
    return gold_tags, [tags_from_spans(utterance.tokens or (), parse.spans) for utterance, parse in pairs]
