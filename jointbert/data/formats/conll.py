"""CoNLL-style columns: a token and its tag a line, blocks parted by blank lines, comments for the rest.

``# intent: name``, ``# id = 7`` and ``# text = raw text`` come before a block's rows; with a text the tokens are
searched in it, so that raw text survives. Without one, texts are the tokens joined as in the goo format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jointbert.data.formats.format import Format, cannot_carry, check_encodable, check_one_line, warn_left_out
from jointbert.data.formats.lines import head, numbered_lines
from jointbert.data.formats.tokens import fine_tokens, join, joiner, locate, report_orphans, tagged
from jointbert.data.problem import Problem, Report
from jointbert.errors import DataError
from jointbert.tags import spans_from_tags
from jointbert.utterance import Utterance

_COMMENT = re.compile(r"#\s(?P<key>intent|text|id)\s*[:=] ?(?P<value>.*)", re.DOTALL)
_TAG = re.compile(r"O|[BI]-\S+")
_DOCUMENT_START = "-DOCSTART-"


@dataclass
class _Block:
    """The lines of one utterance, as they are read."""

    where: str = ""
    comments: dict[str, str] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(path: Path, report: Report) -> Iterator[Utterance]:
    """The utterances of a file of columns; the first column is the token, the last the tag."""
    between: str | None = None
    for block in _blocks(path):
        if "text" not in block.comments and between is None:
            between = joiner(token for other in _blocks(path) for token in other.tokens)
        for problem in block.problems:
            report(problem)
        if not block.problems:
            yield from _utterance(block, between or "", report)


def _blocks(path: Path) -> Iterator[_Block]:
    """The blocks of a file that say anything."""
    block = _Block()
    for number, line in numbered_lines(path):
        if isinstance(line, str) and not line.strip():
            if block.where:
                yield block
            block = _Block()
        else:
            _add(block, line, f"{path}:{number}")
    if block.where:
        yield block


def _add(block: _Block, line: str | Problem, where: str) -> None:
    """Put one line into a block."""
    if isinstance(line, Problem):
        block.problems.append(line)
        block.where = block.where or where
        return
    comment = _COMMENT.fullmatch(line)
    columns = line.split("\t") if "\t" in line else line.split()
    if comment:
        if block.tokens or comment["key"] in block.comments:
            block.problems.append(_misplaced(block, comment["key"], where))
        block.comments[comment["key"]] = comment["value"]
        block.where = block.where or where
    elif _is_row(columns):
        block.tokens.append(columns[0])
        block.tags.append(columns[-1].strip())
        block.where = block.where or where
    elif columns[0] != _DOCUMENT_START and not line.startswith("#"):
        message = f"{line!r} has one column; expected a token and its tag, parted by a tab or a space"
        block.problems.append(Problem(where, "columns", "error", message, "Add the tag, or O."))
        block.where = block.where or where


def _misplaced(block: _Block, key: str, where: str) -> Problem:
    """What is wrong with a comment that a block has already, or that stands behind its words."""
    found = f"comes after the words of the block at {block.where}" if block.tokens else "stands twice in one block"
    message = f"# {key} {found}; expected comments once, before the words"
    return Problem(where, "comments", "error", message, "Put a blank line between two utterances.")


def _is_row(columns: list[str]) -> bool:
    """Whether the columns are a token with a tag: a # begins a comment unless its line is just # and a BIO tag."""
    if len(columns) < 2 or columns[0] == _DOCUMENT_START:
        return False
    return not columns[0].startswith("#") or (len(columns) == 2 and _TAG.fullmatch(columns[1].strip()) is not None)


def _utterance(block: _Block, between: str, report: Report) -> Iterator[Utterance]:
    """The utterance of one block, or nothing after a problem was reported."""
    text = block.comments.get("text")
    intent, id = (block.comments[key].strip() if key in block.comments else None for key in ("intent", "id"))
    if text is None and not block.tokens:
        message = "the block has comments but no words; expected a token and its tag a line, or # text = ..."
        report(Problem(block.where, "no-words", "error", message, "Remove the blank line after the comments."))
        return
    try:
        if text is None:
            text, offsets = join(block.tokens, between)
        else:
            offsets = locate(text, block.tokens, block.where)
        report_orphans(block.tags, block.where, report)
        spans = tuple(spans_from_tags(text, offsets, block.tags, block.where))
        utterance = Utterance(text, intent, spans, id, offsets, block.where)
    except DataError as error:
        report(Problem.from_error(error, "conll", block.where))
    else:
        yield utterance


def write(path: Path, utterances: Iterable[Utterance]) -> None:
    """Write a block for each utterance: its comments, the raw text among them, and a token and a tag a line.

    Raises:
        DataError: A text holds a line break, a span cuts a token, or the tokens skip text in a way that the reader
            could not follow.
    """
    kept = list(utterances)
    blocks = [_lines(utterance) for utterance in kept]
    warn_left_out("conll", kept, ids=True, canonical=False, tokens=True)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for lines in blocks:
            file.writelines(f"{line}\n" for line in [*lines, ""])


def _lines(utterance: Utterance) -> list[str]:
    check_encodable("conll", utterance)
    check_one_line("conll", utterance)
    text = utterance.text
    tokens, tags = tagged("conll", utterance, fine_tokens)
    words = [text[start:end] for start, end in tokens]
    if locate(text, words, utterance.where or "conll") != tokens:
        raise cannot_carry("conll", utterance, f"the tokens of {text!r} skip text that reads like a token")
    if any(word.startswith("#") and _COMMENT.match(f"{word}\t") for word in words):
        raise cannot_carry("conll", utterance, f"a token of {text!r} reads like a comment")
    if _DOCUMENT_START in words:
        raise cannot_carry("conll", utterance, f"a token of {text!r} reads like the start of a document")
    comments = [f"# {key}: {value}" for key, value in (("id", utterance.id), ("intent", utterance.intent)) if value]
    return [*comments, f"# text = {text}", *(f"{word}\t{tag}" for word, tag in zip(words, tags, strict=True))]


def sniff(path: Path) -> bool:
    """Whether the first line that says anything is a known comment, or columns that end in a BIO tag."""
    if not path.is_file():
        return False
    for line in head(path).split("\n"):
        columns = line.split()
        if _COMMENT.fullmatch(line.rstrip("\r")) or (_is_row(columns) and _TAG.fullmatch(columns[-1])):
            return True
        if columns and not line.startswith("#") and columns[0] != _DOCUMENT_START:
            return False
    return False


FORMAT = Format("conll", "a token and its BIO tag a line, blank lines between", read, write, sniff, False, ".conll")
