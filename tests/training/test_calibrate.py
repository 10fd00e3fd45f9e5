"""Calibration fitted on logits whose right temperature is known, and what it leaves alone."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny import ENGLISH, LABELS, codec, model

from jointbert.checkpoint.folder import make_predictor
from jointbert.checkpoint.predict import Predictor
from jointbert.codec import Calibration, Decoder
from jointbert.errors import ModelError
from jointbert.inference.nlu import NLU
from jointbert.labels import Labels, LabelSet
from jointbert.tags import chunks, orphans
from jointbert.training.calibrate import Learned, calibrate, fit_line, fit_temperature
from jointbert.utterance import Span, Utterance

SLOTS = Labels(None, LabelSet("slot", ("city", "date")))


@pytest.mark.parametrize("heat", [0.5, 1.0, 2.0, 5.0])
def test_a_known_temperature_is_found(heat: float) -> None:
    random = np.random.default_rng(3)
    honest = random.normal(0, 2, (20_000, 6))
    chances = np.exp(honest) / np.exp(honest).sum(-1, keepdims=True)
    gold = np.array([random.choice(6, p=row) for row in chances])
    assert fit_temperature(honest * heat, gold) == pytest.approx(heat, rel=0.05)


def test_a_known_line_is_found() -> None:
    random = np.random.default_rng(4)
    odds = random.normal(0, 3, 30_000)
    right = random.random(30_000) < 1 / (1 + np.exp(-(0.6 * odds - 0.4)))
    slope, bias = fit_line(1 / (1 + np.exp(-odds)), right)
    assert (slope, bias) == (pytest.approx(0.6, rel=0.05), pytest.approx(-0.4, abs=0.05))


def test_the_line_is_fitted_to_what_its_caps_leave_of_it() -> None:
    random = np.random.default_rng(5)
    odds, most = random.normal(0, 3, 30_000), random.uniform(0.3, 1.0, 30_000)
    chances = 1 / (1 + np.exp(-odds))
    bold = Calibration(frame_slope=0.8, frame_bias=1.5)
    served = np.array([bold.frame(*pair) for pair in zip(chances, most, strict=True)])
    right = random.random(30_000) < served
    slope, bias = fit_line(chances, right, most)
    assert (slope, bias) == (pytest.approx(0.8, rel=0.1), pytest.approx(1.5, abs=0.1))
    assert fit_line(chances, right)[1] < 1.0, "without them it would be timid where nothing caps it"


class KnownChain:
    """A chain over :data:`SLOTS` with random scores; those of the moves weigh as much as those of the words."""

    def __init__(self, crf: bool) -> None:
        self.random, self.codec = np.random.default_rng(6), codec(labels=SLOTS)
        assert SLOTS.tags is not None
        self.tags, count = SLOTS.tags.names, len(SLOTS.tags)
        self.words = self.random.normal(0, 1.5, (self.codec.highest_piece + 1, count))
        self.start, self.end = self.random.normal(0, 1.5, (2, count)) * crf
        self.moves = self.random.normal(0, 1.5, (count, count)) * crf
        self.crf = crf

    def learned(self, size: float) -> Learned | None:
        return (self.start * size, self.moves * size, self.end * size) if self.crf else None

    def model(self, size: float, calibration: Calibration | None = None) -> Predictor:
        """A model all of whose scores are those of the chain, times ``size``."""

        def score(batch: dict[str, Any]) -> tuple[None, Any, None]:
            pieces = np.take_along_axis(batch["input_ids"], batch["word_pieces"], axis=1)  # (B,W)
            return None, (self.words[pieces] * size).astype(np.float32), None  # (B,W,K)

        return Predictor(self.codec, Decoder(SLOTS, self.learned(size), calibration), score, pad_id=0)

    def draw(self) -> Utterance:
        """A text of one to three words, whose tags are drawn out of all legal sequences, each tried."""
        text = " ".join(self.random.choice(ENGLISH[0].split(), self.random.integers(1, 4)))
        [encoded] = self.codec.encode_texts([text])
        scores = self.words[encoded.input_ids[encoded.words.first_piece]]  # (W,K)
        every = itertools.product(range(len(self.tags)), repeat=len(scores))
        paths = [path for path in every if not orphans([self.tags[tag] for tag in path])]
        sums = [
            self.start[path[0]]
            + sum(row[tag] for row, tag in zip(scores, path, strict=True))
            + sum(self.moves[move] for move in itertools.pairwise(path))
            + self.end[path[-1]]
            for path in paths
        ]
        path = paths[self.random.choice(len(paths), p=np.exp(sums) / np.exp(sums).sum())]
        starts, ends = encoded.words.offsets.T.tolist()
        found = chunks([self.tags[tag] for tag in path])
        return Utterance(text, None, tuple(Span.of(text, slot, starts[a], ends[b - 1]) for slot, a, b in found))


@pytest.mark.parametrize("crf", [False, True])
@pytest.mark.parametrize("heat", [0.4, 2.5])
def test_the_temperature_of_a_known_chain_is_found(crf: bool, heat: float) -> None:
    """Where only a part of the scores is divided, or by something else, another one fits, or the model serves wrong."""
    known = KnownChain(crf)
    dev = [known.draw() for _ in range(1500)]
    assert calibrate(known.model(heat), dev, known.learned(heat)).slot == pytest.approx(heat, rel=0.05)
    texts = [utterance.text for utterance in dev[:50]]
    served = known.model(heat, Calibration(slot=heat)).parse_many(texts)
    for true, ours in zip(known.model(1.0).parse_many(texts), served, strict=True):
        assert [span.confidence for span in ours.spans] == pytest.approx([span.confidence for span in true.spans])


def test_where_everything_is_right_nothing_runs_away() -> None:
    logits, gold = np.eye(3)[[0, 1, 2, 0]] * 4, np.array([0, 1, 2, 0])
    assert 0.05 <= fit_temperature(logits, gold) < 1.0
    slope, bias = fit_line(np.full(4, 0.99), np.ones(4, dtype=bool))
    assert math.isfinite(bias) and 0.05 <= slope <= 20.0


def sampled(crf: bool, rows: int, labels: Labels = LABELS) -> tuple[Any, list[Utterance]]:
    """A model's predictor, and utterances labelled by chance as the model itself believes."""
    joint = model(labels, crf=crf)
    predictor = make_predictor(joint, codec(labels=labels))
    random = np.random.default_rng(1)
    words = " ".join(ENGLISH).split()
    texts = [" ".join(random.choice(words, 5)) for _ in range(rows)]
    gold = []
    for text, parse in zip(texts, predictor.parse_many(texts), strict=True):
        names, chances = zip(*parse.ranking, strict=True)
        intent = str(random.choice(names, p=np.array(chances) / sum(chances)))
        gold.append(Utterance(text, intent, tuple(replace(span, confidence=None) for span in parse.spans)))
    return joint, gold


@pytest.mark.parametrize("crf", [False, True])
def test_calibration_changes_how_sure_a_model_is_and_nothing_that_it_says(crf: bool) -> None:
    joint, gold = sampled(crf, 300)
    learned = None if joint.crf is None else joint.crf.scores()
    plain = make_predictor(joint, codec())
    found = calibrate(plain, gold, learned)
    assert found.intent == pytest.approx(1.0, rel=0.35)  # they were drawn from the model's own belief
    assert found.slot < 1.0  # its best spans were always right, so it may be surer
    sure = make_predictor(joint, codec(), found)
    texts = [item.text for item in gold]
    assert NLU(sure).calibrated and not NLU(sure).uncalibrated().calibrated
    assert NLU(sure).uncalibrated().parse_many(texts) == plain.parse_many(texts)
    for before, after in zip(plain.parse_many(texts), sure.parse_many(texts), strict=True):
        assert before.intent == after.intent
        assert [(s.start, s.end, s.slot) for s in before.spans] == [(s.start, s.end, s.slot) for s in after.spans]
        most = min([after.intent_confidence or 0.0, *(span.confidence or 0.0 for span in after.spans)])
        assert after.frame_confidence is not None and 0.0 <= after.frame_confidence <= most


@pytest.mark.parametrize("slots", [False, True])
def test_utterances_without_an_intent_say_nothing_of_intents_and_frames(slots: bool) -> None:
    labels = LABELS if slots else Labels(LABELS.intents, None)
    joint, gold = sampled(False, 38, labels)
    predictor = make_predictor(joint, codec(labels=labels))
    bare = [replace(item, intent=None) for item in gold]
    alone, mixed = calibrate(predictor, gold), calibrate(predictor, gold + bare)
    assert mixed.intent == pytest.approx(alone.intent, rel=1e-3) and alone.intent != pytest.approx(1.0, rel=1e-2)
    loose = 0.1 if slots else 1e-3  # their spans still count for the slots' temperature, which the frame is made of
    assert mixed.frame_slope == pytest.approx(alone.frame_slope, rel=loose)
    assert mixed.frame_bias == pytest.approx(alone.frame_bias, rel=loose, abs=loose)
    none = calibrate(predictor, bare)
    assert (none.intent, none.frame_slope, none.frame_bias) == pytest.approx((1.0, 1.0, 0.0), abs=1e-3)


def test_temperature_divides_the_logits() -> None:
    decoder = Decoder(LABELS, None, Calibration(intent=2.0))
    logits = np.array([[2.0, 0.0, -2.0]])
    [ranking] = decoder._rankings(1, logits)
    expected = np.exp(logits[0] / 2) / np.exp(logits[0] / 2).sum()
    assert [chance for _, chance in ranking] == pytest.approx(expected.tolist())


def test_dev_without_a_known_label_leaves_it_as_it_is() -> None:
    predictor = make_predictor(model(), codec())
    strange = [Utterance("to mars", "fly", (Span.of("to mars", "planet", 3, 7),))]
    assert calibrate(predictor, strange) == Calibration() == calibrate(predictor, [])


def test_a_calibration_comes_back_from_its_file(tmp_path: Path) -> None:
    found = Calibration(1.5, 0.7, 0.9, -0.25)
    (tmp_path / "calibration.json").write_text(found.to_json())
    assert Calibration.load(tmp_path / "calibration.json") == found
    for content in ("", "[]", "{}", '{"intent": 0, "slot": 1, "frame_slope": 1, "frame_bias": 0}', "{'"):
        (tmp_path / "calibration.json").write_text(content)
        with pytest.raises(ModelError, match=r"calibration\.json: cannot be read as a calibration"):
            Calibration.load(tmp_path / "calibration.json")


def test_the_frames_line_keeps_the_order_and_the_edges() -> None:
    bent = Calibration(frame_slope=0.5, frame_bias=-1.0)
    found = [bent.frame(chance) for chance in (0.0, 0.2, 0.5, 0.9, 1.0)]
    assert found == sorted(found) and found[0] >= 0.0 and found[-1] <= 1.0
    assert Calibration().frame(0.3) == 0.3
    assert Calibration().frame(0.3, 0.2) == 0.2 == bent.frame(0.999999, 0.2) and bent.frame(0.2, 0.9) == found[1]
