"""What the linter says of training and test data together: leaks, labels that training never saw, contradictions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from jointbert.data.check import check_utterances
from jointbert.data.problem import Problem
from jointbert.report.findings import Warned
from jointbert.report.prose import shown
from jointbert.report.training import Training
from jointbert.utterance import Utterance

MOST = 10
LONGEST = 400
TITLES = {
    "leak": "Texts that are in training and in this data",
    "unseen-intent": "Intents that training never had",
    "unseen-slot": "Slots that training never had",
    "two-intents": "Texts with two intents",
    "two-annotations": "Texts that are annotated in two ways",
    "unlabelled-value": "Values that are labelled in one place and bare in another",
    "few-utterances": "Intents with too few training utterances",
    "intent-case": "Intents that differ only by case or blanks",
    "slot-case": "Slots that differ only by case or blanks",
    "duplicate": "Texts that occur more than once",
    "span-cuts-word": "Spans that cut a word",
    "span-blank": "Spans with white space at their edges",
    "span-punctuation": "Spans that end in a punctuation mark",
    "empty-split": "Data without an utterance",
    "empty-text": "Texts that are empty",
    "long-text": "Texts that are very long",
    "hidden-character": "Texts with characters that nobody sees",
    "broken-encoding": "Texts with characters that were lost",
    "unknown-pieces": "Pieces that the encoder does not know",
}
"""What each rule of the linter finds, in the order in which a report tells of them."""


def warnings_on(gold: Sequence[Utterance], training: Training | None) -> tuple[Warned, ...] | None:
    """The linter's warnings by rule, in the order of their titles; None where training is not known.

    Example:
        >>> hello = [Utterance("hi", "greet")] * 5
        >>> [(found.rule, found.count) for found in warnings_on([Utterance("Hi", "greet")], Training.of(hello)) or ()]
        [('leak', 1)]
    """
    if training is None:
        return None
    by_rule: dict[str, list[Problem]] = defaultdict(list)
    for problem in check_utterances({"train": training.utterances, "test": gold}):
        if problem.severity == "warning":
            by_rule[problem.rule].append(problem)
    return tuple(_warned(rule, by_rule[rule]) for rule in sorted(by_rule, key=list(TITLES).index))


def _warned(rule: str, problems: Sequence[Problem]) -> Warned:
    messages = tuple(shown(str(problem), LONGEST) for problem in problems[:MOST])
    return Warned(rule, TITLES[rule], len(problems), messages)
