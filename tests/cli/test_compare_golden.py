"""jointbert compare --golden, and what is out of scope: who is right, which marker counts, and what is said of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import toy
from stand import Stand, load, scoped

from jointbert.cli.main import main
from jointbert.utterance import Span

IN_SCOPE = {"text": "hi", "intent": "x"}
OUTSIDE = {"text": "2 + 2", "intent": "oos"}


class Gate:
    """Runs the command on stand-ins and files of these rows."""

    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.capfd, self.patch = folder, capfd, monkeypatch
        self.out = self.err = ""
        self.found: dict[str, Any] = {}
        monkeypatch.setenv("COLUMNS", "200")

    def leave(self, a: Stand, b: Stand, data: list[dict[str, Any]], *more: str | Path) -> int:
        load(self.patch, a, b)
        report = self.folder / "c.json"
        arguments = ["a", "b", "--data", toy.write(self.folder / "d.jsonl", data), "--json", str(report)]
        with pytest.raises(SystemExit) as leaving:
            main(["compare", *arguments, *map(str, more)])
        self.out, self.err = self.capfd.readouterr()
        self.found = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
        return int(leaving.value.code or 0)

    def golden(self, a: Stand, b: Stand, *rows: dict[str, Any], data: dict[str, Any] = IN_SCOPE) -> int:
        return self.leave(a, b, [data], "--golden", toy.write(self.folder / "g.jsonl", list(rows)))

    @property
    def failures(self) -> list[tuple[str, str]]:
        return [(failure["kind"], failure["text"]) for failure in self.found["golden"]["failures"]]


@pytest.fixture
def gate(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(tmp_path, capfd, monkeypatch)


def test_a_golden_utterance_that_b_breaks_fails_the_gate_though_the_data_shows_no_difference(gate: Gate) -> None:
    a, b = Stand(("x", "y")), Stand(("x", "y"), said={"wake me": "y"})
    assert gate.golden(a, b, {"text": "wake me", "intent": "x"}, IN_SCOPE) == 1
    assert gate.err == "gate failed: B gets 1 of 2 golden utterances wrong (1 that A gets right).\n"
    assert "Golden: B gets 1 of 2 right." in gate.out and "  A, gold x\n  B       y\n" in gate.out
    assert "No significant difference between A and B" in gate.out and gate.failures == [("broken", "wake me")]
    assert (gate.found["verdict"], gate.found["counts"]["broken"], gate.found["passed"]) == (
        "no significant difference",
        0,
        False,
    )


# what is out of scope -----------------------------------------------------------------------------------------------


def test_what_is_marked_has_to_be_refused_and_nothing_else_may_be(gate: Gate) -> None:
    keeps, refuses = (Stand(scope=scoped(), refused=some) for some in ((), ("2 + 2",)))
    assert gate.golden(refuses, refuses, IN_SCOPE, OUTSIDE) == 0
    assert gate.golden(refuses, keeps, IN_SCOPE, OUTSIDE) == 1
    assert gate.failures == [("broken", "2 + 2")] and gate.found["golden"]["failures"][0]["a"]["in_scope"] is False
    shy = Stand(scope=scoped(), refused=("2 + 2", "hi"))
    assert gate.golden(refuses, shy, IN_SCOPE, OUTSIDE) == 1
    assert gate.failures == [("broken", "hi")]
    assert "  A, gold x\n  B       x (out of scope)\n" in gate.out


def test_a_model_without_a_scope_cannot_pass_what_is_marked_and_is_told_so(gate: Gate) -> None:
    refuses, cannot = Stand(scope=scoped(), refused=("2 + 2",)), Stand()
    assert gate.golden(refuses, cannot, IN_SCOPE, OUTSIDE) == 1
    assert gate.failures == [("broken", "2 + 2")]
    note = (
        "B does not tell what is out of scope, so it cannot be right in golden utterances marked so: 1. "
        "Teach it with: jointbert scope"
    )
    assert gate.found["golden"]["notes"] == [note] and f"Note: {note}" in gate.out
    assert gate.golden(cannot, refuses, IN_SCOPE, OUTSIDE) == 0
    assert gate.found["golden"]["notes"][0].startswith("A does not tell")


def test_each_model_is_judged_by_its_own_marker_and_by_that_of_the_other(gate: Gate) -> None:
    rows = [OUTSIDE, {"text": "what", "intent": "else"}]
    a, b = (Stand(scope=scoped(marker), refused=("2 + 2", "what")) for marker in ("oos", "else"))
    assert gate.golden(a, b, *rows) == 0
    assert (
        "Note: A and B mark what is out of scope differently, by oos and by else: "
        "each counts for both, unless the other model has it as an intent."
    ) in gate.out
    knows = Stand(("x", "oos"), scope=scoped("else"), refused=("2 + 2", "what"))
    assert gate.golden(a, knows, *rows) == 1, "for this one oos is an intent like any other"
    assert gate.failures == [("broken", "2 + 2")]
    gives = Stand(("x", "oos"), said={"2 + 2": "oos"}, scope=scoped("else"), refused=("what",))
    assert gate.golden(a, gives, *rows) == 0


def test_data_is_left_out_by_either_marker_unless_both_models_have_an_intent_for_it(gate: Gate) -> None:
    rows = [IN_SCOPE, OUTSIDE, {"text": "what", "intent": "else"}]
    unmarked, a, b = Stand(scope=scoped(None)), Stand(scope=scoped("oos")), Stand(scope=scoped("else"))
    for models, left in {(a, b): 2, (unmarked, b): 1, (b, unmarked): 1, (Stand(), a): 1}.items():
        gate.leave(*models, rows)
        assert f"Note: Utterances marked as out of scope, left out: {left}." in gate.out
        assert gate.found["utterances"] == 3 - left
    own = Stand(("x", "oos"), scope=scoped("oos"))
    gate.leave(own, own, rows)
    assert gate.found["utterances"] == 3 and "left out" not in gate.out
    gate.leave(own, Stand(), rows)
    assert gate.found["utterances"] == 2


def test_how_many_are_kept_and_refused_is_noted(gate: Gate) -> None:
    rows = [IN_SCOPE, {"text": "hello", "intent": "x"}, OUTSIDE, {"text": "what", "intent": "oos"}]
    a, b = Stand(scope=scoped(), refused=("what",)), Stand(scope=scoped(), refused=("hello", "2 + 2", "what"))
    assert gate.leave(a, b, rows) == 0
    assert (
        "Note: Scope: A keeps 2 of 2 utterances in scope and refuses 1 of 2 out of scope; "
        "B keeps 1 of 2 utterances in scope and refuses 2 of 2 out of scope."
    ) in gate.out
    assert [gate.found["scope"][name]["kept"] for name in "ab"] == [1.0, 0.5]
    assert [gate.found["scope"][name]["recall"] for name in "ab"] == [0.5, 1.0]
    gate.leave(Stand(), b, rows[:2])
    line = "Scope: A does not tell what is out of scope, so it keeps all; B keeps 1 of 2 utterances in scope."
    assert f"Note: {line}" in gate.out and gate.found["scope"]["a"] is None
    gate.leave(Stand(), Stand(), rows[:2])
    assert "Scope:" not in gate.out and gate.found["scope"] == {"a": None, "b": None}


def test_data_that_is_out_of_scope_altogether_is_refused(gate: Gate) -> None:
    assert gate.leave(Stand(), Stand(scope=scoped()), [OUTSIDE]) == 2
    assert "d.jsonl: holds only utterances out of scope; expected some in scope. Give them as golden" in gate.err


# slots --------------------------------------------------------------------------------------------------------------


def test_golden_utterances_without_any_slot_are_judged_by_their_intents(gate: Gate) -> None:
    spans = {"fly to rome": (Span.of("fly to rome", "city", 7, 11),)}
    model, golden = Stand(spans=spans), gate.folder / "golden.csv"
    golden.write_text("text,intent\nfly to rome,x\nhi,x\n", encoding="utf-8")
    assert gate.leave(model, model, [IN_SCOPE], "--golden", golden) == 0
    assert (
        "Golden: B gets 2 of 2 right.\n"
        "Note: Golden utterances are judged without slots: none has a span, so predicted ones do not count.\n"
    ) in gate.out
    annotated = {"text": "to oslo", "intent": "x", "slots": [{"slot": "city", "start": 3, "end": 7}]}
    assert gate.golden(model, model, {"text": "fly to rome", "intent": "x"}, annotated) == 1
    assert gate.failures == [("wrong", "fly to rome"), ("wrong", "to oslo")] and not gate.found["golden"]["notes"]


def test_a_golden_utterance_with_nothing_to_be_right_in_is_refused(gate: Gate) -> None:
    assert gate.golden(Stand(), Stand(), IN_SCOPE, {"text": "bye"}) == 2
    assert "g.jsonl:2: the golden utterance 'bye' has no intent, and none has a span; expected something" in gate.err


# the format ---------------------------------------------------------------------------------------------------------


def test_the_golden_file_has_a_format_of_its_own(gate: Gate) -> None:
    golden = gate.folder / "golden.txt"
    golden.write_text("intent\ttext\nx\thi\n", encoding="utf-8")
    options = ("--from", "jsonl", "--golden", golden, "--golden-from")
    assert gate.leave(Stand(), Stand(), [IN_SCOPE], *options, "csv") == 0
    assert "Golden: B gets 1 of 1 right." in gate.out
    assert gate.leave(Stand(), Stand(), [IN_SCOPE], *options, "nonsense") == 2
    assert "nonsense" in gate.err


def test_a_format_without_a_golden_file_is_refused(gate: Gate) -> None:
    assert gate.leave(Stand(), Stand(), [IN_SCOPE], "--golden-from", "csv") == 2
    assert "--golden-from is the format of --golden, which is missing" in " ".join(gate.err.split())
