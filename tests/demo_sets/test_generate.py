"""The generator: templates, what a grammar refuses, noise that never moves a span, the same bytes for the same seed."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

DATASETS = Path(__file__).parents[2] / "datasets"
sys.path.insert(0, str(DATASETS))  # the generator is a script with two modules beside it, not a package

import generate  # noqa: E402
import grammar  # noqa: E402
import noise  # noqa: E402

from jointbert.errors import DataError  # noqa: E402

SCHEMA = "intents:\n  fly: {about: x, slots: [city, day]}\n  stop: {about: y, slots: []}\n"
WORDS = """
values:
  city: [Rome, New York, Bonn, Lima, Oslo, Paris]
  day: [today, 'next {=weekday}']
  weekday: [Monday, Friday]
"""
RULES = (
    "intents:\n  fly: ['(fly|go) to {city} {day}', '[please ]fly to {city}', '{day}: {city}', 'on {day}']\n"
    "  stop: ['stop[ it]?0.9', '(halt|quit|end|cease) (now|please|this|that|it)']\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A corpus small enough to see through."""
    (tmp_path / "grammar").mkdir()
    (tmp_path / "schema.yaml").write_text(SCHEMA)
    (tmp_path / "grammar" / "words.yaml").write_text(WORDS)
    (tmp_path / "grammar" / "rules.yaml").write_text(RULES)
    (tmp_path / "grammar" / "settings.yaml").write_text("train: 24\ndev: 4\n")
    return tmp_path


def expanded(template: str, seed: int = 0, **lists: list[str]) -> str:
    """One expansion, its spans marked, of a template that may use some lists."""
    values = {name: tuple(map(grammar.parse, entries)) for name, entries in lists.items()}
    schema = {"x": frozenset({"city", "day"})}
    built = grammar.Grammar(values, {"x": (grammar.parse(template),)}, schema)
    return generate.marked(generate.Sampler(built, generate.Settings(), "x", "train", seed).draw())


def all_of(template: str, **lists: list[str]) -> set[str]:
    return {expanded(template, seed, **lists) for seed in range(60)}


def test_every_reference_labels_as_it_says() -> None:
    assert expanded("to {city}", city=["Rome"]) == "to [Rome](city)"
    assert expanded("to {city:town}", town=["Rome"]) == "to [Rome](city)"
    assert expanded("to {=town}", town=["Rome"]) == "to Rome"


def test_labels_in_an_unlabelled_list_count_and_those_in_a_labelled_value_do_not() -> None:
    assert expanded("go {=where}", where=["to {city}"], city=["Rome"]) == "go to [Rome](city)"
    assert expanded("go {day:when}", when=["{city} day"], city=["Rome"]) == "go [Rome day](day)"


def test_alternatives_options_and_escapes() -> None:
    assert all_of("(a|b(c|d)|)x") == {"ax", "bcx", "bdx", "x"}
    assert all_of("a|b c") == {"a", "b c"}
    assert all_of("a [b [c]]") == {"a", "a b", "a b c"}
    assert all_of(r"\(a\|b\) \{c\} \[d\] \\") == {r"(a|b) {c} [d] \\".replace(r"\\", "\\")}


def test_a_probability_is_obeyed() -> None:
    drawn = [expanded("a[b]?0.1", seed) for seed in range(400)]
    assert 15 <= drawn.count("ab") <= 70


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("fly (to|from", r"f.yaml: fly\[0\]:5: '\(' is never closed in 'fly \(to\|from'; expected a '\)'"),
        ("fly [to", r"fly\[0\]:5: '\[' is never closed"),
        ("fly {to", r"fly\[0\]:5: '\{' begins no reference"),
        ("fly to)", r"fly\[0\]:7: unexpected '\)'"),
        ("fly \\", r"fly\[0\]:6: '\\\\' at the end|fly\[0\]:\d: .* at the end"),
    ],
)
def test_a_broken_template_is_refused_with_its_place(template: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        grammar.parse(template, "f.yaml: fly[0]")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda rules: rules.replace("on {day}", "on {=dya}"),
            r"fly\[3\]: unknown list 'dya'; expected one of \['city'",
        ),
        (lambda rules: rules.replace("stop[", "stop {city}["), r"slot 'city' is not in the schema of 'stop'"),
        (lambda rules: rules.replace("  stop:", "  halt:"), r"intent 'stop' has no template"),
        (lambda rules: rules.replace("  stop:", "  leave: [x]\n  stop:"), r"unknown intent 'leave'; expected one of"),
        (lambda rules: rules + "values: {spare: [a]}\n", r"unused lists \['spare'\]"),
        (lambda rules: rules + "values: {city: [a]}\n", r"city: is a second list of that name"),
        (lambda rules: rules + "values: {a: ['{=a}']}\n", r"unused lists \['a'\]"),
        (lambda rules: rules + "values: {on: [a]}\n", r"True: is no string to YAML"),
        (lambda rules: rules + "values: {a: [7]}\n", r"a\[0\]: 7 is no string to YAML; expected a string"),
        (lambda rules: rules + "values: {a: 7}\n", r"a: is 7; expected a list of strings"),
        (lambda rules: rules + "value: {}\n", r"rules.yaml: holds .*; expected a mapping with \['intents', 'values'\]"),
        (lambda rules: "a: [", r"rules.yaml: cannot be read"),
    ],
)
def test_a_wrong_grammar_is_refused(folder: Path, change: Callable[[str], str], message: str) -> None:
    path = folder / "grammar" / "rules.yaml"
    path.write_text(change(path.read_text()))
    with pytest.raises(DataError, match=message):
        grammar.read_grammar(folder)


def test_a_list_that_contains_itself_is_refused() -> None:
    with pytest.raises(DataError, match="list 'a' contains itself"):
        expanded("{=a}", a=["x {=b}"], b=["{=a}"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("noise: {tpyo: 1}", r"noise: unknown \['tpyo'\]; expected some of"),
        ("spaces: some", r"spaces: is 'some'; expected keep or drop"),
        ("trian: 3", r"settings.yaml: holds \['trian'\]"),
    ],
)
def test_wrong_settings_are_refused(folder: Path, settings: str, message: str) -> None:
    (folder / "grammar" / "settings.yaml").write_text(settings)
    with pytest.raises(DataError, match=message):
        generate.read_corpus(folder, 13)


def test_an_exhausted_intent_is_refused(folder: Path) -> None:
    (folder / "grammar" / "settings.yaml").write_text("train: 2000\n")
    with pytest.raises(DataError, match="intent 'fly': 200 draws gave no new utterance; expected more variety"):
        generate.read_corpus(folder, 13).build()


PIECES = st.lists(
    st.tuples(st.text("abcdefgh i'.?,  é中7", min_size=1, max_size=12), st.sampled_from([None, "city", "day"])),
    min_size=1,
    max_size=6,
)


@given(PIECES, st.integers(0, 10_000), st.booleans())
def test_noise_keeps_every_span_whole_and_in_order(pieces: list[noise.Piece], seed: int, drop: bool) -> None:
    before = noise.tidy(pieces, drop_spaces=drop)
    if not before:
        return
    every = noise.Noise(lower=0.5, capital=0.5, bare_end=0.5, full_stop=0.5, typo=1.0, filler=0.5, fillers=("um",))
    after = noise.tidy(every.apply(before, random.Random(seed)), drop_spaces=drop)
    spans = noise.to_utterance(after, "x").spans  # Span and Utterance check the offsets against the text
    expected = [(text.casefold(), slot) for text, slot in before if slot]
    assert [(span.value.casefold(), span.slot) for span in spans] == expected


@given(PIECES)
def test_tidied_text_has_no_stray_space(pieces: list[noise.Piece]) -> None:
    tidied = noise.tidy(pieces, drop_spaces=False)
    text = "".join(part for part, _ in tidied)
    assert text == " ".join(text.split())
    assert all(part == part.strip() for part, slot in tidied if slot)


def test_typos_stay_out_of_spans_unless_asked_for() -> None:
    pieces: list[noise.Piece] = [("please fly ", None), ("Barcelona", "city")]
    only_words, only_values = noise.Noise(typo=1.0), noise.Noise(value_typo=1.0)
    for seed in range(50):
        assert only_words.apply(pieces, random.Random(seed))[1] == pieces[1]
        assert only_values.apply(pieces, random.Random(seed))[0] == pieces[0]


def test_spaces_can_be_dropped_but_for_latin_words_and_wanted_ones() -> None:
    pieces: list[noise.Piece] = [
        ("放 一首 ", None),
        ("Taylor Swift", "artist"),
        (" 的歌" + grammar.KEPT_SPACE + "吧", None),
    ]
    tidied = noise.tidy(pieces, drop_spaces=True)
    assert noise.to_utterance(tidied, "play").text == "放一首Taylor Swift的歌 吧"


def test_texts_of_hand_written_files_are_never_generated_and_dev_ends_with_them(folder: Path) -> None:
    (folder / "test.jsonl").write_text('{"text": "HALT, now!", "intent": "stop"}\n')
    (folder / "dev_hand.jsonl").write_text('{"id": "dev-001", "text": "quit it", "intent": "stop"}\n')
    corpus = generate.read_corpus(folder, 13)
    built = corpus.build()
    assert built["dev"][-1].id == "dev-001" and len(built["dev"]) == 5
    texts = [generate.bare(u.text) for u in built["train"] + built["dev"][:-1]]
    assert "haltnow" not in texts and "quitit" not in texts
    assert len(texts) == len(set(texts)) == 28


def test_the_catalogue_lists_plain_values_of_the_slots_it_names_but_none_of_devs(folder: Path) -> None:
    assert generate.read_corpus(folder, 7).files()["values.yaml"].endswith("\n{}\n")
    settings = "train: 24\ndev: 4\ncatalogue: [city, day]\nheld_out_values: [city]\n"
    (folder / "grammar" / "settings.yaml").write_text(settings)
    listed = yaml.safe_load(generate.read_corpus(folder, 7).files()["values.yaml"])
    cities = ["Rome", "New York", "Bonn", "Lima", "Oslo", "Paris"]
    assert listed["city"] == sorted(city for city in cities if not generate.is_held_out(city, 10))
    assert listed["day"] == ["today"]  # "next Monday" is put together


def test_shares_sum_to_the_total() -> None:
    assert sum(generate.shares(2000, list("abcdefg"), {"a": 1.3, "c": 0.7}).values()) == 2000


def test_the_command_writes_the_same_bytes_whatever_the_hash_seed_and_check_notices_a_change(folder: Path) -> None:
    def command(hash_seed: str, *more: str) -> int:
        line = [sys.executable, str(DATASETS / "generate.py"), str(folder), "--seed", "7", *more]
        return subprocess.run(line, env={"PYTHONHASHSEED": hash_seed}, capture_output=True, check=False).returncode

    assert command("1", "--check") == 1
    assert command("1") == 0
    first = (folder / "train.jsonl").read_bytes()
    assert command("2", "--check") == 0
    (folder / "train.jsonl").write_bytes(first.replace(b"stop", b"spot", 1))
    assert command("2", "--check") == 1
    (folder / "grammar" / "rules.yaml").write_text("intents: {fly: ['(']}")
    assert command("2") == 2


def test_a_possessive_never_grows_onto_its_span() -> None:
    pieces: list[noise.Piece] = [("don't play ", None), ("Dunkin'", "artist"), ("'s song", None)]
    dropped = noise.Noise(no_apostrophe=1.0).apply(pieces, random.Random(0))
    assert dropped == [("dont play ", None), ("Dunkin", "artist"), ("'s song", None)]
