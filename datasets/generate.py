"""Write train.jsonl, dev.jsonl and values.yaml of a demo corpus from its grammar: the same bytes for the same seed.

    python datasets/generate.py datasets/demo-en --seed 13            write the files
    python datasets/generate.py datasets/demo-en --seed 13 --check    exit 1 when the files differ from that
    python datasets/generate.py datasets/demo-en --show 20            print 20 labelled utterances, write nothing

The template language stands in grammar.py, the noise in noise.py. ``grammar/settings.yaml`` may hold:

    spaces: keep | drop          drop: no spaces but between ASCII letters or digits, and ``\\ `` (Chinese)
    train: 2000, dev: 150        how many utterances are generated for each
    weights: {play_music: 1.3}   an intent's share relative to the others' (1 where not given)
    held_out_values: [city]      lists of which one value in ten appears in dev alone
    catalogue: [city]            slots whose lists go into values.yaml
    noise: {lower: 0.5, ...}     see noise.Noise

One template in eight is held out of train; dev is generated from those, with held-out values where a list has some,
followed by every line of dev_hand.jsonl. No text comes twice, and none of test.jsonl or dev_hand.jsonl is generated.
"""

from __future__ import annotations

import argparse
import random
import sys
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from grammar import Choice, Grammar, Maybe, Node, Reference, Sequence, Text, read_grammar, read_yaml
from noise import Noise, Piece, tidy, to_utterance
from value_lists import to_yaml, value_lists

from jointbert.data import read
from jointbert.data.formats import jsonl
from jointbert.errors import DataError, JointBertError
from jointbert.utterance import Utterance

TRIES = 200
"""How many draws one new utterance may take before its intent is called exhausted."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What grammar/settings.yaml says; see the top of this file."""

    spaces: str = "keep"
    train: int = 2000
    dev: int = 150
    weights: Mapping[str, float] = field(default_factory=dict)
    held_out_values: tuple[str, ...] = ()
    catalogue: tuple[str, ...] = ()
    noise: Noise = field(default_factory=Noise)

    @classmethod
    def read(cls, path: Path) -> Settings:
        """The settings in a file, or the defaults where there is none.

        Raises:
            DataError: A key is unknown, or ``spaces`` is neither keep nor drop.
        """
        if not path.exists():
            return cls()
        content = read_yaml(path, frozenset(entry.name for entry in fields(cls)))
        noise = dict(content.get("noise") or {})
        known = {entry.name for entry in fields(Noise)}
        if not noise.keys() <= known:
            unknown = sorted(noise.keys() - known)
            raise DataError(f"{path}: noise", f"unknown {unknown}", f"some of {sorted(known)}", "Correct the key.")
        if content.get("spaces", "keep") not in ("keep", "drop"):
            raise DataError(f"{path}: spaces", f"is {content['spaces']!r}", "keep or drop", "Choose one.")
        noise["fillers"] = tuple(noise.get("fillers", ()))
        for key in ("held_out_values", "catalogue"):
            content[key] = tuple(content.get(key, ()))
        return cls(**content | {"noise": Noise(**noise)})


def is_held_out(source: str, one_in: int) -> bool:
    """Whether a template or a value belongs to dev; decided by its text alone, so that additions move nothing.

    Example:
        >>> is_held_out("anything", 1)
        True
    """
    return zlib.crc32(source.encode()) % one_in == 0


def of_part(entries: tuple[Sequence, ...], part: str, one_in: int) -> tuple[Sequence, ...]:
    """The entries of train, or those of dev; where the split leaves one of them empty-handed, all."""
    chosen = tuple(entry for entry in entries if is_held_out(entry.source, one_in) == (part == "dev"))
    return chosen or entries


def values_of(name: str, grammar: Grammar, settings: Settings, part: str) -> tuple[Sequence, ...]:
    """The entries of a list that train, or dev, may use."""
    entries = grammar.values[name]
    return of_part(entries, part, 10) if name in settings.held_out_values else entries


@dataclass(slots=True)
class Deck:
    """Entries dealt in random order, each once before any comes again."""

    entries: tuple[Sequence, ...]
    rng: random.Random
    left: list[Sequence] = field(default_factory=list)

    def deal(self) -> Sequence:
        """The next entry."""
        if not self.left:
            self.left = list(self.entries)
            self.rng.shuffle(self.left)
        return self.left.pop()


class Sampler:
    """Draws labelled pieces for one intent from the templates and values of one part of the corpus."""

    def __init__(self, grammar: Grammar, settings: Settings, intent: str, part: str, seed: int) -> None:
        self.rng = random.Random(f"{seed} {part} {intent}")
        self.intent, self.settings = intent, settings
        templates = of_part(grammar.intents[intent], part, 8)
        self.templates = Deck(templates, self.rng)
        lists = {name: values_of(name, grammar, settings, part) for name in sorted(grammar.values)}
        self.values = {name: Deck(entries, self.rng) for name, entries in lists.items()}

    def draw(self) -> Utterance:
        """A new utterance with noise."""
        drop = self.settings.spaces == "drop"
        pieces = tidy(list(self._expand(self.templates.deal(), None)), drop_spaces=drop)
        if not pieces:
            return self.draw()
        noisy = self.settings.noise.apply(pieces, self.rng)
        return to_utterance(tidy(noisy, drop_spaces=drop), self.intent)

    def _expand(self, node: Node, slot: str | None) -> Iterator[Piece]:
        match node:
            case Text(text):
                yield text, slot
            case Sequence(parts):
                for part in parts:
                    yield from self._expand(part, slot)
            case Choice(options):
                yield from self._expand(self.rng.choice(options), slot)
            case Maybe(part, probability):
                if self.rng.random() < probability:
                    yield from self._expand(part, slot)
            case Reference(name, source):
                value = self.values[source].deal()
                if slot is None and name is not None:
                    yield "".join(text for text, _ in self._expand(value, name)), name
                else:
                    yield from self._expand(value, slot)


def bare(text: str) -> str:
    """What two texts share that differ in nothing but case, white space and punctuation.

    Example:
        >>> bare("Hi, there!") == bare("hi there")
        True
    """
    return "".join(character for character in text.casefold() if character.isalnum()) or text


def shares(total: int, intents: list[str], weights: Mapping[str, float]) -> dict[str, int]:
    """How many utterances each intent gets; they sum to ``total``.

    Example:
        >>> shares(10, ["a", "b"], {"a": 1.5})
        {'a': 6, 'b': 4}
    """
    whole = sum(weights.get(intent, 1.0) for intent in intents)
    given: dict[str, int] = {}
    before = 0.0
    for intent in intents:
        after = before + total * weights.get(intent, 1.0) / whole
        given[intent] = round(after) - round(before)
        before = after
    return given


@dataclass(slots=True)
class Corpus:
    """What a folder's grammar and a seed give; ``dropped`` counts draws that stand in a hand-written file."""

    folder: Path
    seed: int
    grammar: Grammar
    settings: Settings
    dropped: int = 0
    seen: set[str] = field(default_factory=set)

    def build(self) -> dict[str, list[Utterance]]:
        """The utterances of ``train`` and ``dev``."""
        hand = {name: self._hand(name) for name in ("test", "dev_hand")}
        forbidden = {bare(utterance.text) for utterances in hand.values() for utterance in utterances}
        train = self._generate("train", self.settings.train, forbidden)
        return {"train": train, "dev": self._generate("dev", self.settings.dev, forbidden) + hand["dev_hand"]}

    def files(self) -> dict[str, str]:
        """The files that are written, by name, and what is in them."""
        content = {
            f"{name}.jsonl": "".join(jsonl.dumps(u, jsonl.to_object(u)) + "\n" for u in utterances)
            for name, utterances in self.build().items()
        }
        lists = value_lists(
            self.grammar,
            self.settings.catalogue,
            lambda name: values_of(name, self.grammar, self.settings, "train"),
            drop_spaces=self.settings.spaces == "drop",
        )
        return content | {"values.yaml": to_yaml(lists, self.seed)}

    def _hand(self, name: str) -> list[Utterance]:
        path = self.folder / f"{name}.jsonl"
        if not path.exists():
            return []
        return read(path, "jsonl")

    def _generate(self, part: str, total: int, forbidden: set[str]) -> list[Utterance]:
        drawn: list[Utterance] = []
        for intent, count in shares(total, sorted(self.grammar.schema), self.settings.weights).items():
            sampler = Sampler(self.grammar, self.settings, intent, part, self.seed)
            drawn += [self._new(sampler, forbidden) for _ in range(count)]
        random.Random(f"{self.seed} {part}").shuffle(drawn)
        return [Utterance(u.text, u.intent, u.spans, f"{part}-g{n:04d}") for n, u in enumerate(drawn, 1)]

    def _new(self, sampler: Sampler, forbidden: set[str]) -> Utterance:
        for _ in range(TRIES):
            utterance = sampler.draw()
            key = bare(utterance.text)
            if key in forbidden:
                self.dropped += 1
            elif key not in self.seen:
                self.seen.add(key)
                return utterance
        what = f"{TRIES} draws gave no new utterance"
        raise DataError(f"intent {sampler.intent!r}", what, "more variety", "Add templates or values.")


def read_corpus(folder: Path, seed: int) -> Corpus:
    """The corpus under a folder, its grammar and its settings read and checked."""
    return Corpus(folder, seed, read_grammar(folder), Settings.read(folder / "grammar" / "settings.yaml"))


def marked(utterance: Utterance) -> str:
    """The text with its spans marked as ``[value](slot)``.

    Example:
        >>> marked(to_utterance([("to ", None), ("Rome", "city")], "book_hotel"))
        'to [Rome](city)'
    """
    shown, end = "", 0
    for span in utterance.spans:
        shown += f"{utterance.text[end : span.start]}[{span.value}]({span.slot})"
        end = span.end
    return shown + utterance.text[end:]


def run(folder: Path, seed: int, *, check: bool, show: int) -> int:
    """Do what the command line asks for; the exit code."""
    corpus = read_corpus(folder, seed)
    if show:
        for utterance in corpus.build()["train"][:show]:
            print(f"{utterance.intent}\t{marked(utterance)}")
        return 0
    stale = []
    files = corpus.files()
    for name, content in files.items():
        path = folder / name
        if not check:
            path.write_text(content, encoding="utf-8", newline="\n")
        elif not path.exists() or path.read_text(encoding="utf-8") != content:
            stale.append(str(path))
    for path_name in stale:
        print(f"{path_name}: differs from what seed {seed} gives; run this without --check.", file=sys.stderr)
    sizes = ", ".join(f"{name} {content.count(chr(10)):,} lines" for name, content in files.items())
    print(f"{folder}: {sizes}; {corpus.dropped} draws dropped that stand in a hand-written file")
    return 1 if stale else 0


def main(arguments: list[str] | None = None) -> int:
    """The exit code of the command line: 0, 1 where --check finds a difference, 2 for a mistake in the grammar."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a corpus: schema.yaml, grammar/")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the files differ")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N utterances of train, write nothing")
    given = parser.parse_args(arguments)
    try:
        return run(given.folder, given.seed, check=given.check, show=given.show)
    except JointBertError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
