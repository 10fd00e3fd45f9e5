"""What the linter says of training and test data together: leaks, labels that training never saw, contradictions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from jointbert.data.check import check_utterances
from jointbert.report.findings import Warned
from jointbert.report.prose import shown
from jointbert.report.training import Training
from jointbert.utterance import Utterance

MOST = 10
LONGEST = 400
FIRST = ("leak", "unseen-intent", "unseen-slot", "two-intents", "two-annotations")


def warnings_on(gold: Sequence[Utterance], training: Training | None) -> tuple[Warned, ...] | None:
    """The linter's warnings by rule, leaks first; None where training is not known.

    Example:
        >>> hello = [Utterance("hi", "greet")] * 5
        >>> [(found.rule, found.count) for found in warnings_on([Utterance("Hi", "greet")], Training.of(hello)) or ()]
        [('leak', 1)]
    """
    if training is None:
        return None
    by_rule: dict[str, list[str]] = defaultdict(list)
    for problem in check_utterances({"train": training.utterances, "test": gold}):
        if problem.severity == "warning":
            by_rule[problem.rule].append(shown(str(problem), LONGEST))
    order = sorted(by_rule, key=lambda rule: (FIRST.index(rule) if rule in FIRST else len(FIRST), rule))
    return tuple(Warned(rule, len(by_rule[rule]), tuple(by_rule[rule][:MOST])) for rule in order)
