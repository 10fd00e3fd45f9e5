"""The classical baseline: TF-IDF and a linear SVM for the intent, a CRF over hand-made features for the slots.

It is what a team takes that wants no network: scikit-learn's ``LinearSVC`` on word 1- and 2-grams and character 2- to
5-grams, and CRFsuite (L-BFGS, c1 = c2 = 0.1, 100 iterations) on words, shapes, affixes and two neighbours either side.
Data that was tagged character by character (CAIS) has characters for words. Nothing is drawn by chance, so there is one
run, without a seed; dev is not looked at, for nothing is chosen.

    python benchmarks/accuracy.py --classical        (ATIS, SNIPS, CAIS, CLINC150; kept in benchmarks/results)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.svm import LinearSVC
from sklearn_crfsuite import CRF

from jointbert import Parse, Span, Utterance
from jointbert.tags import chunks

WORD, CHARACTER = re.compile(r"\S+"), re.compile(r"\S")
Features = dict[str, str | bool]


class Classical:
    """Trained on utterances, parses texts; its parses carry no confidences.

    Args:
        train: Labelled utterances whose slots lie on words between white space, or on characters; or which have none.
    """

    def __init__(self, train: Sequence[Utterance]) -> None:
        tokens = [token for item in train for token in item.tokens or ()]
        self.word = CHARACTER if tokens and all(end - start == 1 for start, end in tokens) else WORD
        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=self.pattern)
        characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
        self.intents: Any = make_pipeline(FeatureUnion([("words", words), ("characters", characters)]), LinearSVC())
        self.intents.fit([item.text for item in train], [item.intent for item in train])
        self.slots: Any = None
        if any(item.spans for item in train):
            self.slots = CRF(c1=0.1, c2=0.1, max_iterations=100, all_possible_transitions=True)
            self.slots.fit(
                [features(item.text, self.word) for item in train], [tags(item, self.word) for item in train]
            )

    @property
    def pattern(self) -> str:
        """What scikit-learn takes for a word: its own default, words of two letters or more, or a character."""
        return r"(?u)\b\w\w+\b" if self.word is WORD else r"(?u)\w"

    def parse(self, text: str) -> Parse:
        """One text."""
        return self.parse_many([text])[0]

    def parse_many(self, texts: Sequence[str]) -> list[Parse]:
        """Many texts."""
        intents = self.intents.predict(texts)
        rows = [features(text, self.word) for text in texts]
        found = [[] for _ in rows] if self.slots is None else self.slots.predict(rows)
        return [
            parse(text, str(intent), row, self.word) for text, intent, row in zip(texts, intents, found, strict=True)
        ]


def tags(utterance: Utterance, unit: re.Pattern[str] = WORD) -> list[str]:
    """The BIO tags of an utterance's words."""
    found = []
    for word in unit.finditer(utterance.text):
        span = next((each for each in utterance.spans if each.start <= word.start() < each.end), None)
        prefix = "B" if span is not None and span.start >= word.start() else "I"
        found.append("O" if span is None else f"{prefix}-{span.slot}")
    return found


def parse(text: str, intent: str, row: Sequence[str], unit: re.Pattern[str] = WORD) -> Parse:
    """Intent and tags as a parse."""
    words = list(unit.finditer(text))
    spans = [Span.of(text, slot, words[first].start(), words[last - 1].end()) for slot, first, last in chunks(row)]
    return Parse(text, intent, None, ((intent, 1.0),), tuple(spans))


def features(text: str, unit: re.Pattern[str] = WORD) -> list[Features]:
    """What the CRF sees of each word of a text."""
    words = unit.findall(text.lower())
    rows: list[Features] = []
    for place, word in enumerate(words):
        row: Features = {
            "word": word,
            "shape": re.sub(r"\d", "0", re.sub(r"[^\W\d_]", "a", word)),
            "digits": word.isdigit(),
            "first": place == 0,
            "last": place == len(words) - 1,
        }
        for length in (2, 3, 4):
            row[f"prefix{length}"], row[f"suffix{length}"] = word[:length], word[-length:]
        for step in (-2, -1, 1, 2):
            if 0 <= place + step < len(words):
                row[f"word{step:+d}"] = words[place + step]
        if place:
            row["pair-1"] = f"{words[place - 1]} {word}"
        if place + 1 < len(words):
            row["pair+1"] = f"{word} {words[place + 1]}"
        rows.append(row)
    return rows
