"""The report as Markdown: for a repository, a pull request, a model card. Pictures lie beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from jointbert.evaluation.reliability_view import ASK_COLUMNS, ASK_TITLE, KINDS, ask_caution, ask_rows
from jointbert.evaluation.render import percent
from jointbert.report.findings import Advice, Findings, Listing, Subject
from jointbert.report.prose import Prose, counted, shown
from jointbert.report.scope_rows import scope_rows, scope_rule

SHOWN = 20
"""Utterances that a list shows; the HTML page shows more."""
LABELS = 40
"""Intents, and slots, that a table lists."""


def to_markdown(findings: Findings, pictures: Sequence[str] = ()) -> str:
    """The report as a Markdown document (CommonMark with GitHub's tables).

    Whatever comes out of the data stands in code spans, in which nothing is markup.

    Args:
        findings: What to say.
        pictures: File names of pictures that lie beside the document.
    """
    subject, scores = findings.subject, findings.scores
    blocks = [
        f"# {code(subject.model)} on {code(subject.data)}",
        f"{counted(scores.utterances, 'utterance')}; slots over {scores.units}{_model(subject)}. {_training(subject)}",
        _figures(findings),
        *(f"Note: {_note(note)}" for note in scores.notes),
        "## What to do next",
        *_advice(findings),
        *_caveats(findings),
        *_pictures(pictures),
        *_intents(findings),
        *_slots(findings),
        *_values(findings),
        *_lengths(findings),
        *_confidences(findings),
        *_scope(findings),
        "## The most confident mistakes",
        *_listing(findings.mistakes, "confidences", "There are none: every parse is right."),
        "## Likely annotation errors",
        *_listing(findings.doubts, "suspicion", "No label is contradicted with confidence."),
        "## Leaks and other warnings of the linter",
        *_warnings(findings),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def code(text: str, most: int = 400) -> str:
    """A text of unknown origin as a code span, cut when it is longer than so many characters.

    Example:
        >>> print(code("**x**"), code("a`b"), code(""))
        `**x**` ``a`b`` ` `
    """
    text = shown(text, most)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else f"{fence} {fence}"


def cell(text: str) -> str:
    r"""A text of unknown origin as a code span in a table's cell, where a bar has to be escaped even in code.

    Example:
        >>> print(cell("a|b"))
        `a\|b`
    """
    return code(text).replace("|", "\\|")


def say(sentence: Prose) -> str:
    """A sentence with its names in code spans."""
    return "".join(code(part) if place % 2 else part for place, part in enumerate(sentence))


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]], words: int = 1) -> str:
    """A table whose first columns are words, and whose others are numbers."""
    lines = [heads, ["---"] * words + ["---:"] * (len(heads) - words), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def _model(subject: Subject) -> str:
    named = (("model", subject.version), ("engine", subject.engine))
    return "".join(f"; {kind} {code(name)}" for kind, name in named if name)


def _training(subject: Subject) -> str:
    if subject.train is None:
        return f"Training data: {code(subject.why_no_train or 'not given')}."
    outside = f", without {subject.train_outside:,} out of scope" if subject.train_outside else ""
    return f"Trained on {counted(subject.train_utterances or 0, 'utterance')} of {code(subject.train)}{outside}."


def _note(note: str) -> str:
    """A note; what it lists after its colon stands in a code span where it names something, which is in quotes then.

    Example:
        >>> print(_note("Unknown intents: 'a_b' (1 utterance)."), _note("Texts cut: 3."))
        Unknown intents: `'a_b' (1 utterance).` Texts cut: 3.
    """
    words, colon, listed = note.partition(": ")
    return f"{words}: {code(listed, 1000)}" if colon and re.search("['\"]", listed) else note


def _figures(findings: Findings) -> str:
    rows = [
        (figure.name, percent(figure.value), f"{percent(figure.low)} to {percent(figure.high)}")
        for figure in findings.figures
        if figure.value is not None
    ]
    return _table(("score", "%", "95 % interval"), rows)


def _advice(findings: Findings) -> list[str]:
    if not findings.advice:
        nothing = "No mistake is frequent enough here to advise on."
        return [nothing if findings.mistakes.total else "Every utterance is right: there is nothing to advise."]
    unit = "In points of sentence accuracy; an utterance with two mistakes counts for both."
    return [unit, "\n".join(f"{number}. {_piece(advice)}" for number, advice in enumerate(findings.advice, start=1))]


def _piece(advice: Advice) -> str:
    points = "" if advice.points is None else f" (at most {advice.points:.1f} points)"
    texts = "; ".join(code(text) for text in advice.examples)
    lines = [f"**{say(advice.what)}**{points} {say(advice.evidence)} → {say(advice.next_step)}"]
    return "\n   ".join([*lines, f"For example: {texts}."] if texts else lines)


def _caveats(findings: Findings) -> list[str]:
    if not findings.caveats:
        return []
    return ["## Before you trust the numbers", "\n".join(f"- {_piece(advice)}" for advice in findings.caveats)]


def _pictures(names: Sequence[str]) -> list[str]:
    return ["## Pictures", *(f"![{name.removesuffix('.png')}]({name})" for name in names)] if names else []


def _intents(findings: Findings) -> list[str]:
    every = findings.scores.per_intent
    if not every:
        return []
    rows = [
        (cell(row.name), row.support, percent(row.precision), percent(row.recall), percent(row.f1))
        for row in every[:LABELS]
    ]
    heads = ("intent", "utterances", "precision", "recall", "F1")
    return ["## Intents", _table(heads, rows), _more(len(every) - len(rows))]


def _more(count: int) -> str:
    return f"And {count} more." if count else ""


def _slots(findings: Findings) -> list[str]:
    if not findings.slots:
        return []
    rows = [
        (cell(row.name), row.gold, row.right, row.boundary, row.label, row.missed, row.spurious, percent(row.f1))
        for row in findings.slots[:LABELS]
    ]
    heads = ("slot", "spans", "right", "wrong edges", "wrong slot", "missed", "spurious", "F1")
    return ["## Slots", _table(heads, rows), _more(len(findings.slots) - len(rows))]


def _values(findings: Findings) -> list[str]:
    if not findings.values:
        return []
    rows = [(row.name, row.spans, row.found, percent(row.recall)) for row in findings.values]
    heading = "## Values that training had, and those it had not"
    return [heading, _table(("value in training", "gold spans", "found exactly", "%"), rows)]


def _lengths(findings: Findings) -> list[str]:
    known = any(row.train is not None for row in findings.lengths)
    heads = ("words", "utterances", *(["in training"] if known else []), "intent", "slot F1", "sentence")
    rows = [
        (
            row.name,
            row.utterances,
            *([row.train] if known else []),
            *map(percent, (row.intent, row.slots, row.sentence)),
        )
        for row in findings.lengths
    ]
    return ["## By length", _table(heads, rows)]


def _confidences(findings: Findings) -> list[str]:
    held = findings.held
    if not held:
        return []
    kinds = list(next(iter(held.values())))
    rows = [(KINDS[kind], *(percent(found[kind].ece) for found in held.values())) for kind in kinds]
    asks = ask_rows(held)
    table = [f"{ASK_TITLE}:", _table(ASK_COLUMNS, asks)] if asks else []
    ece = ["Calibration error (ECE) in points.", _table(("confidence", *held), rows)]
    return ["## Confidences", *ece, *table, ask_caution(held)]


def _scope(findings: Findings) -> list[str]:
    told = findings.scope
    if told is None:
        return []
    rows = [(row.name, row.what, percent(row.rate)) for row in scope_rows(told)]
    return ["## Out of scope", scope_rule(told), _table(("rate", "what it is", "%"), rows, words=2)]


def _listing(listing: Listing, score: str, nothing: str) -> list[str]:
    if not listing.total:
        return [nothing]
    exhibits = listing.shown[:SHOWN]
    lines = [
        f"- {percent(exhibit.score)}: {code(exhibit.text)}{f' ({code(exhibit.where)})' if exhibit.where else ''} "
        + " ".join(say(sentence) for sentence in exhibit.what)
        for exhibit in exhibits
    ]
    return [f"{len(exhibits)} of {listing.total:,}, with {score} in percent.", "\n".join(lines)]


def _warnings(findings: Findings) -> list[str]:
    if findings.warnings is None:
        return [f"Not known: {code(findings.subject.why_no_train or 'no training data was given')}."]
    if not findings.warnings:
        return ["The linter has nothing to say."]
    return [
        "\n".join([f"{found.title} (`{found.rule}`): {found.count}\n", *(f"- {code(each)}" for each in found.messages)])
        for found in findings.warnings
    ]
