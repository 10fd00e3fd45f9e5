"""What each reader says and what each writer refuses, by example."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from jointbert.data import FORMATS, Problem, read, write
from jointbert.data.formats import rasa_inline
from jointbert.errors import DataError
from jointbert.utterance import Span, Utterance

DOCUMENT = Path(__file__).parents[2] / "docs" / "formats.md"
BLOCK = re.compile(r"^```\w+ file=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECTIONS = dict(
    re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
)


def problems(path: Path, format: str | None = None) -> tuple[list[Utterance], list[Problem]]:
    found: list[Problem] = []
    return read(path, format, found.append), found


def goo(folder: Path, words: str, tags: str, label: str | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    parts = {"seq.in": words, "seq.out": tags, "label": label}
    for name, content in parts.items():
        if content is not None:
            (folder / name).write_bytes(content.encode("utf-8"))
    return folder


def saved(path: Path, content: str) -> Path:
    path.write_bytes(content.encode("utf-8"))
    return path


class TestDocument:
    def test_has_a_section_for_each_format(self) -> None:
        assert set(SECTIONS) == set(FORMATS)

    @pytest.mark.parametrize("name", FORMATS)
    def test_example_reads_as_the_page_says(self, name: str, tmp_path: Path) -> None:
        files = BLOCK.findall(SECTIONS[name])
        for file, content in files:
            (tmp_path / file).parent.mkdir(exist_ok=True)
            saved(tmp_path / file, content)
        path = tmp_path / files[0][0].split("/")[0]
        utterances, found = problems(path)
        slots = [] if name == "csv" else [("city.to", "New York")]
        assert found == []
        assert [(u.text, u.intent) for u in utterances] == [
            ("fly to New York", "book_flight"),
            ("good morning", "greet"),
        ]
        assert [[(s.slot, s.value) for s in u.spans] for u in utterances] == [slots, []]


class TestJsonl:
    @pytest.mark.parametrize(
        ("line", "says"),
        [
            ("{", "is not JSON"),
            ("[1]", "[1] is no object"),
            ('{"intent": "a"}', 'the key "text" is missing'),
            ('{"text": 3}', '"text" is 3; expected a string'),
            ('{"text": "a", "intents": "b"}', "unknown key 'intents'; expected only id, intent"),
            ('{"text": "a", "intent": 1}', '"intent" is 1; expected a string'),
            ('{"text": "a", "intent": " "}', "is blank"),
            ('{"text": "a", "slots": [1], "slots": []}', 'the key "slots" stands twice in one object; expected each'),
            ('{"text": "a", "slots": [{"slot": "x", "slot": "y"}]}', 'the key "slot" stands twice in one object'),
            ('{"text": "a", "slots": {}}', '"slots" is {}; expected a list'),
            ('{"text": "a", "slots": [1]}', "the slot 1 is no object"),
            ('{"text": "a", "slots": [{"slot": "x", "start": 0}]}', '"end" is null; expected a character offset'),
            ('{"text": "a", "slots": [{"slot": "x", "start": true, "end": 1}]}', '"start" is true'),
            ('{"text": "a", "slots": [{"slot": "x", "start": 0, "end": 9}]}', "lies outside the 1 characters"),
            ('{"text": "a", "slots": [{"slot": "x", "start": 0, "end": 1, "value": "b"}]}', 'says "b" but'),
            ('{"text": "ab", "tokens": [[0]]}', "the token [0] is no pair"),
            ('{"text": "ab", "tokens": ["b", "a"]}', "the token 'a' is not found in 'ab' from character 2 on"),
        ],
    )
    def test_error_names_the_line(self, line: str, says: str, tmp_path: Path) -> None:
        path = saved(tmp_path / "a.jsonl", f'{{"text": "fine"}}\n\n{line}\n')
        utterances, [problem] = problems(path)
        assert [utterance.text for utterance in utterances] == ["fine"]
        assert problem.where == f"{path}:3"
        assert problem.severity == "error"
        assert says in str(problem)
        with pytest.raises(DataError, match=re.escape(f"{path}:3: ")):
            read(path)

    def test_bom_crlf_and_token_strings(self, tmp_path: Path) -> None:
        path = saved(tmp_path / "a.jsonl", '\ufeff{"text": "fly to", "tokens": ["fly", "to"]}\r\n')
        assert read(path) == [Utterance("fly to", tokens=((0, 3), (4, 6)))]

    def test_slots_in_any_order(self, tmp_path: Path) -> None:
        slots = [{"slot": "b", "start": 1, "end": 2}, {"slot": "a", "start": 0, "end": 1}]
        path = saved(tmp_path / "a.jsonl", json.dumps({"text": "xy", "slots": slots}))
        assert [span.slot for span in read(path)[0].spans] == ["a", "b"]

    def test_not_utf8_names_the_line(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        path.write_bytes(b'{"text": "a"}\n{"text": "caf\xe9"}\n')
        with pytest.raises(DataError, match=re.escape(f"{path}:2: byte 0xe9 at position 13 of the line is not UTF-8")):
            read(path)

    def test_written_readable_and_escaped_only_where_needed(self, tmp_path: Path) -> None:
        path = tmp_path / "a.jsonl"
        write(path, [Utterance("播放"), Utterance("a\ud800"), Utterance("a\u2028b")])
        lines = path.read_text(encoding="utf-8").split("\n")
        assert "播放" in lines[0]
        assert "\\ud800" in lines[1]
        assert "\\u2028" in lines[2]

    def test_refuses_what_json_would_join(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="two surrogates side by side, which jsonl cannot carry"):
            write(tmp_path / "a.jsonl", [Utterance("fine"), Utterance("\ud83d\ude00")])
        assert list(tmp_path.iterdir()) == []


class TestGoo:
    @pytest.mark.parametrize(
        ("utterance", "what"), [(Utterance("\ufeffhi", "a"), "text"), (Utterance("hi", "\ufeffa"), "intent")]
    )
    def test_refuses_what_would_be_read_as_a_byte_order_mark(
        self, utterance: Utterance, what: str, tmp_path: Path
    ) -> None:
        with pytest.raises(DataError, match=rf"the first {what} '\\ufeff.* begins with U\+FEFF .*goo cannot carry"):
            write(tmp_path / "g", [utterance], "goo")
        assert list(tmp_path.iterdir()) == []
        wanted = [Utterance("fine", "a"), utterance]
        write(tmp_path / "g", wanted, "goo")
        assert [(u.text, u.intent) for u in read(tmp_path / "g")] == [(u.text, u.intent) for u in wanted]

    def test_blanks_mean_nothing(self, tmp_path: Path) -> None:
        path = goo(tmp_path / "g", "\ufefffly  to Rome \r\nhi\r\n", "O O B-c \r\nO\r\n", "fly\r\ngreet\r\n")
        first, second = read(path)
        assert (first.text, first.intent, first.spans[0].value) == ("fly to Rome", "fly", "Rome")
        assert first.where == f"{path}/seq.in:1"
        assert second.intent == "greet"

    def test_letters_of_chinese_data_are_joined_by_nothing(self, tmp_path: Path) -> None:
        path = goo(tmp_path / "g", "我 要 听 t f 的 歌 。\n听 a b\n", "O O O B-s I-s O O O\nO B-s I-s\n")
        first, second = read(path)
        assert (first.text, first.spans[0].value, first.intent) == ("我要听tf的歌。", "tf", None)
        assert (second.text, second.spans[0].start) == ("听ab", 1)

    def test_orphan_is_read_as_a_beginning(self, tmp_path: Path) -> None:
        [utterance], [problem] = problems(goo(tmp_path / "g", "to New York\n", "O I-c I-c\n"))
        assert [span.value for span in utterance.spans] == ["New York"]
        assert (problem.rule, problem.severity, problem.where) == ("orphan-i", "warning", f"{tmp_path}/g/seq.out:1")
        assert "I-c at word 2 continues nothing and is read as B-c" in problem.message

    @pytest.mark.parametrize(
        ("words", "tags", "label", "says"),
        [
            ("a b\n", "O\n", "x\n", "/seq.out:1: 1 tags for 2 words; expected one tag per word. Look for a doubled"),
            ("a\nb\n", "O\n", "x\n", ": seq.in has 2 lines, seq.out has 1 lines, label has 1 lines; expected as many"),
            ("\n", "\n", "x\n", "/seq.in:1: the line is blank; expected an utterance. Remove line 1"),
            ("a\n", "O\n", " \n", "/label:1: the intent is blank; expected a name"),
            ("a\n", "S-x\n", None, "/seq.out:1: tag 'S-x' is not a BIO tag; expected O, B-<slot> or I-<slot>"),
        ],
    )
    def test_error_names_the_line(self, words: str, tags: str, label: str | None, says: str, tmp_path: Path) -> None:
        path = goo(tmp_path / "g", words, tags, label)
        utterances, [problem] = problems(path)
        assert utterances == []
        assert str(problem).startswith(f"{path}{says}")

    def test_missing_part(self, tmp_path: Path) -> None:
        (tmp_path / "seq.in").write_text("a\n")
        with pytest.raises(DataError, match=r"seq\.out is missing; expected a folder with seq\.in, seq\.out and label"):
            read(tmp_path)

    @pytest.mark.parametrize(
        ("utterances", "says"),
        [
            ([Utterance("a  b")], "'a  b' is not its words joined by one space, which goo cannot carry"),
            ([Utterance("播放 歌")], "is not its words joined by nothing"),
            ([Utterance("to Rome.", None, (Span.of("to Rome.", "c", 3, 7),))], "the span 'Rome' (c) cuts a token"),
            ([Utterance("a b", tokens=((0, 3),))], "the token 'a b' holds white space"),
            ([Utterance("a", "x"), Utterance("b")], "'b' has no intent while others have one"),
            ([Utterance("")], "a text without words"),
            ([Utterance("a", " x")], "the intent ' x' is empty, holds a line break or has outer blanks"),
            ([Utterance("\ud800")], "holds the lone surrogate '\\ud800'"),
        ],
    )
    def test_refusal_leaves_nothing(self, utterances: list[Utterance], says: str, tmp_path: Path) -> None:
        with pytest.raises(DataError, match=re.escape(says)):
            write(tmp_path / "g", utterances)
        assert list(tmp_path.iterdir()) == []


class TestConll:
    def test_joined_without_a_text(self, tmp_path: Path) -> None:
        path = saved(
            tmp_path / "a.conll", "-DOCSTART- O\n\n# a note\nfly VB O\nRome NN B-c\n\n\n# O\n\n# intent = x\n我\tO\n"
        )
        first, second, third = read(path)
        assert (first.text, first.spans[0].value, first.where) == ("fly Rome", "Rome", f"{path}:4")
        assert second.text == "#"
        assert (third.text, third.intent) == ("我", "x")

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            ("fly\n", ":1: 'fly' has one column; expected a token and its tag"),
            ("# intent: x\n\n", ":1: the block has comments but no words"),
            ("# text = fly\nflee O\n", ":1: the token 'flee' is not found in 'fly' from character 0 on"),
            ("fly VB\n", ":1: tag 'VB' is not a BIO tag"),
            ("# intent: greet\nhi O\n# intent: bye\nbye O\n", ":3: # intent comes after the words of the block at "),
            ("hi O\n# id = 7\n", ":2: # id comes after the words of the block at "),
            ("# intent: a\n# intent: b\nhi O\n", ":2: # intent stands twice in one block; expected comments once"),
        ],
    )
    def test_error_names_the_line(self, content: str, says: str, tmp_path: Path) -> None:
        path = saved(tmp_path / "a.conll", content)
        with pytest.raises(DataError, match=re.escape(f"{path}{says}")):
            read(path)

    def test_refuses_tokens_that_could_not_be_found_again(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="skip text that reads like a token"):
            write(tmp_path / "a.conll", [Utterance("a a", tokens=((2, 3),))])
        with pytest.raises(DataError, match="holds a line break, which conll cannot carry"):
            write(tmp_path / "a.conll", [Utterance("a\nb")])
        with pytest.raises(DataError, match="reads like the start of a document, which conll cannot carry"):
            write(tmp_path / "a.conll", [Utterance("-DOCSTART- x", tokens=((0, 10), (11, 12)))])


class TestRasa:
    @pytest.mark.parametrize(
        ("section", "line", "says"),
        [
            (
                "- intent: a\n  examples: |\n    - x\n  examples: |\n    - y\n",
                6,
                "the key 'examples' stands here twice",
            ),
            ("- intent: a\n  intent: b\n  examples: |\n    - x\n", 4, "'intent' stands here twice, first at "),
            ("- intent: a\n  examples:\n  - text: x\n    text: y\n", 6, "the key 'text' stands here twice"),
        ],
    )
    def test_a_key_said_twice_is_an_error(self, section: str, line: int, says: str, tmp_path: Path) -> None:
        path = saved(tmp_path / "nlu.yml", f'version: "3.1"\nnlu:\n{section}- intent: c\n  examples: |\n    - fine\n')
        utterances, [problem] = problems(path)
        assert [utterance.text for utterance in utterances] == ["fine"]
        assert (problem.where, problem.severity) == (f"{path}:{line}", "error")
        assert says in str(problem)

    def parse(self, line: str) -> tuple[str, list[tuple[str, str, str | None]], list[Problem]]:
        found: list[Problem] = []
        text, spans = rasa_inline.parse(line, "nlu.yml:4", found.append)
        return text, [(span.slot, span.value, span.canonical) for span in spans], found

    @pytest.mark.parametrize(
        ("line", "text", "spans"),
        [
            ("to [Rome](city)", "to Rome", [("city", "Rome", None)]),
            ("[NYC](city:New York)", "NYC", [("city", "NYC", "New York")]),
            ('[a]{"entity": "c", "role": "r", "value": "}{"} b', "a b", [("c.r", "a", "}{")]),
            ('[a]{"entity": "c", "value": 2}', "a", [("c", "a", "2")]),
            (r"\[a](b) [c]", "[a](b) [c]", []),
            (r"[a\]b](c)", "a]b", [("c", "a]b", None)]),
            (r"C:\new \\", "C:\\new \\", []),
        ],
    )
    def test_inline(self, line: str, text: str, spans: list[object]) -> None:
        assert self.parse(line) == (text, spans, [])

    def test_group_is_a_warning(self) -> None:
        _, spans, [problem] = self.parse('[a]{"entity": "c", "group": "1"}')
        assert (spans, problem.severity) == ([("c", "a", None)], "warning")
        assert "'group'" in problem.message

    @pytest.mark.parametrize(
        ("line", "says"),
        [
            ("[a]{b}", "'{b}' behind a bracket is no"),
            ("[a](b c)", "no usable slot name"),
            ('[a]{"entity": "b", "entity": "c"}', 'the key "entity" stands twice in one object'),
        ],
    )
    def test_inline_error(self, line: str, says: str) -> None:
        with pytest.raises(DataError, match=re.escape(says)):
            self.parse(line)

    def test_synonyms_lookups_and_lines(self, tmp_path: Path) -> None:
        content = (
            "version: '3.1'\nnlu:\n- intent: faq/ask\n  examples: |\n    - in [nyc](city)\n\n    - hi\n"
            "- synonym: New York\n  examples: |\n    - NYC\n- lookup: city\n  examples: |\n    - Rome\n"
        )
        path = saved(tmp_path / "a.yml", content)
        [first, second], [problem] = problems(path)
        assert (first.intent, first.spans[0].canonical, first.where) == ("faq/ask", "New York", f"{path}:5")
        assert second.where == f"{path}:7"
        assert (problem.severity, problem.where) == ("info", f"{path}:11")

    def test_texts_of_synonyms_that_no_slot_needs_are_told(self, tmp_path: Path) -> None:
        content = (
            "nlu:\n- synonym: New York\n  examples: |\n    - NYC\n    - nyc\n    - big apple\n"
            "- intent: fly\n  examples: |\n    - to [Nyc](city) from [LA](city:Los Angeles)\n"
            "- synonym: Los Angeles\n  examples: |\n    - la\n"
            "- synonym: Louisiana\n  examples: |\n    - LA\n"
        )
        path = saved(tmp_path / "a.yml", content)
        _, found = problems(path)
        assert [
            (problem.rule, problem.severity, problem.where, problem.message)
            for problem in found
            if problem.rule != "synonym-conflict"
        ] == [
            (
                "unused-synonym",
                "info",
                f"{path}:{line}",
                f"no slot needs 1 of the {of} texts of the synonym {name!r}: {text!r}",
            )
            for line, of, name, text in ((2, 3, "New York", "big apple"), (13, 1, "Louisiana", "LA"))
        ]

    def test_of_two_synonyms_that_claim_a_text_the_later_counts_and_both_are_told(self, tmp_path: Path) -> None:
        path = saved(
            tmp_path / "a.yml",
            "nlu:\n- intent: buy\n  examples: |\n    - to [nyc](city)\n- synonym: New York\n  examples: |\n    - nyc\n"
            "    - NYC\n- synonym: Big Apple\n  examples: |\n    - NYC\n    - nyc\n",
        )
        [buy], found = problems(path)
        assert buy.spans[0].canonical == "Big Apple"
        [conflict] = [problem for problem in found if problem.rule == "synonym-conflict"]
        assert (conflict.severity, conflict.where) == ("warning", f"{path}:11")
        assert conflict.message == "'NYC' is claimed by the synonyms 'New York' and 'Big Apple'; the later one counts"

    def test_deep_nesting_is_an_error_of_the_file(self, tmp_path: Path) -> None:
        path = saved(tmp_path / "a.yml", "nlu:\n- intent: x\n  examples: " + "[" * 5000 + "]" * 5000)
        with pytest.raises(DataError, match=re.escape(f"{path}: is nested too deeply")):
            read(path)

    def test_what_is_written_has_no_unused_synonyms(self, tmp_path: Path) -> None:
        spans = (Span.of("NYC LA", "city", 0, 3, canonical="New York"), Span.of("NYC LA", "city", 4, 6))
        write(tmp_path / "a.yml", [Utterance("NYC LA", "fly", spans)])
        assert problems(tmp_path / "a.yml")[1] == []

    def test_keys_beside_an_example_and_a_section_are_told(self, tmp_path: Path) -> None:
        content = (
            "nlu:\n- intent: greet\n  metadata: 1\n  examples:\n  - text: hi\n    metadata: {a: 1}\n  - text: ho\n"
        )
        path = saved(tmp_path / "a.yml", content)
        utterances, found = problems(path)
        assert [utterance.text for utterance in utterances] == ["hi", "ho"]
        assert {problem.where for problem in found} == {f"{path}:3", f"{path}:6"}
        assert {(problem.rule, problem.message) for problem in found} == {
            ("other-key", "the key 'metadata' was skipped")
        }

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            ("nlu:\n- intent: a\n  examples: |\n    - ok\n    hi\n", ":5: the example 'hi' has no dash"),
            ("nlu:\n- intent: a\n", ":2: the intent 'a' has no examples"),
            ("nlu:\n- story: a\n", ":2: an item of nlu has the keys ['story']; expected one of intent"),
            ("nlu: {}\n", ":1: nlu is no list"),
            ("version: '3.1'\n", ":1: the key nlu is missing"),
            ("nlu: [\n", ":2: is not YAML"),
            (
                "nlu:\n- intent: a\n  examples: |\n    - ok\n    - [a]{b}\n",
                ":5: '{b}' behind a bracket is no annotation",
            ),
            ("nlu:\n\x00", ":2: the character"),
        ],
    )
    def test_error_names_the_line(self, content: str, says: str, tmp_path: Path) -> None:
        path = saved(tmp_path / "a.yml", content)
        with pytest.raises(DataError, match=re.escape(f"{path}{says}")):
            read(path)

    def test_written_for_people(self, tmp_path: Path) -> None:
        span = Span.of("to NYC [now]", "city.to", 3, 6, canonical="New York")
        write(tmp_path / "a.yml", [Utterance("to NYC [now]", "fly", (span,)), Utterance(r"[a](b)", "fly")])
        assert (tmp_path / "a.yml").read_text(encoding="utf-8") == (
            "version: '3.1'\nnlu:\n- intent: fly\n  examples: |\n"
            '    - to [NYC]{"entity": "city", "role": "to", "value": "New York"} [now]\n'
            "    - \\[a\\](b)\n"
            "- synonym: New York\n  examples: |\n    - NYC\n"
        )

    def test_outer_blanks_are_counted(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        write(tmp_path / "a.yml", [Utterance(" to Rome ", "fly", (Span.of(" to Rome ", "c", 4, 8),))])
        assert "1 outer blanks" in caplog.text
        [utterance] = read(tmp_path / "a.yml")
        assert (utterance.text, utterance.spans[0].start) == ("to Rome", 3)

    def test_refusals(self, tmp_path: Path) -> None:
        for utterance, says in (
            (Utterance("a"), "'a' has no intent"),
            (Utterance("a\nb", "x"), "holds a line break"),
            (Utterance(" ", "x"), "the blank text ' '"),
            (Utterance("a ", "x", (Span.of("a ", "c", 0, 2),)), "a slot of 'a ' holds outer blanks"),
        ):
            with pytest.raises(DataError, match=re.escape(says)):
                write(tmp_path / "a.yml", [utterance])
        assert list(tmp_path.iterdir()) == []

    def test_report_gets_every_problem_and_the_rest_is_read(self, tmp_path: Path) -> None:
        content = "nlu:\n- 3\n- story: a\n- intent: b\n  examples: |\n    - ok\n    no\n    - [a]{b}\n    - fine\n"
        utterances, found = problems(saved(tmp_path / "a.yml", content))
        assert [utterance.text for utterance in utterances] == ["ok", "fine"]
        assert [problem.where.rpartition(":")[2] for problem in found] == ["2", "3", "7", "8"]


class TestSnips:
    def test_a_key_said_twice_is_an_error(self, tmp_path: Path) -> None:
        path = saved(tmp_path / "a.json", '{"a": [\n{"data": [{"text": "x"}], "data": [{"text": "y"}]}]}')
        with pytest.raises(DataError, match=re.escape(f'{path}:2: the key "data" stands twice in one object')):
            read(path)

    def test_latin1_trims_and_lines(self, tmp_path: Path) -> None:
        path = tmp_path / "a.json"
        pieces = '{"text": "cafés in"}, {"text": " Rome ", "entity": "c"}, {"text": " ", "entity": "d"}'
        content = f'{{"Play": [\n{{"data": [{pieces}]}}]}}'
        path.write_bytes(content.encode("latin-1"))
        [utterance], found = problems(path)
        assert (utterance.text, utterance.spans[0].value, utterance.where) == ("cafés in Rome  ", "Rome", f"{path}:2")
        assert [problem.rule for problem in found] == ["not-utf-8", "outer-blanks", "blank-entity"]
        assert {problem.where for problem in found} == {f"{path}:2"}

    def test_folder_takes_the_files_that_fit(self, tmp_path: Path) -> None:
        for name in "ab":
            write(tmp_path / f"{name}.json", [Utterance(name, "x")], "snips")
        saved(tmp_path / "c.json", "[]")
        assert [utterance.text for utterance in read(tmp_path)] == ["a", "b"]

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            ('{"a": [\n{"data": 1}]}', ":2: the utterance has no list of pieces"),
            ('{"a": [\n{"data": [{"txt": "a"}]}]}', ':2: the piece {"txt": "a"} is wrong'),
            ('{"a": [\n]', ":2: found ''; expected '}'"),
            ('{"a": {}}', ":1: found '{}}'; expected '['"),
            ("{}\n{}", ":2: found '{}'; expected the end of the file"),
            ('{"a": [\n\n{oops}]}', ":3: found '{oops}]}'; expected a JSON value"),
        ],
    )
    def test_error_names_the_line(self, content: str, says: str, tmp_path: Path) -> None:
        path = saved(tmp_path / "a.json", content)
        with pytest.raises(DataError, match=re.escape(f"{path}{says}")):
            read(path, "snips")

    def test_refusals(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="'a' has no intent, which snips cannot carry"):
            write(tmp_path / "a.json", [Utterance("a")])
        with pytest.raises(DataError, match=re.escape("the span 'a ' (c) has outer blanks")):
            write(tmp_path / "a.json", [Utterance("a ", "x", (Span.of("a ", "c", 0, 2),))])


class TestCsv:
    def test_tabs_quotes_and_lines(self, tmp_path: Path) -> None:
        path = saved(tmp_path / "a.tsv", 'Intent\ttext\r\nx\t"a\nb"\r\n\r\n\tc\r\n')
        first, second = read(path)
        assert (first.text, first.intent, first.where) == ("a\nb", "x", f"{path}:2")
        assert (second.text, second.intent, second.where) == ("c", None, f"{path}:5")

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            ("a,b\n", ":1: the header ['a', 'b'] has no column text; expected text and"),
            ("text,slots\n", ":1: the header has the unknown column 'slots'"),
            ("text,text\n", ":1: the header names a column twice"),
            ("text,intent\nhi, you,greet\n", ":2: 3 fields for 2 columns; expected one field per column"),
            ('text\n"a"b\n', ":2: the row is broken"),
        ],
    )
    def test_error_names_the_line(self, content: str, says: str, tmp_path: Path) -> None:
        path = saved(tmp_path / "a.csv", content)
        with pytest.raises(DataError, match=re.escape(f"{path}{says}")):
            read(path)

    def test_utf16_is_named_as_such(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_bytes("text\nhi\n".encode("utf-16"))
        with pytest.raises(DataError, match=r"a\.csv:1: byte 0xff at position 0 of the line is not UTF-8.*-f utf-16"):
            read(tmp_path / "a.csv")

    def test_blanks_around_a_name_are_dropped_but_not_those_of_a_text(self, tmp_path: Path) -> None:
        rows = "text, intent, id\nbook a table, book, 7\n hi ,greet ,\nbye, , \n"
        found = read(saved(tmp_path / "a.csv", rows))
        assert [(each.text, each.intent, each.id) for each in found] == [
            ("book a table", "book", "7"),
            (" hi ", "greet", None),
            ("bye", None, None),
        ]

    @pytest.mark.parametrize("utterance", [Utterance("a", " x"), Utterance("a", "x", id="7 "), Utterance("a", id="")])
    def test_refuses_blanks_around_a_name(self, utterance: Utterance, tmp_path: Path) -> None:
        with pytest.raises(
            DataError, match=r"the (intent|id) '.*' is empty or has outer blanks, which csv cannot carry"
        ):
            write(tmp_path / "a.csv", [utterance])

    def test_refuses_slots(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="'a' has slots, which csv cannot carry"):
            write(tmp_path / "a.csv", [Utterance("a", "x", (Span.of("a", "c", 0, 1),))])
