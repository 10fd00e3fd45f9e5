"""Tables on a terminal: the right numbers, and hostile text shown as typed or escaped."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from jointbert.evaluation.confusion import intent_confusions, slot_confusions
from jointbert.evaluation.render import headline, render
from jointbert.evaluation.score import Scores, evaluate
from jointbert.utterance import Parse, Span, Utterance
from jointbert.visible import visible

HOSTILE = "[bold]x[/bold] \x1b[31m\x07\n\u202e[link=http://a]👩‍🚀 北京"
GOLD = [
    Utterance("to rome", "fly", (Span.of("to rome", "to", 3, 7),), where="t.jsonl:1"),
    Utterance(HOSTILE, "[red]greet", (Span.of(HOSTILE, "[i]name", 0, 7),), where="[u]t.jsonl:2"),
]
PARSES = [
    Parse("to rome", "fly", spans=(Span.of("to rome", "to", 3, 7),)),
    Parse(HOSTILE, "fly", spans=(Span.of(HOSTILE, "[i]name", 0, 8),)),
]


def shown(width: int = 120, encoding: str = "utf-8") -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    console = Console(file=stream, width=width, force_terminal=True, color_system=None)
    scores = evaluate(GOLD, PARSES)
    render(scores, intent_confusions(GOLD, PARSES), slot_confusions(GOLD, PARSES), console)
    stream.seek(0)
    return stream.read()


def test_headline() -> None:
    assert headline(evaluate(GOLD, PARSES)) == "intent 50.0 | slot F1 50.0 | sentence 50.0"
    assert headline(Scores(1, "tokens", None, None, None, None, None)) == "intent - | slot F1 - | sentence -"


def test_headline_tables_and_confusions_are_there() -> None:
    output = shown()
    assert output.startswith("intent 50.0 | slot F1 50.0 | sentence 50.0\n2 utterances; slots over characters.")
    for part in ("Per intent", "Per slot", "Intents confused", "Slots confused", "(other place)"):
        assert part in output


def test_hostile_text_is_shown_as_typed_and_escaped() -> None:
    output = shown(200)
    assert r"[u]t.jsonl:2: [bold]x[/bold] \x1b[31m\x07\n\u202e[link=http://a]👩‍🚀 北京" in output
    assert "[red]greet" in output and "[i]name" in output
    assert not {"\x1b", "\x07", "\u202e"} & set(output)


def test_slots_have_bars_where_there_is_room() -> None:
    assert "█" * 20 in shown(120)
    assert "█" not in shown(80)


def test_what_is_missing_on_one_side_is_said() -> None:
    stream = io.StringIO()
    gold, parses = (
        [Utterance("a b", "x", (Span.of("a b", "s", 0, 1),))],
        [Parse("a b", spans=(Span.of("a b", "t", 2, 3),))],
    )
    gold.append(Utterance("c", "x"))
    parses.append(Parse("c", "y"))
    scores = evaluate(gold, parses)
    render(scores, intent_confusions(gold, parses), slot_confusions(gold, parses), Console(file=stream, width=120))
    assert all(part in stream.getvalue() for part in ("(missed)", "(spurious)", "(none)"))


def test_a_terminal_without_unicode_gets_plain_bars() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    render(evaluate(GOLD[:1], PARSES[:1]), console=Console(file=stream, width=120))
    stream.seek(0)
    assert "#" * 20 in stream.read()


def test_notes_are_printed_and_empty_tables_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    render(evaluate([Utterance("hi", "greet")], [Parse("hi", "greet")]))
    output = capsys.readouterr().out
    assert "Note: There is no slot F1" in output
    assert "Per slot" not in output and "confused" not in output


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\tb\r\n", r"a\tb\r\n"),
        ("\x00\x7f\x9b", r"\x00\x7f\x9b"),
        ("\u2028\u2066\ud800", r"\u2028\u2066\ud800"),
        ("é e\u0301 👩‍🚀 ℃ １", "é e\u0301 👩‍🚀 ℃ １"),
    ],
)
def test_visible(text: str, expected: str) -> None:
    assert visible(text) == expected
