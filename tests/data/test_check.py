"""Every rule of the linter finds what it is for, and keeps quiet about what is fine."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jointbert.data.check import Options, check, check_utterances
from jointbert.data.problem import Problem
from jointbert.errors import ConfigError
from jointbert.utterance import Span, Utterance

LENIENT = Options(min_count=1)


def say(marked: str, intent: str | None = "fly", where: str = "train.jsonl:1", slot: str = "city") -> Utterance:
    """An utterance from a text in which ``[…]`` marks spans; ``[…|name]`` names another slot."""
    text, spans = "", []
    for index, piece in enumerate(marked.replace("]", "[").split("[")):
        value, _, name = piece.partition("|") if index % 2 else (piece, "", "")
        if index % 2:
            spans.append((len(text), len(text) + len(value), name or slot))
        text += value
    return Utterance(text, intent, tuple(Span.of(text, name, a, b) for a, b, name in spans), where=where)


def found(*utterances: Utterance, options: Options = LENIENT, **more: list[Utterance]) -> list[Problem]:
    return check_utterances({"train": list(utterances), **more}, options)


def rules(*utterances: Utterance, options: Options = LENIENT, **more: list[Utterance]) -> list[str]:
    return [problem.rule for problem in found(*utterances, options=options, **more)]


def only(problems: list[Problem]) -> Problem:
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


def test_good_data_has_no_findings() -> None:
    train = [say(f"take me to [Boston] on day {day}", where=f"train.jsonl:{day}") for day in range(8)]
    test = [say("please take me to [Rome]", where="test.jsonl:1"), say("去[北京]的票", where="test.jsonl:2")]
    assert check_utterances({"train": train, "test": test}) == []


CHARACTERS = st.text(st.sampled_from("aAB1. ,。去北\u0301\u200d\ud800\n\x1bßİ"), max_size=12)


@st.composite
def utterances(draw: st.DrawFn) -> Utterance:
    """Anything that can be built: odd characters, spans anywhere, no intent."""
    text = draw(CHARACTERS)
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=4)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    spans = tuple(Span.of(text, draw(st.sampled_from(["a", "A", "b"])), start, end) for start, end in pairs)
    return Utterance(text, draw(st.sampled_from(["x", "X", None])), spans, where="f:1")


@given(st.dictionaries(st.sampled_from(["train", "dev", "test", "all"]), st.lists(utterances(), max_size=6)))
def test_whatever_the_data_every_finding_has_a_place_and_a_next_step(splits: dict[str, list[Utterance]]) -> None:
    for problem in check_utterances(splits):
        assert problem.where == "f:1"
        assert problem.message
        assert problem.suggestion


def test_nothing_at_all_has_no_findings() -> None:
    assert check_utterances({}) == []
    assert check_utterances({"train": [], "test": []}) == []


# Texts


@pytest.mark.parametrize(("text", "what"), [("", "the text is empty"), (" \t", "the text is blank")])
def test_empty_text(text: str, what: str) -> None:
    problem = only(found(Utterance(text, "fly", where="a:7")))
    assert (problem.where, problem.rule, problem.severity, problem.message) == ("a:7", "empty-text", "error", what)


def test_long_text() -> None:
    problem = only(found(say("x" * 11), options=Options(min_count=1, max_chars=10)))
    assert (problem.rule, problem.severity) == ("long-text", "warning")
    assert problem.message.startswith("11 characters; expected at most 10: 'xxx")
    assert found(say("x" * 10), options=Options(min_count=1, max_chars=10)) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a\x1bb", "U+001B (a control character)"),
        ("a\u200bb", "U+200B (zero width space)"),
        ("去\u200d北", "U+200D (zero width joiner)"),
        ("ab\u200d", "U+200D (zero width joiner)"),
        ("\ufeffab", "U+FEFF (zero width no-break space)"),
        ("a\u202eb", "U+202E (right-to-left override)"),
        ("a\tb", "U+0009 (a control character)"),
        ("a\ud800b", "U+D800 (a control character)"),
    ],
)
def test_hidden_character(text: str, name: str) -> None:
    problem = only(found(Utterance(text, "fly")))
    assert (problem.rule, problem.severity) == ("hidden-character", "warning")
    assert problem.message == f"{text!r} holds {name}"


@pytest.mark.parametrize(
    "text", ["👩\u200d👩\u200d👧 hi", "می\u200cخواهم", "去\u3000北京", "❤\ufe0f", "cafe\u0301", "क्\u200dष"]
)
def test_characters_that_are_spelling_are_not_hidden(text: str) -> None:
    assert found(Utterance(text, "fly")) == []


def test_a_long_text_is_quoted_in_part() -> None:
    problem = only(found(say("x" * 400 + "\x1b")))
    assert problem.message == f"'{'x' * 120}'… holds U+001B (a control character)"


def test_broken_encoding() -> None:
    problem = only(found(say("caf\ufffd")))
    assert (problem.rule, problem.severity) == ("broken-encoding", "warning")
    assert "U+FFFD" in problem.message


# Spans


@pytest.mark.parametrize(("text", "advice"), [("to[ Boston]", "Mark 'Boston'."), ("to [ ]", "Drop the span.")])
def test_span_blank(text: str, advice: str) -> None:
    problem = only(found(say(text)))
    assert (problem.rule, problem.severity, problem.suggestion) == ("span-blank", "warning", advice)


@pytest.mark.parametrize(
    ("text", "severity", "advice"),
    [
        ("to [Boston.] ok", "warning", "Mark 'Boston',"),
        ("去[北京。]", "warning", "Mark '北京',"),
        ("play [Help!]", "info", "Mark 'Help',"),
        ("to [...]", "warning", "Drop the span."),
    ],
)
def test_span_punctuation(text: str, severity: str, advice: str) -> None:
    problem = only(found(say(text)))
    assert (problem.rule, problem.severity) == ("span-punctuation", severity)
    assert problem.suggestion.startswith(advice)


@pytest.mark.parametrize(
    "text", ["at [5 p.m.]", "ask [Sammy Davis Jr.]", "the [.]", "[St. Paul] it is", "[Washington D.C.]"]
)
def test_punctuation_that_belongs_to_a_name(text: str) -> None:
    assert found(say(text)) == []


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("to [Bos]ton", "'Bos', a part of 'Boston'"),
        ("at 5[pm]", "'pm', a part of '5pm'"),
        ("order [pizza]🍕 now", "'pizza', a part of 'pizza🍕'"),
        ("add €[50] to it", "'50', a part of '€50'"),
        ("今天[20]°C吗", "'20', a part of '20°C'"),
    ],
)
def test_span_cuts_word(text: str, part: str) -> None:
    problem = only(found(say(text)))
    assert (problem.rule, problem.severity) == ("span-cuts-word", "warning")
    assert problem.message == f"slot 'city' marks {part}"


@pytest.mark.parametrize(
    "text",
    ["[Boston]'s", "[New York]-bound", "我要听[小]苹果", "听[abc]的", "[北]京", "$[50]", "＄[50]", "听[小苹果]🍕"],
)
def test_spans_that_cut_no_word(text: str) -> None:
    assert found(say(text)) == []


# Labels


def test_few_utterances() -> None:
    problem = only(found(say("a"), say("b", "book"), say("c"), options=Options(min_count=2)))
    assert (problem.rule, problem.severity) == ("few-utterances", "warning")
    assert problem.message == "intent 'book' has 1 utterance; expected at least 2"


def test_few_utterances_counts_train_only_when_there_is_one() -> None:
    two = Options(min_count=2)
    assert "few-utterances" in rules(say("a"), options=two, test=[say("b")])
    assert check_utterances({"everything": [say("a"), say("b")]}, two) == []
    assert check_utterances({"test": [say("a")]}, two) == []


@pytest.mark.parametrize("split", ["dev", "test", "valid"])
def test_unseen_labels(split: str) -> None:
    held_out = [say("go [now|when]", "leave", "t:1"), say("go [soon|when]", "leave", "t:2")]
    problems = found(say("to [Rome]"), **{split: held_out})
    assert [(problem.rule, problem.severity, problem.where) for problem in problems] == [
        ("unseen-intent", "warning", "t:1"),
        ("unseen-slot", "warning", "t:1"),
    ]
    assert problems[0].message == "intent 'leave' occurs 2 times outside train (t:1, t:2) and never in it"


def test_labels_need_no_training_where_there_is_no_train() -> None:
    assert check_utterances({"dev": [say("a")], "test": [say("b", "x")]}, LENIENT) == []


def test_labels_that_differ_by_case() -> None:
    problems = found(say("to [Rome]"), say("to [Paris]"), say("[Bonn|City]", "Fly", "train.jsonl:3"))
    assert [problem.rule for problem in problems] == ["intent-case", "slot-case"]
    assert problems[1].message == "the slots 'city' (2 times) and 'City' (once) differ only by case or blanks"
    assert (problems[1].where, problems[1].suggestion) == ("train.jsonl:3", "Call them all 'city'.")


@pytest.mark.parametrize(("one", "other"), [("greet ", "greet"), ("say  Hello", "say hello"), ("\u3000greet", "greet")])
def test_labels_that_differ_by_blanks(one: str, other: str) -> None:
    problem = only(found(say("hi", one), say("hi there", one), say("good day", other)))
    assert (problem.rule, problem.severity) == ("intent-case", "warning")
    assert problem.message == f"the intents {one!r} (2 times) and {other!r} (once) differ only by case or blanks"
    assert problem.suggestion == f"Call them all {' '.join(one.split())!r}."


# Texts that occur more than once


def test_two_intents() -> None:
    problems = found(say("go now", where="a:1"), say("Go  NOW", "leave", "a:2"), say("go now", where="a:3"))
    problem = only([problem for problem in problems if problem.rule == "two-intents"])
    assert (problem.where, problem.severity) == ("a:2", "warning")
    assert problem.message == "'go now' has 2 intents: 'fly' (a:1, a:3), 'leave' (a:2)"


def test_two_annotations() -> None:
    problems = found(say("to [new york] now", where="a:1"), say("to  new [york] now", where="a:2"))
    problem = only([problem for problem in problems if problem.rule == "two-annotations"])
    assert (problem.where, problem.severity) == ("a:2", "warning")
    assert problem.message == ("'to new york now' is annotated in 2 ways: city='new york' (a:1); city='york' (a:2)")


def test_the_same_place_in_another_spacing_is_the_same_annotation() -> None:
    assert rules(say("to [New York]"), say("to   [new  york]")) == ["duplicate"]


def test_two_places_of_one_value_are_two_annotations() -> None:
    assert "two-annotations" in rules(say("[a b] or a b"), say("a b or [a b]"))


def test_duplicate() -> None:
    problem = only(found(*(say("go now", where=f"a:{n}") for n in range(1, 6))))
    assert (problem.where, problem.rule, problem.severity) == ("a:2", "duplicate", "info")
    assert problem.message == "'go now' occurs 5 times in train: a:1, a:2, a:3 and 2 more"


def test_leak() -> None:
    problem = only(found(say("go now", where="a:1"), test=[say("Go now", where="b:9")]))
    assert (problem.where, problem.rule, problem.severity) == ("b:9", "leak", "warning")
    assert problem.message == "'go now' is in more than one split (train 1, test 1): a:1, b:9"


def test_a_part_of_a_split_is_no_leak_but_what_is_only_in_the_part_shows_that_it_is_none() -> None:
    whole, hand = [say("go now"), say("stop it")], [say("stop it")]
    assert not [p for p in check_utterances({"dev": whole, "dev_hand": hand}, Options()) if p.rule == "leak"]
    leaks = check_utterances({"train": [say("stop it")], "dev": whole, "dev_hand": hand}, Options())
    assert [p.rule for p in leaks].count("leak") == 1
    other = check_utterances({"dev": whole, "dev_hand": [*hand, say("run off")]}, Options())
    assert [p.rule for p in other].count("leak") == 1


# Values


LABELLED = [say(f"{word} to [new york]", where=f"a:{n}") for n, word in enumerate(("fly", "go", "off", "get"), 1)]


def test_unlabelled_value() -> None:
    problem = only(found(*LABELLED, say("is New  York far", where="a:9")))
    assert (problem.where, problem.rule, problem.severity) == ("a:9", "unlabelled-value", "info")
    assert problem.message == "'new york' is labelled 'city' 4 times and left bare once: a:9"


def test_a_value_that_is_nearly_always_labelled_is_a_warning() -> None:
    more = [say(f"{word} to [New York]") for word in ("run", "walk")]
    assert only(found(*LABELLED, *more, say("is new york far"))).severity == "warning"


def test_an_unlabelled_value_in_chinese() -> None:
    train = [say(f"{word}[周杰伦]的歌") for word in ("听", "唱", "放")]
    assert (
        only(found(*train, say("周杰伦是谁", where="a:9"))).message
        == "'周杰伦' is labelled 'city' 3 times and left bare once: a:9"
    )


def test_a_value_of_several_slots_is_one_finding() -> None:
    problem = only(found(*LABELLED, say("leave [new york|from]"), say("is new york far")))
    assert "labelled 'city' 4 times (and once from) and left bare once" in problem.message


@pytest.mark.parametrize(
    "utterance",
    [
        say("is [new york city|region] far"),  # covered by a longer span
        say("is newyork far"),
        say("is new york far", "ask"),  # an intent that never uses the slot
        say("a new [york]"),  # touches a span
    ],
)
def test_values_that_are_not_bare(utterance: Utterance) -> None:
    assert found(*LABELLED, utterance) == []


def test_a_longer_known_value_hides_the_shorter_one() -> None:
    longer = say("read the [new york times|paper]")
    problems = found(*LABELLED, longer, say("the new york times is long"))
    assert problems == []  # the longer one was labelled only once, which says nothing


def test_a_value_that_is_mostly_bare_is_an_ordinary_word() -> None:
    assert found(*LABELLED, *(say(f"new york {n} x") for n in range(4))) == []


def test_a_value_that_was_labelled_once_says_nothing() -> None:
    assert found(LABELLED[0], say("is new york far")) == []


@pytest.mark.parametrize("value", ["to", "12", "去"])
def test_short_values_and_numbers_are_skipped(value: str) -> None:
    train = [say(f"{word} [{value}]") for word in ("x", "y", "z", "w")]
    assert found(*train, say(f"q {value} r")) == []


# Files


def test_what_readers_report_is_among_the_findings(tmp_path: Path) -> None:
    for name, content in {"seq.in": "to rome\na b\n", "seq.out": "O I-city\nO\n", "label": "fly\nfly\n"}.items():
        (tmp_path / name).write_text(content)
    problems = check({"train": tmp_path}, LENIENT)
    assert [(problem.rule, problem.severity) for problem in problems][:2] == [
        ("orphan-i", "warning"),
        ("tags-per-word", "error"),
    ]
    assert problems[1].where.endswith("seq.out:2")


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_a_split_without_an_utterance_is_an_error(content: str, tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text(content, encoding="utf-8")
    problem = only(check({"train": path}, LENIENT))
    assert (problem.where, problem.rule, problem.severity) == (str(path), "empty-split", "error")
    assert problem.message == "there are 0 utterances; expected at least one"


def test_a_split_whose_only_line_is_broken_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text("{broken\n", encoding="utf-8")
    assert only(check({"train": tmp_path / "train.jsonl"}, LENIENT)).where.endswith("train.jsonl:1")


def test_overlapping_spans_are_an_error_with_their_line(tmp_path: Path) -> None:
    slots = '[{"slot": "a", "start": 0, "end": 3}, {"slot": "b", "start": 2, "end": 5}]'
    (tmp_path / "train.jsonl").write_text(f'{{"text": "abcde", "intent": "x", "slots": {slots}}}\n')
    problem = only(check({"train": tmp_path / "train.jsonl"}, LENIENT))
    assert problem.severity == "error"
    assert problem.where.endswith("train.jsonl:1")
    assert "overlap" in problem.message


@pytest.mark.parametrize("name", ["min_count", "max_chars"])
def test_a_threshold_below_one_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name}: is 0; expected a number from 1 on. Choose a larger one."):
        Options(**{name: 0})
