"""How well annotators agree, pair by pair, on the utterances both accepted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jointbert.annotation import projects
from jointbert.annotation.disagreement import Frame, Place
from jointbert.annotation.records import AnswerRecord
from jointbert.annotation.views import Agreement

NO_INTENT = ""
"""The category of an answer without an intent; no intent can be called that."""


def cohen_kappa(first: Sequence[str], second: Sequence[str]) -> float | None:
    """Cohen's kappa (-1..1): agreement beyond what chance would give; 1 is full agreement, 0 that of chance.

    Args:
        first: One annotator's category of each thing.
        second: The other's, in the same order.

    Returns:
        None where kappa is not defined: for nothing at all, and when both use one and the same category throughout
        (chance alone would agree fully then, and 0 would be divided by 0).

    Source:
        Cohen 1960, *A Coefficient of Agreement for Nominal Scales*, equation 1.

    Example:
        >>> cohen_kappa(["a", "a", "b", "b"], ["a", "a", "b", "a"]), cohen_kappa(["a", "a"], ["a", "a"])
        (0.5, None)
    """
    total = len(first)
    ours, theirs = Counter(first), Counter(second)
    alike = sum(one == other for one, other in zip(first, second, strict=True))
    by_chance = sum(ours[name] * theirs[name] for name in ours)
    if by_chance == total * total:
        return None
    return (alike * total - by_chance) / (total * total - by_chance)


def mutual_f1(pairs: Iterable[tuple[Collection[Place], Collection[Place]]]) -> float | None:
    """F1 (0..1) over the spans of many utterances, one annotator's against the other's; None where there is no span.

    It is the same whoever is taken for gold.

    Source:
        Hripcsak and Rothschild 2005, *Agreement, the F-Measure, and Reliability in Information Retrieval*: with no
        count of places where both see nothing, F1 takes the place of kappa.

    Example:
        >>> mutual_f1([({("city", 0, 3)}, {("city", 0, 3)}), ({("day", 0, 3)}, set())])
        0.6666666666666666
    """
    both = total = 0
    for first, second in pairs:
        both += len(set(first) & set(second))
        total += len(first) + len(second)
    return 2 * both / total if total else None


def agreement(session: Session, project_id: int) -> list[Agreement]:
    """Each pair of annotators who accepted at least one utterance in common, sorted by their names."""
    projects.record(session, project_id)
    shared: dict[tuple[str, str], list[tuple[Frame, Frame]]] = defaultdict(list)
    for frames in _answered_twice(session, project_id).values():
        for one, other in combinations(sorted(frames), 2):
            shared[one, other].append((frames[one], frames[other]))
    return [_compare(*people, frames) for people, frames in sorted(shared.items())]


def _answered_twice(session: Session, project_id: int) -> Mapping[int, dict[str, Frame]]:
    """Utterance -> annotator -> frame, for utterances that two or more accepted."""
    accepted = (AnswerRecord.project_id == project_id, AnswerRecord.status == "accepted")
    twice = select(AnswerRecord.utterance_id).where(*accepted).group_by(AnswerRecord.utterance_id)
    query = select(AnswerRecord.utterance_id, AnswerRecord.annotator, AnswerRecord.intent, AnswerRecord.spans).where(
        *accepted, AnswerRecord.utterance_id.in_(twice.having(func.count() > 1))
    )
    found: dict[int, dict[str, Frame]] = defaultdict(dict)
    for utterance_id, annotator, intent, spans in session.execute(query):
        found[utterance_id][annotator] = (intent, frozenset((s["slot"], s["start"], s["end"]) for s in spans))
    return found


def _compare(first: str, second: str, frames: Sequence[tuple[Frame, Frame]]) -> Agreement:
    intents = [(one[0] or NO_INTENT, other[0] or NO_INTENT) for one, other in frames]
    kappa = cohen_kappa([one for one, _ in intents], [other for _, other in intents])
    return Agreement(first, second, len(frames), kappa, mutual_f1((one[1], other[1]) for one, other in frames))
