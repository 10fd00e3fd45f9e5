"""The pages: what comes out of data stays text, nothing leads outside, and they stay small."""

from __future__ import annotations

import random
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import HOSTILE, NAMES, SUBJECT, gold, hostile, long_and_wrong, parse
from markdown_it import MarkdownIt
from markdown_it.token import Token

from jointbert.evaluation.notes import notes_on_labels
from jointbert.evaluation.scope import ScopeScores
from jointbert.evaluation.scope_view import COLUMNS
from jointbert.report.build import build_findings
from jointbert.report.findings import Findings, Subject
from jointbert.report.html import to_html
from jointbert.report.layout import MOST_ROWS
from jointbert.report.markdown import LABELS, to_markdown
from jointbert.report.mistakes import MOST, WORDS
from jointbert.report.prose import shown
from jointbert.utterance import Parse, Span, Utterance
from jointbert.visible import visible

TAGS = {
    *("html", "head", "meta", "title", "style", "body", "header", "footer", "h1", "h2", "p", "div", "b", "span"),
    *("ol", "ul", "li", "strong", "code", "small", "details", "summary", "figure", "figcaption"),
    *("table", "thead", "tbody", "tr", "th", "td", "caption", "svg", "rect", "line", "circle", "text"),
}
ATTRIBUTES = {
    *("lang", "charset", "http-equiv", "content", "name", "class", "dir", "scope", "style", "open", "role"),
    *("aria-label", "viewbox", "x", "y", "width", "height", "x1", "x2", "y1", "y2", "cx", "cy", "r", "transform"),
}
STYLES = re.compile(r"--share:\d+|width:[\d.]+%")


class Reader(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.comments = 0
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.comments += 1


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


@pytest.fixture(scope="module")
def findings() -> Findings:
    return hostile()


def test_hostile_data_stays_text_in_html(findings: Findings) -> None:
    reader = read(to_html(findings))
    assert reader.open == []
    assert reader.comments == 0
    assert reader.tags <= TAGS
    assert {name for name, _ in reader.attributes} <= ATTRIBUTES
    assert all(STYLES.fullmatch(value) for name, value in reader.attributes if name == "style")
    for text in HOSTILE:
        assert visible(text) in reader.text


def test_nothing_that_moves_or_reorders_gets_into_a_page(findings: Findings) -> None:
    for page in (to_html(findings), to_markdown(findings)):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2028\u2029\ud800-\udfff]", page)
        page.encode("utf-8")


def test_the_page_leads_nowhere_and_runs_nothing(findings: Findings) -> None:
    plain = build_findings(SUBJECT, [gold("hi", "a")], [parse("hi", "b")], [gold("ho", "a")])
    page = to_html(plain)
    assert "://" not in page
    assert not re.search(r"<(script|a|img|link|iframe|object|form|base)\b|\bon\w+=|url\(|@import|\b(src|href)=", page)
    policy = next(value for name, value in read(to_html(findings)).attributes if name == "content")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def tokens(found: list[Token]) -> list[Token]:
    return [token for one in found for token in [one, *tokens(one.children or [])]]


def test_hostile_data_stays_text_in_markdown(findings: Findings) -> None:
    page = to_markdown(findings, ["slots.png"])
    every = tokens(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(page))
    kinds = {token.type for token in every}
    assert kinds.isdisjoint({"html_block", "html_inline", "link_open", "em_open", "s_open", "fence", "code_block"})
    assert [token.attrGet("src") for token in every if token.type == "image"] == ["slots.png"]
    spelled = {token.content for token in every if token.type == "code_inline"}
    assert {visible(name) for name in NAMES} <= spelled
    assert {visible(text) for text in HOSTILE} <= spelled
    headings = [every[place + 1].content for place, token in enumerate(every) if token.type == "heading_open"]
    assert headings[1:3] == ["What to do next", "Before you trust the numbers"]
    assert "heading" not in {heading.strip() for heading in headings}


def test_what_a_note_names_stays_text_in_markdown() -> None:
    golds = [Utterance(text, name, where=f"{text}:1") for text, name in zip(HOSTILE, NAMES, strict=True)]
    notes = [note for one in golds for note in notes_on_labels([one], ["a"], None)]
    parses = [parse(one.text, "a") for one in golds]
    page = to_markdown(build_findings(SUBJECT, golds, parses, notes=notes))
    every = tokens(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(page))
    kinds = {token.type for token in every}
    assert kinds.isdisjoint({"html_block", "html_inline", "link_open", "em_open", "s_open", "fence", "code_block"})
    listed = [token.content for token in every if token.type == "code_inline" and " (1 utterance, " in token.content]
    assert len(listed) == len(notes) == len(HOSTILE)
    assert page.count("\nNote: Gold intents that the model does not know, so they count as wrong: `") == len(notes)


def test_each_list_says_what_it_is_ordered_by() -> None:
    golds = [gold(f"hi {number}", "a") for number in range(5)] + [gold("ho", "b")]
    page = to_markdown(build_findings(SUBJECT, golds, [parse(one.text, "a", 0.9) for one in golds]))
    assert "1 of 1, with confidences in percent." in page.split("## The most confident mistakes")[1].split("\n## ")[0]
    assert "1 of 1, with suspicion in percent." in page.split("## Likely annotation errors")[1].split("\n## ")[0]


def test_the_rows_of_every_markdown_table_are_whole(findings: Findings) -> None:
    every = tokens(MarkdownIt("commonmark").enable("table").parse(to_markdown(findings)))
    rows, cells = [], 0
    for token in every:
        if token.type in ("th_open", "td_open"):
            cells += 1
        if token.type == "tr_close":
            rows.append(cells)
            cells = 0
    slot_rows = [count for count in rows if count == 8]
    assert len(slot_rows) == 1 + len(findings.slots)


def test_ten_thousand_utterances_make_a_page_under_3_mb() -> None:
    chance = random.Random(7)
    names = [f"intent_{number}_{'x' * 60}" for number in range(300)]
    slots = [f"slot_{number}_{'y' * 60}" for number in range(300)]
    golds, parses = [], []
    for number in range(10_000):
        text = " ".join(chance.choice(("fly", "to", "from", "rome", "noon", "去北京")) for _ in range(30)) + str(number)
        right, wrong = chance.choice(names), chance.choice(names)
        golds.append(Utterance(text, right, (Span.of(text, chance.choice(slots), 0, 9),), where=f"{'f' * 80}:{number}"))
        said = Span.of(text, chance.choice(slots), 0, chance.choice((9, 12)), confidence=chance.random())
        sure = chance.random()
        parses.append(Parse(text, wrong, sure, ((wrong, sure), (right, 1 - sure)), (said,), None, sure))
    found = build_findings(SUBJECT, golds, parses, golds[:2000])
    page = to_html(found)
    assert len(page.encode()) < 3_000_000
    assert len(to_markdown(found).encode()) < 1_000_000
    assert found.mistakes.total > 9000
    assert "The 150 most frequent of 300" in page


def test_nor_does_what_grows_fivefold_when_it_is_escaped() -> None:
    """Every list is full long before there are 10,000 utterances, so that 160 do."""
    golds, parses = long_and_wrong('"', 160)
    names = dict.fromkeys(span.slot for utterance in golds for span in utterance.spans)
    train = [Utterance(f"hi {name[-4:]}", name, (Span(3, 7, name, name[-4:]),)) for name in names]
    found = build_findings(SUBJECT, golds, parses, train)
    assert len(found.mistakes.shown) == len(found.doubts.shown) == MOST
    assert all(len(exhibit.what) == WORDS + 1 for exhibit in found.mistakes.shown)
    assert len(found.slots) > MOST_ROWS and len(found.scores.per_intent) > MOST_ROWS
    page = to_html(found)
    assert 1_000_000 < len(page.encode()) < 3_000_000
    assert page.count("&#34;") > 200_000
    assert len(to_markdown(found).encode()) < 1_000_000


@given(st.text(), st.integers(1, 30))
def test_what_is_shown_is_bounded_as_it_is_spelled(text: str, most: int) -> None:
    told = shown(text, most)
    assert len(told) <= most and shown(told, most) == told
    assert told == visible(text) or told.endswith("…")
    assert visible(text).startswith(told.removesuffix("…"))


@pytest.mark.parametrize(
    ("utterance", "said"),
    [
        (gold("hi", "a"), parse("hi", "a")),
        (gold("to rome", None, city="rome"), parse("to rome", None, city="rome")),
        (gold("to rome", None, city="rome"), Parse("to rome")),
        (gold("hi"), Parse("hi")),
    ],
)
def test_one_head_or_none_is_enough(utterance: Utterance, said: Parse) -> None:
    subject = Subject("m", "d", why_no_train="models/x/training.yaml is missing")
    found = build_findings(subject, [utterance], [said])
    page = read(to_html(found)).text
    assert "Training data: models/x/training.yaml is missing." in page
    assert page.count("the training data was not found (models/x/training.yaml is missing)") == 1 + bool(found.slots)
    assert "`models/x/training.yaml is missing`" in to_markdown(found)
    assert found.warnings is None


def test_the_headline_is_the_scores() -> None:
    golds = [gold(f"hi {number}", "a") for number in range(8)]
    parses = [parse(f"hi {number}", "a" if number else "b") for number in range(8)]
    found = build_findings(SUBJECT, golds, parses)
    text = read(to_html(found)).text
    assert re.search(r"Sentence accuracy\s*87\.5\s*95 % interval", text)
    assert "| Intent accuracy | 87.5 |" in to_markdown(found)
    assert "Every utterance is right" not in text
    assert "No mistake is frequent enough here to advise on." in text


def test_a_perfect_model_is_told_so() -> None:
    found = build_findings(SUBJECT, [gold("hi", "a")], [parse("hi", "a")], [gold("ho", "a")] * 5)
    for page in (read(to_html(found)).text, to_markdown(found)):
        assert "Every utterance is right: there is nothing to advise." in page
        assert "There are none: every parse is right." in page
        assert "The linter has nothing to say." in page


def test_what_is_out_of_scope_has_a_section_and_a_note() -> None:
    told = ScopeScores("knn", 1200, 30, 0.71234567, 0.98, 0.95, 0.4, None, 0.9123, 0.5, 0.6)
    note = "Utterances out of scope, left out of intent, slot and sentence scores: 30."
    subject = Subject("m", "d", train="t", train_utterances=100, train_outside=3)
    golds, parses = [gold("hi", "a")], [parse("hi", "a")]
    found = build_findings(subject, golds, parses, golds, scope=told, notes=[note])
    page, text = read(to_html(found)).text, to_markdown(found)
    for form in (page, text):
        assert note in form
        assert (
            "1,200 utterances in scope, 30 out of it. What knn scores below 0.71235 is told to be out of scope." in form
        )
    assert "Trained on 100 utterances of t, without 3 out of scope." in page
    assert "Trained on 100 utterances of `t`, without 3 out of scope." in text
    assert re.search(r"kept\s*of the utterances in scope, those that are kept\s*98\.0\s", page)
    assert "| oos precision | of those told to be out of scope, those that are | - |" in text
    rows = text.split("## Out of scope")[1].split("\n## ")[0]
    assert all(f"| {column} |" in rows for column in COLUMNS)
    plain = build_findings(SUBJECT, golds, parses)
    assert "Out of scope" not in to_html(plain) and "Out of scope" not in to_markdown(plain)


def test_below_which_confidence_to_ask_back_stands_in_both_with_every_digit_and_a_caution() -> None:
    sure = [0.99994, 0.99993, 0.99992, 0.99991]
    golds = [gold(f"hi {number}", "a") for number in range(4)]
    found = build_findings(SUBJECT, golds, [parse(f"hi {n}", "b" if n == 3 else "a", sure[n]) for n in range(4)])
    page, text = read(to_html(found)).text, to_markdown(found)
    assert "| 98 % | 0.99992 | 75.0 % | 100.0 % ? |" in text
    assert re.search(r"98 %\s*0\.99992\s*75\.0 %\s*100\.0 % \?", page)
    for form in (page, text):
        assert "choose one on dev, and check it on test" in form and "? rests on few answers" in form
    right = build_findings(SUBJECT, golds, [parse(utterance.text, "a") for utterance in golds])
    assert "| 99 % | never | 100.0 % | 100.0 % ? |" in to_markdown(right)
    bare = build_findings(SUBJECT, [gold("hi", "a")], [Parse("hi", "a", 0.9, (("a", 0.9),))])
    for form in (to_markdown(bare), to_html(bare)):
        assert form.count("ask back") == form.count("When to ask back cannot be told here") == 1


def test_markdown_has_the_scores_of_each_intent_and_the_lengths_of_training() -> None:
    golds = [gold(f"hi {number}", f"intent_{number % 50}") for number in range(100)]
    parses = [
        parse(utterance.text, utterance.intent if number else "intent_1") for number, utterance in enumerate(golds)
    ]
    known = to_markdown(build_findings(SUBJECT, golds, parses, golds[:7]))
    assert "| `intent_0` | 2 | 100.0 | 50.0 | 66.7 |" in known
    assert known.count("| `intent_") == LABELS and f"And {50 - LABELS} more." in known
    assert "| words | utterances | in training | intent | slot F1 | sentence |" in known
    assert "| 1-3 | 100 | 7 | 99.0 | - | 99.0 |" in known
    unknown = build_findings(SUBJECT, golds, parses)
    assert "| words | utterances | intent | slot F1 | sentence |" in to_markdown(unknown)
    assert "in training" not in read(to_html(unknown)).text.split("By length")[1].split("Confidences")[0]
