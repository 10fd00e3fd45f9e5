"""The chain against brute force over every legal sequence, and against pytorch-crf."""

from __future__ import annotations

from itertools import combinations, pairwise, product

import numpy as np
import pytest
import torch
from torchcrf import CRF

from jointbert.codec.beliefs import Beliefs
from jointbert.codec.chain import Chain
from jointbert.codec.plain_beliefs import PlainBeliefs
from jointbert.codec.steps import Steps
from jointbert.labels import LabelSet
from jointbert.tags import chunks, orphans

TAGS = LabelSet("tag", ("O", "B-a", "I-a", "B-b", "I-b"))
K = len(TAGS)


def learned(seed: int, size: float = 2.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.normal(0, size, K), random.normal(0, size, (K, K)), random.normal(0, size, K)


def names(path: tuple[int, ...] | np.ndarray) -> list[str]:
    return [TAGS[index] for index in path]


def weigh(scores: np.ndarray, costs: tuple[np.ndarray, np.ndarray, np.ndarray] | None) -> dict[tuple[int, ...], float]:
    """The log weight of every legal tag sequence, by the definition."""
    start, moves, end = costs or (np.zeros(K), np.zeros((K, K)), np.zeros(K))
    found = {}
    for path in product(range(K), repeat=len(scores)):
        if not orphans(names(path)):
            inner = sum(moves[a, b] for a, b in pairwise(path))
            found[path] = start[path[0]] + end[path[-1]] + inner + sum(scores[i, tag] for i, tag in enumerate(path))
    return found


def chances(weights: dict[tuple[int, ...], float]) -> dict[tuple[int, ...], float]:
    top = max(weights.values())
    total = sum(np.exp(weight - top) for weight in weights.values())
    return {path: float(np.exp(weight - top) / total) for path, weight in weights.items()}


@pytest.mark.parametrize("crf", [False, True])
@pytest.mark.parametrize("words", [1, 2, 4])
@pytest.mark.parametrize("seed", range(6))
def test_viterbi_is_the_best_of_all_legal_sequences(crf: bool, words: int, seed: int) -> None:
    costs = learned(seed) if crf else None
    scores = np.random.default_rng(seed + 99).normal(0, 3, (words, K))
    [path] = Chain.of_tags(TAGS, costs).viterbi(scores[None], np.array([words]))
    weights = weigh(scores, costs)
    assert weights[tuple(path.tolist())] == pytest.approx(max(weights.values()))


@pytest.mark.parametrize("crf", [False, True])
def test_five_words_against_brute_force(crf: bool) -> None:
    costs = learned(5) if crf else None
    scores = np.random.default_rng(5).normal(0, 3, (5, K))
    chain, weights = Chain.of_tags(TAGS, costs), weigh(scores, costs)
    assert tuple(chain.viterbi(scores[None], np.array([5]))[0].tolist()) == max(weights, key=weights.__getitem__)
    expected = np.zeros((5, K))
    for path, chance in chances(weights).items():
        expected[np.arange(5), path] += chance
    np.testing.assert_allclose(chain.beliefs(scores[None], np.array([5])).marginals()[0], expected, atol=1e-9)


@pytest.mark.parametrize("size", [1.0, 8.0])
@pytest.mark.parametrize("crf", [False, True])
@pytest.mark.parametrize("words", [1, 3, 4])
def test_marginals_and_span_chances_are_those_of_brute_force(size: float, crf: bool, words: int) -> None:
    costs = learned(words, size / 2) if crf else None
    scores = np.random.default_rng(words).normal(0, size, (words, K))
    beliefs = Chain.of_tags(TAGS, costs).beliefs(scores[None], np.array([words]))
    every = chances(weigh(scores, costs))
    expected = np.zeros((words, K))
    spans: dict[tuple[str, int, int], float] = {}
    for path, chance in every.items():
        expected[np.arange(words), path] += chance
        for run in chunks(names(path)):
            spans[run] = spans.get(run, 0.0) + chance
    np.testing.assert_allclose(beliefs.marginals()[0], expected, atol=1e-9)
    assert len(spans) == words * (words + 1)  # every place, both slots
    for (slot, first, last), chance in spans.items():
        found = beliefs.span(0, first, last, TAGS.id(f"B-{slot}"), TAGS.id(f"I-{slot}"))
        assert found == pytest.approx(chance, abs=1e-9), (slot, first, last)


@pytest.mark.parametrize("size", [1.0, 8.0])
@pytest.mark.parametrize("crf", [False, True])
def test_path_chances_are_those_of_brute_force(size: float, crf: bool) -> None:
    costs = learned(3, size / 2) if crf else None
    chain, lengths = Chain.of_tags(TAGS, costs), np.array([4, 1, 0, 3])
    scores = np.random.default_rng(8).normal(0, size, (4, 4, K))
    paths = chain.viterbi(scores, lengths)
    found = np.exp(chain.beliefs(scores, lengths).log_paths(paths))
    for row, length in enumerate(lengths):
        every = chances(weigh(scores[row, :length], costs)) if length else {(): 1.0}
        assert found[row] == pytest.approx(every[tuple(paths[row].tolist())], abs=1e-9)


def test_with_every_move_allowed_it_is_pytorch_crf() -> None:
    torch.manual_seed(0)
    crf = CRF(K, batch_first=True)
    with torch.no_grad():
        for parameter in crf.parameters():
            parameter.normal_()
    scores, lengths = torch.randn(7, 9, K) * 2, torch.tensor([9, 1, 4, 9, 2, 8, 3])
    mask = torch.arange(9)[None] < lengths[:, None]
    start, moves, end = (
        parameter.detach().double().numpy()
        for parameter in (crf.start_transitions, crf.transitions, crf.end_transitions)
    )
    found = Chain(start, moves, end, learned=True).viterbi(scores.double().numpy(), lengths.numpy())
    assert [path.tolist() for path in found] == crf.decode(scores, mask)


@pytest.mark.parametrize("crf", [False, True])
def test_padding_and_neighbours_change_nothing(crf: bool) -> None:
    chain = Chain.of_tags(TAGS, learned(1) if crf else None)
    random = np.random.default_rng(2)
    lengths = np.array([5, 0, 1, 3, 7])
    scores = random.normal(0, 3, (5, 7, K))
    together = chain.viterbi(scores, lengths)
    for row, length in enumerate(lengths):
        assert len(together[row]) == length
        if length:
            [alone] = chain.viterbi(scores[row : row + 1, :length], np.array([length]))
            assert alone.tolist() == together[row].tolist()
    loud = np.where(np.arange(7)[None, :, None] < lengths[:, None, None], scores, 1e9)
    assert [path.tolist() for path in chain.viterbi(loud, lengths)] == [path.tolist() for path in together]


@pytest.mark.parametrize("crf", [False, True])
@pytest.mark.parametrize("seed", range(30))
def test_extreme_scores_stay_legal_and_finite(crf: bool, seed: int) -> None:
    random = np.random.default_rng(seed)
    words = int(random.integers(1, 40))
    scores = random.choice([-1e4, 0.0, 1e4, 3.0], (words, K))
    chain = Chain.of_tags(TAGS, learned(seed, 5.0) if crf else None)
    [path] = chain.viterbi(scores[None], np.array([words]))
    assert not orphans(names(path))
    with np.errstate(all="raise", under="ignore"):
        beliefs = chain.beliefs(scores[None], np.array([words]))
        marginals = beliefs.marginals()[0]
    assert np.isfinite(marginals).all()
    np.testing.assert_allclose(marginals.sum(-1), 1.0, atol=1e-6)
    for slot, first, last in chunks(names(path)):
        assert 0.0 <= beliefs.span(0, first, last, TAGS.id(f"B-{slot}"), TAGS.id(f"I-{slot}")) <= 1.0


@pytest.mark.parametrize("crf", [False, True])
def test_beliefs_of_rows_of_other_lengths_do_not_mix(crf: bool) -> None:
    chain = Chain.of_tags(TAGS, learned(4) if crf else None)
    lengths = np.array([5, 0, 1, 7])
    scores = np.random.default_rng(6).normal(0, 3, (4, 7, K))
    together = chain.beliefs(scores, lengths)
    for row, length in enumerate(lengths):
        if length:
            alone = chain.beliefs(scores[row : row + 1, :length], lengths[row : row + 1])
            np.testing.assert_allclose(together.marginals()[row, :length], alone.marginals()[0], atol=1e-12)
            assert together.partition[row] == pytest.approx(alone.partition[0])
            for first in range(length):
                assert together.span(row, first, length, 1, 2) == pytest.approx(alone.span(0, first, length, 1, 2))


def test_plain_steps_and_beliefs_are_the_general_ones() -> None:
    chain, random = Chain.of_tags(TAGS), np.random.default_rng(1)
    steps = Steps.of(chain.start, chain.moves, chain.end)
    assert steps.plain
    best, origin = steps.best(scores := random.normal(0, 2, (3, K)))
    reached = scores[:, :, None] + steps.moves
    np.testing.assert_array_equal(best, reached.max(1))
    np.testing.assert_array_equal(origin, reached.argmax(1))
    rows, lengths = random.normal(0, 3, (4, 6, K)), np.array([6, 1, 0, 4])
    plain, general = PlainBeliefs.of(rows, lengths), Beliefs.of(steps, rows, lengths)
    np.testing.assert_allclose(plain.partition, general.partition)
    paths = chain.viterbi(rows, lengths)
    np.testing.assert_allclose(plain.log_paths(paths), general.log_paths(paths), atol=1e-12)
    for row, length in enumerate(lengths):
        np.testing.assert_allclose(plain.marginals()[row, :length], general.marginals()[row, :length], atol=1e-12)
        for first, last in combinations(range(length + 1), 2):
            assert plain.span(row, first, last, 3, 4) == pytest.approx(general.span(row, first, last, 3, 4))


def test_other_chains_are_not_plain() -> None:
    other = Chain.of_tags(LabelSet("tag", ("O", "I-a", "B-a")))
    assert not Steps.of(other.start, other.moves, other.end).plain
    assert not Steps.of(*learned(1)).plain


def test_a_chain_where_the_greedy_choice_is_illegal() -> None:
    scores = np.full((2, K), -10.0)
    scores[0, TAGS.id("O")], scores[1, TAGS.id("I-a")], scores[1, TAGS.id("B-a")] = 0.0, 0.0, -1.0
    [path] = Chain.of_tags(TAGS).viterbi(scores[None], np.array([2]))
    assert names(path) == ["O", "B-a"]
