"""The benchmark of label errors: what it plants is what it says, and what it measures has known answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from jointbert.config import Config
from jointbert.data import read
from jointbert.data.out_of_fold import OutOfFold
from jointbert.evaluation.doubt import rank_labels
from jointbert.utterance import Parse, Span, Utterance

Load = Callable[[str], ModuleType]

INTENTS, SLOTS = ("go", "stay", "eat"), ("city", "day", "food")


@pytest.fixture
def corruption(load: Load) -> ModuleType:
    return load("corrupt")


@pytest.fixture
def benchmark(load: Load) -> ModuleType:
    return load("label_errors")


def invented(count: int, *, tokens: bool = False, slots: bool = True) -> list[Utterance]:
    """Utterances of which two in three have spans, on words with neighbours."""
    found = []
    for number in range(count):
        text = f"please go to new york by monday {number}"
        spans = (Span.of(text, "city", 13, 21), Span.of(text, "day", 25, 31)) if slots and number % 3 else ()
        places = tuple((start, start + len(word)) for start, word in _words(text)) if tokens else None
        found.append(Utterance(text, INTENTS[number % 3], spans, tokens=places))
    return found


def _words(text: str) -> list[tuple[int, str]]:
    start, found = 0, []
    for word in text.split(" "):
        found.append((start, word))
        start += len(word) + 1
    return found


@pytest.mark.parametrize("tokens", [False, True])
def test_half_get_another_intent_and_half_one_wrong_span(corruption: ModuleType, tokens: bool) -> None:
    clean = invented(400, tokens=tokens)
    spoilt, kinds = corruption.corrupt(clean, 0.05, 13)
    assert Counter(kinds.values()) == {
        corruption.INTENT: 10,
        corruption.SLOT: 4,
        corruption.DROPPED: 3,
        corruption.BOUNDARY: 3,
    }
    for place, (before, after) in enumerate(zip(clean, spoilt, strict=True)):
        assert (before == after) == (place not in kinds)
        if place in kinds:
            check(corruption, kinds[place], before, after)


def check(corruption: ModuleType, kind: str, before: Utterance, after: Utterance) -> None:
    """What one kind of error changes, and that it changes nothing else."""
    assert (before.text, before.tokens) == (after.text, after.tokens)
    assert (before.intent != after.intent) == (kind == corruption.INTENT)
    lost = set(before.spans) - set(after.spans)
    new = set(after.spans) - set(before.spans)
    assert (len(lost), len(new)) == {corruption.INTENT: (0, 0), corruption.DROPPED: (1, 0)}.get(kind, (1, 1))
    for old, other in zip(lost, new, strict=False):
        if kind == corruption.SLOT:
            assert old.slot != other.slot and (old.start, old.end) == (other.start, other.end)
        else:
            assert old.slot == other.slot and (old.start == other.start) != (old.end == other.end)
            assert other.value in {
                "to new york",
                "york",
                "new",
                "new york by",
                "by monday",
                f"monday {before.text[32:]}",
            }


def test_the_same_seed_plants_the_same_and_what_is_not_there_is_not_spoilt(corruption: ModuleType) -> None:
    clean = invented(100)
    assert corruption.corrupt(clean, 0.1, 5) == corruption.corrupt(clean, 0.1, 5)
    assert corruption.corrupt(clean, 0.1, 5)[1] != corruption.corrupt(clean, 0.1, 6)[1]
    _, kinds = corruption.corrupt(invented(100, slots=False), 0.1, 5)
    assert Counter(kinds.values()) == {corruption.INTENT: 10}
    bare = [Utterance(item.text, None, item.spans) for item in clean]
    assert corruption.INTENT not in corruption.corrupt(bare, 0.1, 5)[1].values()
    with pytest.raises(SystemExit, match="neither"):
        corruption.corrupt([Utterance("a"), Utterance("b")], 0.5, 5)


def test_chinese_edges_move_by_a_character(corruption: ModuleType) -> None:
    text = "去北京吧"
    clean = [Utterance(text, None, (Span.of(text, "city", 1, 3),))] * 10
    spoilt, kinds = corruption.corrupt(clean, 1.0, 1)
    values = {
        span.value for place, kind in kinds.items() if kind == corruption.BOUNDARY for span in spoilt[place].spans
    }
    assert values and values <= {"去北京", "京", "北", "北京吧"}


def test_recall_and_average_precision_by_known_answers(benchmark: ModuleType) -> None:
    ranked = list(range(100))
    kinds = {0: "another intent", 1: "span dropped", 9: "another intent", 99: "span dropped"}
    found = benchmark.measure(ranked, kinds)
    assert found["all"]["recall"] == {"0.05": 0.5, "0.10": 0.75, "0.20": 0.75}
    assert found["all"]["average_precision"] == pytest.approx((1 + 1 + 3 / 10 + 4 / 100) / 4)
    assert found["another intent"]["recall"]["0.10"] == 1.0
    assert found["another intent"]["average_precision"] == pytest.approx((1 + 2 / 9) / 2)
    assert set(found) == {"all", "another intent", "span dropped"}


def test_a_model_that_knows_the_truth_has_all_that_was_planted_first(
    corruption: ModuleType, benchmark: ModuleType
) -> None:
    clean = invented(400)
    spoilt, kinds = corruption.corrupt(clean, 0.05, 13)
    parses = []
    for number, item in enumerate(clean):
        sure = 0.8 + 0.19 * (number % 7) / 7
        others = tuple((name, (1 - sure) / 2) for name in INTENTS if name != item.intent)
        spans = tuple(Span(one.start, one.end, one.slot, one.value, None, sure) for one in item.spans)
        parses.append(
            Parse(item.text, item.intent, sure, ((str(item.intent), sure), *others), spans, None, sure * sure)
        )
    ranked = rank_labels(spoilt, parses)
    found = benchmark.measure([suspect.place for suspect in ranked], kinds)
    assert found["all"]["recall"]["0.05"] == found["all"]["average_precision"] == 1.0
    assert {suspect.place for suspect in ranked if suspect.doubtful} == set(kinds)


def test_the_section_says_what_was_found_or_that_nothing_ran(
    load: object, benchmark: ModuleType, tmp_path: Path
) -> None:
    report = load("label_errors_report")
    assert report.section(tmp_path) == "Not run."
    kinds = {0: "another intent", 1: "span dropped"}
    record = {"config": "snips", "overrides": ["training.epochs=2"], "share": 0.02, "utterances": 100, "folds": 5}
    record |= {"seed": 13, "machine": {"hardware": "x"}, "out_of_fold_sentence_accuracy": 0.9}
    record |= {"doubtful": {"listed": 4, "planted": 2}, "found": benchmark.measure(list(range(100)), kinds)}
    text = report.table(record)
    assert "| all | 2 | 100.0 | 100.0 | 100.0 | 100.0 |" in text and "first 10 % ✓" in text
    assert "4 utterances (4.0 %), 2 of the planted ones" in text and "`--set training.epochs=2`" in text


def test_a_run_measures_what_cross_validation_gave_for_the_spoilt_data(
    benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Cross-validation is stood in for by one that parses every utterance as it was before it was spoilt."""
    clean: list[Utterance] = []

    def knowing(config: Config, output: Path, folds: int) -> list[OutOfFold]:
        spoilt = read(config.data.train)
        assert len(spoilt) == len(clean) and spoilt != clean and folds == 3
        return [OutOfFold(gold, right(item), 1) for gold, item in zip(spoilt, clean, strict=True)]

    def right(item: Utterance) -> Parse:
        return Parse(item.text, item.intent, 1.0, ((str(item.intent), 1.0),), item.spans, None, 1.0)

    monkeypatch.chdir(benchmark.ROOT)
    monkeypatch.setattr("jointbert.training.crossval.cross_validate", knowing)
    clean += read(benchmark.ROOT / "datasets" / "demo-en" / "train.jsonl")
    record = benchmark.run("demo-en", 3, 0.05, 13, tmp_path / "kept", [])
    planted = round(0.05 * len(clean))
    assert record["found"]["all"]["planted"] == record["doubtful"]["planted"] == record["doubtful"]["listed"] == planted
    assert record["found"]["all"]["recall"]["0.05"] == 1.0 and record["utterances"] == len(clean)
    assert record["out_of_fold_sentence_accuracy"] == pytest.approx(1 - planted / len(clean))
