"""The folder of seq.in, seq.out and label that ATIS, SNIPS and CAIS come in (the layout of SlotGated-SLU).

Words are split on white space, so outer and doubled blanks mean nothing. The text is the words joined by one space,
or by nothing when more than half of the words of the file are single Chinese characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import repeat
from pathlib import Path

from jointbert.data.formats.format import Format, cannot_carry, check_encodable, check_one_line, warn_left_out
from jointbert.data.formats.lines import numbered_lines
from jointbert.data.formats.tokens import join, joiner, report_orphans, simple_tokens, tagged
from jointbert.data.problem import Problem, Report
from jointbert.errors import DataError
from jointbert.tags import spans_from_tags
from jointbert.utterance import Utterance

WORDS, TAGS, INTENTS = PARTS = ("seq.in", "seq.out", "label")


def read(path: Path, report: Report) -> Iterator[Utterance]:
    """The utterances of a folder; without a label file they have no intent."""
    lengths = {part: _length(path / part) for part in PARTS if (path / part).is_file()}
    missing = [part for part in (WORDS, TAGS) if part not in lengths]
    if missing:
        message = f"{' and '.join(missing)} is missing; expected a folder with seq.in, seq.out and label"
        report(Problem(str(path), "missing-file", "error", message, "Name the folder that holds them."))
        return
    if len(set(lengths.values())) > 1:
        message = ", ".join(f"{part} has {count} lines" for part, count in lengths.items())
        advice = "Look for a line that is missing or broken in two."
        report(Problem(str(path), "file-lengths", "error", f"{message}; expected as many in each", advice))
        return
    between = joiner(word for _, line in numbered_lines(path / WORDS) if isinstance(line, str) for word in line.split())
    labels = numbered_lines(path / INTENTS) if INTENTS in lengths else repeat((0, None))
    rows = zip(numbered_lines(path / WORDS), numbered_lines(path / TAGS), labels, strict=False)
    for (number, words), (_, tags), (_, label) in rows:
        broken = [line for line in (words, tags, label) if isinstance(line, Problem)]
        for problem in broken:
            report(problem)
        if isinstance(words, str) and isinstance(tags, str) and not isinstance(label, Problem):
            yield from _utterance(path, number, words.split(), tags.split(), label, between, report)


def _length(path: Path) -> int:
    """The number of lines of a file."""
    with path.open("rb") as file:
        return sum(1 for _ in file)


def _utterance(
    path: Path, number: int, words: list[str], tags: list[str], label: str | None, between: str, report: Report
) -> Iterator[Utterance]:
    """The utterance of one line, or nothing after a problem was reported."""
    where, tags_where = f"{path / WORDS}:{number}", f"{path / TAGS}:{number}"
    if not words:
        advice = f"Remove line {number} from every file."
        report(Problem(where, "blank-line", "error", "the line is blank; expected an utterance", advice))
        return
    if label is not None and not label.strip():
        advice = "Write the intent, or remove the label file when there are none."
        report(
            Problem(f"{path / INTENTS}:{number}", "blank-line", "error", "the intent is blank; expected a name", advice)
        )
        return
    if len(words) != len(tags):
        message = f"{len(tags)} tags for {len(words)} words; expected one tag per word"
        advice = f"Look for a doubled space in seq.in line {number}."
        report(Problem(tags_where, "tags-per-word", "error", message, advice))
        return
    text, tokens = join(words, between)
    try:
        report_orphans(tags, tags_where, report)
        spans = tuple(spans_from_tags(text, tokens, tags, tags_where))
    except DataError as error:
        report(Problem.from_error(error, "not-bio", tags_where))
    else:
        yield Utterance(text, label and label.strip(), spans, None, tokens, where)


def write(path: Path, utterances: Iterable[Utterance]) -> None:
    """Write a folder of seq.in, seq.out and, where the utterances have intents, label.

    Raises:
        DataError: A text is not its tokens joined as the reader will join them, a span cuts a token, or some
            utterances have an intent and others do not, or the first text or intent begins with U+FEFF.
    """
    kept = list(utterances)
    rows = [tagged("goo", utterance, simple_tokens) for utterance in kept]
    words = [
        [utterance.text[start:end] for start, end in tokens] for utterance, (tokens, _) in zip(kept, rows, strict=True)
    ]
    between = joiner(word for line in words for word in line)
    has_intents = any(utterance.intent is not None for utterance in kept)
    for utterance, line in zip(kept, words, strict=True):
        _check(utterance, line, between, has_intents)
    _check_start(kept)
    warn_left_out("goo", kept, ids=False, canonical=False, tokens=True)
    path.mkdir(parents=True, exist_ok=True)
    _save(path / WORDS, (" ".join(line) for line in words))
    _save(path / TAGS, (" ".join(tags) for _, tags in rows))
    if has_intents:
        _save(path / INTENTS, (utterance.intent or "" for utterance in kept))


def _check(utterance: Utterance, words: list[str], between: str, has_intents: bool) -> None:
    check_encodable("goo", utterance)
    check_one_line("goo", utterance)
    if not words:
        raise cannot_carry("goo", utterance, f"a text without words ({utterance.text!r})", "Drop it.")
    if between.join(words) != utterance.text:
        how = "one space" if between else "nothing (most words of the file are Chinese characters)"
        what = f"{utterance.text!r} is not its words joined by {how}"
        raise cannot_carry("goo", utterance, what, "Write jsonl or conll, which keep the raw text.")
    if has_intents and utterance.intent is None:
        raise cannot_carry("goo", utterance, f"{utterance.text!r} has no intent while others have one", "Name it.")


def _check_start(utterances: list[Utterance]) -> None:
    """Raise DataError when a file would begin with U+FEFF, which every reader drops as a byte-order mark."""
    for utterance in utterances[:1]:
        for what, value in (("text", utterance.text), ("intent", utterance.intent or "")):
            if value.startswith("\ufeff"):
                said = f"the first {what} {value!r} begins with U+FEFF (a byte-order mark)"
                raise cannot_carry("goo", utterance, said)


def _save(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(line + "\n" for line in lines)


def sniff(path: Path) -> bool:
    """Whether the path is a folder that holds a seq.in or a seq.out."""
    return path.is_dir() and ((path / WORDS).is_file() or (path / TAGS).is_file())


FORMAT = Format(
    "goo", "a folder of seq.in, seq.out and label (ATIS, SNIPS, CAIS)", read, write, sniff, True, "", parts=PARTS
)
