"""Advice: each sentence by a known answer, only where the counts support it, the most promising first."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from invented import SUBJECT, gold, parse

from jointbert.config import DataConfig
from jointbert.config.origin import Origin
from jointbert.evaluation.score import evaluate
from jointbert.labels import Labels, LabelSet
from jointbert.report.build import build_findings
from jointbert.report.cases import build_cases
from jointbert.report.findings import Advice, Findings, Listing
from jointbert.report.html import to_html
from jointbert.report.length_advice import length_advice
from jointbert.report.lengths import length_rows
from jointbert.report.markdown import to_markdown
from jointbert.report.material import Material
from jointbert.report.prose import joined, plain, prose
from jointbert.report.setup import UNKNOWN, Setup
from jointbert.utterance import Parse, Utterance

Pair = tuple[Utterance, Parse]
NONE = Listing((), 0, 0)


def found(
    pairs: Sequence[Pair],
    train: Sequence[Utterance] | None = None,
    raw: Sequence[Parse] | None = None,
    setup: Setup = UNKNOWN,
) -> Findings:
    golds, parses = [utterance for utterance, _ in pairs], [said for _, said in pairs]
    return build_findings(SUBJECT, golds, parses, train, raw, setup=setup)


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
    assert plain(intent.next_step).startswith("Train with ten utterances or more of each")


def test_labels_that_the_model_does_not_know_are_told_without_training_data() -> None:
    own = Labels(LabelSet("intent", ("old", "other")), LabelSet("slot", ("place",)))
    pairs = [(gold(f"no {n}", "brandnew"), parse(f"no {n}", "old", 0.99)) for n in range(10)] + same(90)
    pairs += [(gold(f"old {n}", "old"), parse(f"old {n}", "old", 0.9)) for n in range(10)]
    pairs += [(gold("to rome", "other", city="rome"), parse("to rome", "other"))] * 4
    findings = found(pairs, setup=Setup(own))
    advice = said(findings.advice)
    assert set(advice) == {
        "The model does not know 1 intent of this data.",
        "The model does not know 1 slot of this data.",
    }
    intent = advice["The model does not know 1 intent of this data."]
    assert plain(intent.evidence) == "`brandnew`. 10 utterances cannot be right."
    assert intent.points == pytest.approx(100 * 10 / 114)
    assert findings.doubts.total == 0, "the model could not have given that label"
    assert "`brandnew` loses 8.8 points to `old`." in said(found(pairs).advice)
    grown = said(
        found(pairs, [*trained(brandnew=9, old=9, other=9), gold("a b", "old", city="b")], None, Setup(own)).advice
    )
    assert set(grown) == set(advice), "training has them by now, and the model has not"


def test_points_count_what_sentence_accuracy_counts() -> None:
    """One utterance with an intent; 29 without are no part of sentence accuracy, whatever is wrong with them."""
    pairs = [(gold("hi", "a"), parse("hi", "a"))]
    pairs += [(gold("to rome", city="rome"), parse("to rome", "a"))] * 9
    pairs += [(gold("to oslo", city="oslo"), parse("to oslo", "a", place="oslo"))] * 10
    pairs += [(gold("by old rome", city="old rome"), parse("by old rome", "a", city="rome"))] * 10
    findings = found(pairs)
    assert {what: advice.points for what, advice in said(findings.advice).items()} == {
        "Spans of `city` are missed.": None,
        "`city` loses spans to `place`.": None,
        "`city` loses spans to wrong edges.": None,
    }
    assert "points)" not in to_markdown(findings) and "points at most" not in to_html(findings)
    little = said(findings.caveats)["This data is too small to tell good models from better ones."]
    assert plain(little.evidence).startswith("1 utterance: ") and "a single utterance is 100.0 points" in plain(
        little.evidence
    )
    mixed = pairs + [(gold("to bonn", "a", city="bonn"), parse("to bonn", "a"))] * 3
    missed = said(found(mixed).advice)["`city` loses 75.0 points to spans that are missed."]
    assert missed.points == 75.0 and plain(missed.evidence).endswith("in 12 utterances.")


def test_no_piece_of_advice_is_worth_more_than_all() -> None:
    chance = random.Random(5)
    pairs: list[Pair] = []
    for number in range(300):
        text, intent = f"{'word ' * chance.choice((1, 20))}to city{number % 90}", chance.choice(["a", "b", None, None])
        right = parse(text, intent or "a", 0.95, city=f"city{number % 90}")
        wrong = Parse(text, "b", 0.95, (("b", 0.95),), truncated_at=3, frame_confidence=0.95)
        pairs.append((gold(text, intent, city=f"city{number % 90}"), wrong if number % 3 else right))
    train = [gold(f"in city{number}", city=f"city{number}") for number in range(0, 90, 3)] + trained(a=9, b=9)
    advice = found(pairs, train).advice
    assert len(advice) > 4 and all(0 < (one.points or 0) <= 100 for one in advice)


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
    assert "train with `data.substitution: 0.3`" in plain(advice.next_step)


@pytest.mark.parametrize(
    ("done", "step"),
    [
        (
            {"substitution": 0.1},
            "Add values to training, or train with `data.substitution: 0.3` so that it reads contexts.",
        ),
        (
            {"substitution": 0.5},
            "Add values to training or to a file that `data.values` names: "
            "it trains with `data.substitution: 0.5` already.",
        ),
        (
            {"substitution": 0.3, "values": "lists/v.yaml"},
            "Add values to training or to `lists/v.yaml`: it trains with `data.substitution: 0.3` already.",
        ),
    ],
)
def test_what_training_did_already_is_not_advised(done: dict[str, object], step: str) -> None:
    texts = [f"to rome {number}" for number in range(30)] + [f"to city{number}" for number in range(30)]
    pairs = [
        (gold(text, to=text.split()[1]), parse(text, **({"to": "rome"} if "rome" in text else {}))) for text in texts
    ]
    setup = Setup(origin=Origin.model_validate({"data": {"train": "t", "dev": "d"} | done}))
    advice = said(found(pairs, [gold("to rome", to="rome")], setup=setup).advice)
    assert plain(advice["Values that training never had are found less often."].next_step) == step


def test_a_difference_that_chance_makes_is_not_advised_on() -> None:
    """18 of 20 found against 16 of 20: ten points, and nothing."""
    pairs = []
    for number in range(40):
        value = f"city{number}" if number % 2 else "rome"
        lost = number in (0, 2, 1, 3, 5, 7)
        text = f"to {value} {number}"
        pairs.append((gold(text, to=value), parse(text) if lost else parse(text, to=value)))
    assert "Values that training never had are found less often." not in said(
        found(pairs, [gold("to rome", to="rome")]).advice
    )


def test_doubtful_gold_and_how_far_the_doubt_can_be_trusted() -> None:
    pairs = same(94, intent="b", sure=0.95) + [(gold(f"no {n}", "a"), parse(f"no {n}", "b", 0.99)) for n in range(6)]
    advice = said(found(pairs).advice)["Some of the labels that the model is measured by look wrong."]
    assert plain(advice.evidence).startswith("In 6 utterances the model contradicts the label")
    assert "do not hold" not in plain(advice.evidence)
    what = "Some of the labels that the model is measured by look wrong."
    more = [(gold(f"no {n}", "a"), parse(f"no {n}", "b", 0.99)) for n in range(30)]
    evidence = plain(said(found(pairs + more).advice)[what].evidence)
    assert evidence.endswith("Its confidences do not hold, so expect many of them to be its own mistakes.")
    humble = [(utterance, parse(utterance.text, one.intent, 0.6)) for utterance, one in pairs]
    caveats = said(found(humble).caveats)
    assert "Confidences are too low." in caveats, "which is no reason to doubt what they say"
    assert "do not hold" not in plain(said(found(humble).advice)[what].evidence)


def test_a_handful_of_utterances_does_not_show_that_confidences_are_wrong() -> None:
    pairs = same(17, intent="b", sure=0.9) + [(gold(f"no {n}", "a"), parse(f"no {n}", "b", 0.95)) for n in range(3)]
    findings = found(pairs)
    assert findings.held["raw"]["frame"].ece > 0.1
    advice = said(findings.advice)["Some of the labels that the model is measured by look wrong."]
    assert "do not hold" not in plain(advice.evidence)
    assert not any("Confidences" in what for what in said(findings.caveats))


def test_long_utterances_and_texts_that_are_cut() -> None:
    long = " ".join(["word"] * 20)
    pairs = same(80) + [(gold(f"{long} {n}", "a"), Parse(f"{long} {n}", f"b{n}", truncated_at=9)) for n in range(10)]
    pairs += [(gold(f"{long} x{n}", "a"), parse(f"{long} x{n}", "a")) for n in range(10)]
    advice = said(found(pairs, trained(a=3, other=3)).advice)
    length = advice["Utterances of 17-24 words are understood less often."]
    assert plain(length.evidence) == (
        "50.0 % of 20 are right, against 100.0 % of the others. Training has 0 of that length."
    )
    assert length.points == pytest.approx(10.0), "all that are wrong there, as docs/report.md says of points"
    cut = advice["Some texts outrun the model's length and are not read to their end."]
    assert plain(cut.evidence) == "10 texts, of which 10 are parsed wrongly."
    assert plain(cut.next_step).startswith(
        "Train with a larger `encoder.max_pieces` if the encoder has room for it, or"
    )


@pytest.mark.parametrize(
    ("setup", "step"),
    [
        (Setup(pieces=128, room=512), "Train with a larger `encoder.max_pieces`."),
        (
            Setup(pieces=512, room=512),
            "Split such texts: the encoder has room for 512 pieces and no more. "
            "Or train with another encoder, one that reads longer ones.",
        ),
        (
            Setup(None, Origin(data=DataConfig(train="t", dev="d"), encoder={"name": "scratch"}), 32, 32),
            "Train with a larger `encoder.max_pieces`.",
        ),
    ],
)
def test_a_longer_input_is_advised_only_where_the_encoder_has_room(setup: Setup, step: str) -> None:
    pairs = [(gold("a b c", "a"), Parse("a b c", "b", truncated_at=3))] * 3
    advice = said(found(pairs, setup=setup).advice)[
        "Some texts outrun the model's length and are not read to their end."
    ]
    assert plain(advice.next_step) == step


@pytest.mark.parametrize(("count", "accuracy"), [(200, 0.8), (300, 0.7)])
def test_lengths_that_make_no_difference_are_seldom_advised_on(count: int, accuracy: float) -> None:
    told = 0
    for seed in range(30):
        chance = random.Random(seed)
        pairs = []
        for number in range(count):
            text = f"{number}" + " a" * chance.randrange(26)
            pairs.append((gold(text, "a"), Parse(text, "a" if chance.random() < accuracy else "b")))
        cases = tuple(build_cases([utterance for utterance, _ in pairs], [one for _, one in pairs]))
        material = Material(
            cases, evaluate(*zip(*pairs, strict=True)), (), None, (), length_rows(cases, None), {}, NONE
        )
        told += bool(list(length_advice(material)))
    assert told <= 3


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
    assert "60.0 % are right" in plain(caveat.evidence) and " where confidences hold." in plain(caveat.evidence)
    assert "this model has none" in plain(caveat.next_step)
    calibrated = said(found(pairs, raw=[one for _, one in pairs]).caveats)[f"Confidences are too {word}."]
    assert "were calibrated on dev" in plain(calibrated.next_step)


def test_confidences_that_are_right_on_the_whole_and_wrong_in_every_part() -> None:
    """Of those given with 50 % seven in ten are right, and as many of those given with 90 %."""
    pairs: list[Pair] = []
    for sure in (0.5, 0.9):
        pairs += same(140, f"ok {sure}", sure=sure)
        pairs += [(gold(f"bad {sure} {n}", "other"), parse(f"bad {sure} {n}", "wrong", sure)) for n in range(60)]
    caveat = said(found(pairs).caveats)["Confidences are not in line with what is right."]
    assert plain(caveat.evidence).startswith(
        "The mean confidence is 70.0 % and 70.0 % are right; the calibration error is 20.0 points, and about 2."
    )


@pytest.mark.parametrize("count", [100, 200, 300])
def test_confidences_that_hold_are_seldom_called_wrong(count: int) -> None:
    told = 0
    for seed in range(30):
        chance = random.Random(seed)
        pairs = []
        for number in range(count):
            sure = chance.betavariate(4, 1)
            right = chance.random() < sure
            pairs.append((gold(f"hi {number}", "a" if right else "b"), parse(f"hi {number}", "a", sure)))
        told += any("Confidences" in what for what in said(found(pairs).caveats))
    assert told <= 3


def test_rare_labels_have_no_score_of_their_own() -> None:
    caveat = said(found([*same(10), (gold("hi", "rare"), parse("hi", "rare"))]).caveats)
    assert "1 of 2 intents are too rare here for a score of their own." in caveat


def test_prose_holds_as_many_names_as_places() -> None:
    with pytest.raises(ValueError, match="has 2 places for 1 names"):
        prose("{} and {}", "a")
    assert joined(prose(""), (), prose("a.")) == ("a.",)
    assert prose("{}", "x\n" + "y" * 500)[1].startswith("x\\n") and len(prose("{}", "y" * 500)[1]) == 200
