"""Advice: each sentence by a known answer, only where the counts support it, the most promising first."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from invented import SUBJECT, gold, parse

from jointbert.report.build import build_findings
from jointbert.report.findings import Advice, Findings
from jointbert.report.prose import joined, plain, prose
from jointbert.utterance import Parse, Utterance

Pair = tuple[Utterance, Parse]


def found(
    pairs: Sequence[Pair], train: Sequence[Utterance] | None = None, raw: Sequence[Parse] | None = None
) -> Findings:
    return build_findings(SUBJECT, [utterance for utterance, _ in pairs], [said for _, said in pairs], train, raw)


def said(advice: Sequence[Advice]) -> dict[str, Advice]:
    return {plain(one.what): one for one in advice}


def same(count: int, text: str = "ok", intent: str | None = "other", sure: float = 0.9) -> list[Pair]:
    texts = [f"{text} {number}" for number in range(count)]
    return [(gold(one, intent), parse(one, intent, sure)) for one in texts]


def confused(count: int, right: str, wrong: str) -> list[Pair]:
    texts = [f"play {right} {number}" for number in range(count)]
    return [(gold(text, right), parse(text, wrong, 0.5)) for text in texts]


def trained(**counts: int) -> list[Utterance]:
    return [gold(f"{intent} trained {number}", intent) for intent, count in counts.items() for number in range(count)]


def test_an_intent_that_loses_to_a_commoner_one_needs_utterances() -> None:
    pairs = confused(31, "RateBook", "SearchCreativeWork") + same(69, intent="RateBook")
    pairs += same(600, "fine", "SearchCreativeWork")
    one = said(found(pairs, trained(RateBook=40, SearchCreativeWork=300)).advice)
    advice = one["`RateBook` loses 4.4 points to `SearchCreativeWork`."]
    assert advice.points == pytest.approx(100 * 31 / 700)
    assert plain(advice.evidence) == (
        "31 of 100 utterances with `RateBook` are taken for `SearchCreativeWork`. Training has 40 with `RateBook` and "
        "300 with `SearchCreativeWork`."
    )
    assert plain(advice.next_step) == "Add 60 or so training utterances of `RateBook` that are worded like these."
    assert advice.examples == ("play RateBook 0", "play RateBook 1", "play RateBook 2")


def test_two_intents_that_are_taken_for_each_other_need_a_rule() -> None:
    pairs = confused(4, "a", "b") + confused(3, "b", "a") + same(93)
    advice = found(pairs, trained(a=50, b=50, other=50)).advice
    assert [plain(one.what) for one in advice[:2]] == ["`a` loses 4.0 points to `b`.", "`b` loses 3.0 points to `a`."]
    assert plain(advice[0].next_step).startswith("3 go the other way: write down what tells `a` from `b`")


def test_without_training_data_no_training_count_is_claimed() -> None:
    (advice,) = found(confused(3, "a", "b") + same(97)).advice
    assert plain(advice.evidence) == "3 of 3 utterances with `a` are taken for `b`."
    assert plain(advice.next_step).startswith("Read these: correct labels that are wrong")


def test_what_happens_twice_is_no_pattern() -> None:
    assert found(confused(2, "a", "b") + same(98), trained(a=9, b=9, other=9)).advice == ()


def test_labels_that_training_never_had_are_told_once() -> None:
    pairs = [*confused(5, "new", "other"), *same(95)]
    text = "to rome"
    pairs += [(gold(text, "other", city="rome"), parse(text, "other", place="rome"))] * 4
    advice = said(found(pairs, trained(other=50)).advice)
    assert set(advice) == {"Training never had 1 intent of this data.", "Training never had 1 slot of this data."}
    intent = advice["Training never had 1 intent of this data."]
    assert plain(intent.evidence) == "`new`. 5 utterances cannot be right."
    assert intent.points == pytest.approx(100 * 5 / 104)


def test_slots_lose_to_edges_to_other_slots_and_to_silence() -> None:
    text = "from new york to rome at noon"
    right = {"city": "new york", "to": "rome"}
    pairs = [(gold(text, **right), parse(text, city="york", to="rome"))] * 5
    pairs += [(gold(text, **right), parse(text, city="new york", place="rome"))] * 4
    pairs += [(gold(text, **right), parse(text, to="rome", city="new york", time="noon"))] * 3
    pairs += [(gold(text, **right), parse(text, to="rome"))] * 6
    pairs += [(gold(text, **right), parse(text, **right))] * 82
    train = [gold("in new york", city="new york"), gold("in rome", place="rome"), gold("to oslo", to="oslo")]
    advice = said(found(pairs, train).advice)
    edges = advice["`city` loses 5.0 points to wrong edges."]
    assert plain(edges.evidence) == ("5 of 100 spans, in 5 utterances. For example `new york` is read as `york`.")
    other = advice["`to` loses 4.0 points to `place`."]
    assert "Training has 4 of these 4 values more often as `place` than as `to`." in plain(other.evidence)
    assert plain(other.next_step) == "Add training utterances in which these values are `to`."
    missed = advice["`city` loses 6.0 points to spans that are missed."]
    assert "Training knows 6 of these 6 values as `city`." in plain(missed.evidence)
    assert plain(missed.next_step).startswith("Add training utterances that are worded like these")
    assert plain(advice["`time` is found where the data has no label."].evidence) == "3 times, in 3 utterances."
    bare = said(found(pairs).advice)
    assert (
        plain(bare["`city` loses 6.0 points to spans that are missed."].evidence) == "6 of 100 spans, in 6 utterances."
    )


def test_values_that_training_never_had() -> None:
    texts = [f"to rome {number}" for number in range(30)] + [f"to city{number}" for number in range(30)]
    pairs = []
    for number, text in enumerate(texts):
        value = text.split()[1]
        pairs.append((gold(text, to=value), parse(text, to=value) if number % 2 or number < 30 else parse(text)))
    advice = said(found(pairs, [gold("to rome", to="rome")]).advice)[
        "Values that training never had are found less often."
    ]
    assert plain(advice.evidence) == (
        "50.0 % of 30 are found, against 100.0 % of the 30 that it had; 15 utterances lose one."
    )
    assert advice.points == pytest.approx(25.0)
    assert advice.examples == ("to city0", "to city2", "to city4")


def test_doubtful_gold_and_how_far_the_doubt_can_be_trusted() -> None:
    pairs = same(94, intent="b", sure=0.95) + [(gold(f"no {n}", "a"), parse(f"no {n}", "b", 0.99)) for n in range(6)]
    advice = said(found(pairs).advice)["Some of the labels that the model is measured by look wrong."]
    assert plain(advice.evidence).startswith("In 6 utterances the model contradicts the label")
    assert "do not hold" not in plain(advice.evidence)
    loose = [
        (utterance, parse(utterance.text, one.intent, 0.6 if one.intent == "b" else 0.5)) for utterance, one in pairs
    ]
    advice = said(found(loose).advice)["Some of the labels that the model is measured by look wrong."]
    assert plain(advice.evidence).endswith(
        "Its confidences do not hold, so expect many of them to be its own mistakes."
    )


def test_long_utterances_and_texts_that_are_cut() -> None:
    long = " ".join(["word"] * 20)
    pairs = same(80) + [(gold(f"{long} {n}", "a"), Parse(f"{long} {n}", f"b{n}", truncated_at=9)) for n in range(10)]
    pairs += [(gold(f"{long} x{n}", "a"), parse(f"{long} x{n}", "a")) for n in range(10)]
    advice = said(found(pairs, trained(a=3, other=3)).advice)
    length = advice["Utterances of 17-24 words are understood less often."]
    assert plain(length.evidence) == "50.0 % of 20 are right, against 90.0 % overall. Training has 0 of that length."
    assert length.points == pytest.approx(8.0)
    cut = advice["Some texts outrun the model's length and are not read to their end."]
    assert plain(cut.evidence) == "10 texts, of which 10 are parsed wrongly."


def test_the_most_promising_comes_first() -> None:
    pairs = confused(3, "a", "b") + confused(9, "b", "c") + confused(5, "c", "a") + same(83)
    points = [advice.points or 0 for advice in found(pairs).advice]
    assert points == sorted(points, reverse=True)
    assert points[:2] == pytest.approx([9.0, 5.0])


# caveats ------------------------------------------------------------------------------------------------------------


def test_a_leak_is_told_with_what_it_hides() -> None:
    pairs = same(50) + [(gold(f"bad {n}", "other"), parse(f"bad {n}", "wrong", 0.1)) for n in range(50)]
    train = [gold(f"OK  {number}", "other") for number in range(25)]
    caveat = said(found(pairs, train).caveats)["25 texts of this data are in training too."]
    assert plain(caveat.evidence) == (
        "Scores count there what was learned by heart. Without them sentence accuracy is 33.3 %, with them 50.0 %."
    )
    assert caveat.points is None
    assert not any("in training too" in what for what in said(found(pairs, trained(other=9)).caveats))


def test_little_data_is_called_little() -> None:
    small = said(found(same(5) + confused(5, "a", "b")).caveats)
    assert "This data is too small to tell good models from better ones." in small
    large = said(found(same(2000, sure=1.0)).caveats)
    assert large == {}


@pytest.mark.parametrize(("sure", "word"), [(0.99, "high"), (0.3, "low")])
def test_confidences_that_do_not_hold(sure: float, word: str) -> None:
    pairs = same(120, sure=sure) + [(gold(f"bad {n}", "other"), parse(f"bad {n}", "wrong", sure)) for n in range(80)]
    caveat = said(found(pairs).caveats)[f"Confidences are too {word}."]
    assert "60.0 % are right" in plain(caveat.evidence)
    assert "this model has none" in plain(caveat.next_step)
    calibrated = said(found(pairs, raw=[one for _, one in pairs]).caveats)[f"Confidences are too {word}."]
    assert "were calibrated on dev" in plain(calibrated.next_step)


def test_rare_labels_have_no_score_of_their_own() -> None:
    caveat = said(found([*same(10), (gold("hi", "rare"), parse("hi", "rare"))]).caveats)
    assert "1 of 2 intents are too rare here for a score of their own." in caveat


def test_prose_holds_as_many_names_as_places() -> None:
    with pytest.raises(ValueError, match="has 2 places for 1 names"):
        prose("{} and {}", "a")
    assert joined(prose(""), (), prose("a.")) == ("a.",)
    assert prose("{}", "x\n" + "y" * 500)[1].startswith("x\\n") and len(prose("{}", "y" * 500)[1]) == 200
