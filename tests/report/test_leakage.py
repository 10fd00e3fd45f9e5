"""The linter's warnings in a report: each under words of its own."""

from __future__ import annotations

import ast
from itertools import product
from pathlib import Path

from invented import gold

from jointbert.data.check.run import RULES, check
from jointbert.report.leakage import TITLES, warnings_on
from jointbert.report.training import Training

CHECKS = Path("jointbert") / "data" / "check"


def names(node: ast.expr) -> set[str]:
    """What a rule's name may be; in ``f"unseen-{kind}"`` the kind is an intent or a slot."""
    if isinstance(node, ast.JoinedStr):
        parts = [[part.value] if isinstance(part, ast.Constant) else ["intent", "slot"] for part in node.values]
        return {"".join(map(str, spelled)) for spelled in product(*parts)}
    assert isinstance(node, ast.Constant)
    return {str(node.value)}


def rules(repository: Path) -> set[str]:
    """The name of every rule, read off the problems that the linter builds."""
    found: set[str] = set()
    for path in (repository / CHECKS).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem":
                found |= names(node.args[1])
    return found


def test_every_rule_has_a_title(repository: Path) -> None:
    assert rules(repository) == set(TITLES)
    told = " ".join(rule.__doc__ or "" for rule in (check, *RULES))
    assert all(f"``{rule}``" in told for rule in TITLES)
    assert len(set(TITLES.values())) == len(TITLES) and not set(TITLES) & set(TITLES.values())


def test_warnings_come_in_the_order_of_their_titles() -> None:
    train = [gold("hi", "greet"), gold("to Rome.", "go", city="Rome.")]
    found = warnings_on([gold("Hi", "leave")], Training.of(train)) or ()
    assert [(warned.rule, warned.title) for warned in found] == [
        ("leak", "Texts that are in training and in this data"),
        ("unseen-intent", "Intents that training never had"),
        ("two-intents", "Texts with two intents"),
        ("few-utterances", "Intents with too few training utterances"),
        ("span-punctuation", "Spans that end in a punctuation mark"),
    ]
    assert warnings_on([gold("hi")], None) is None
