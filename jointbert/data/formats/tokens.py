"""Token-tagged data: tokens joined into a text, tokens found in a text, and both with BIO tags."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from jointbert.data.formats.format import cannot_carry
from jointbert.data.problem import Problem, Report
from jointbert.errors import DataError
from jointbert.tags import orphans, tags_from_spans
from jointbert.utterance import Token, Utterance

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
_CJK_TOKEN = re.compile(f"[{_CJK}]")
_SIMPLE = re.compile(rf"[{_CJK}]|[^\s{_CJK}]+")
_FINE = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+|[^\w\s]")


def simple_tokens(text: str) -> tuple[Token, ...]:
    """Offsets of a plain tokenisation: each Chinese character alone, all else split on white space.

    Example:
        >>> text = "播放 hello world"
        >>> [text[start:end] for start, end in simple_tokens(text)]
        ['播', '放', 'hello', 'world']
    """
    return tuple(match.span() for match in _SIMPLE.finditer(text))


def fine_tokens(text: str) -> tuple[Token, ...]:
    """Offsets of a finer tokenisation, which also sets every punctuation mark and symbol apart.

    Example:
        >>> [text[start:end] for text in ["播放 hello, 2u!"] for start, end in fine_tokens(text)]
        ['播', '放', 'hello', ',', '2u', '!']
    """
    return tuple(match.span() for match in _FINE.finditer(text))


def joiner(tokens: Iterable[str]) -> str:
    """What joins the tokens of a file into texts: nothing when more than half are one Chinese character, else a space.

    Example:
        >>> joiner(["我", "要", "听", "b", "的"]), joiner(["play", "jazz"])
        ('', ' ')
    """
    total = chinese = 0
    for token in tokens:
        total += 1
        chinese += _CJK_TOKEN.fullmatch(token) is not None
    return "" if chinese * 2 > total else " "


def join(tokens: Sequence[str], between: str) -> tuple[str, tuple[Token, ...]]:
    """The text that tokens make and the offsets of each in it.

    Example:
        >>> join(["fly", "to"], " ")
        ('fly to', ((0, 3), (4, 6)))
    """
    offsets, start = [], 0
    for token in tokens:
        offsets.append((start, start + len(token)))
        start += len(token) + len(between)
    return between.join(tokens), tuple(offsets)


def locate(text: str, tokens: Iterable[str], where: str) -> tuple[Token, ...]:
    """The offsets of tokens in a text, each searched behind the one before it.

    Raises:
        DataError: A token is empty or does not stand in the rest of the text.

    Example:
        >>> locate("Fly to Boston!", ["Fly", "to", "Boston", "!"], "a:1")
        ((0, 3), (4, 6), (7, 13), (13, 14))
    """
    offsets, end = [], 0
    for token in tokens:
        start = text.find(token, end) if token else -1
        if start < 0:
            raise DataError(
                where,
                f"the token {token!r} is not found in {text!r} from character {end} on",
                "the tokens in the order of the text",
                "Check that the text is the one that was split.",
            )
        end = start + len(token)
        offsets.append((start, end))
    return tuple(offsets)


def report_orphans(tags: Sequence[str], where: str, report: Report) -> None:
    """Report each I- tag that continues nothing; it is read as the beginning of a span, as seqeval does.

    Raises:
        DataError: A tag is not BIO.
    """
    for index in orphans(tags):
        message = f"{tags[index]} at word {index + 1} continues nothing and is read as B-{tags[index][2:]}"
        report(Problem(where, "orphan-i", "warning", message, "Make it B-, or tag the word before it."))


def tagged(
    name: str, utterance: Utterance, split: Callable[[str], tuple[Token, ...]]
) -> tuple[tuple[Token, ...], list[str]]:
    """The utterance's own tokens, or those that ``split`` finds, and a BIO tag for each.

    Raises:
        DataError: A token holds white space, or a span cuts a token.
    """
    tokens = utterance.tokens if utterance.tokens is not None else split(utterance.text)
    starts, ends = {start for start, _ in tokens}, {end for _, end in tokens}
    for span in utterance.spans:
        if span.start not in starts or span.end not in ends:
            what = f"the span {span.value!r} ({span.slot}) cuts a token of {utterance.text!r}"
            advice = "Give the utterance tokens that fit its spans, or write jsonl, which carries all."
            raise cannot_carry(name, utterance, what, advice)
    for word in (utterance.text[start:end] for start, end in tokens):
        if word.split() != [word]:
            raise cannot_carry(name, utterance, f"the token {word!r} holds white space")
    return tokens, tags_from_spans(tokens, utterance.spans)
