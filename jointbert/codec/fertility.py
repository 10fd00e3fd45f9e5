"""How a tokenizer takes texts apart: pieces per word and character, and what it does not know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tokenizers import Encoding, Tokenizer

from jointbert.codec.align import readable

_AT_ONCE = 256
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Fertility:
    """What was counted on texts, without special pieces.

    Args:
        texts: How many texts.
        characters: Their characters, white space aside.
        words: Their words, as the tokenizer's own pre-tokenizer cuts them.
        pieces: The pieces of those words; an unknown word is one.
        unknown: Pieces that are [UNK].
        unknown_characters: The characters (normalised) that most often made a word unknown, each with its count; at
            most ten. A word can also be unknown for its length.
    """

    texts: int
    characters: int
    words: int
    pieces: int
    unknown: int
    unknown_characters: tuple[tuple[str, int], ...]

    @property
    def per_word(self) -> float | None:
        """Pieces per word, 1.0 where every word is one piece; None without words."""
        return self.pieces / self.words if self.words else None

    @property
    def per_character(self) -> float | None:
        """Pieces per character that is no white space; None without any."""
        return self.pieces / self.characters if self.characters else None

    @property
    def unknown_share(self) -> float | None:
        """The share of pieces that are [UNK], 0 to 1; None without pieces."""
        return self.unknown / self.pieces if self.pieces else None


def measure(tokenizer: Tokenizer, texts: Sequence[str], unknown: str = "[UNK]") -> Fertility:
    """How the tokenizer takes these texts apart.

    Args:
        tokenizer: A WordPiece tokenizer that neither truncates nor pads.
        texts: Raw texts.
        unknown: Its piece for what it does not know.
    """
    unknown_id = tokenizer.token_to_id(unknown)
    words = pieces = lost = 0
    blamed: Counter[str] = Counter()
    for start in range(0, len(texts), _AT_ONCE):
        batch = [readable(text) for text in texts[start : start + _AT_ONCE]]
        for text, encoding in zip(batch, tokenizer.encode_batch(batch, add_special_tokens=False), strict=True):
            words += len(set(encoding.word_ids))
            pieces += len(encoding.ids)
            if unknown_id in encoding.ids:
                lost += encoding.ids.count(unknown_id)
                blamed.update(_blamed(tokenizer, text, encoding, unknown_id))
    characters = sum(len("".join(text.split())) for text in texts)
    commonest = sorted(blamed.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]
    return Fertility(len(texts), characters, words, pieces, lost, tuple(commonest))


def _blamed(tokenizer: Tokenizer, text: str, encoding: Encoding, unknown_id: int) -> Iterator[str]:
    """The characters of unknown words that have no piece where they stand."""
    for piece, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
        if piece == unknown_id:
            word = tokenizer.normalizer.normalize_str(text[start:end]).strip()
            for place, character in enumerate(word):
                if tokenizer.token_to_id(f"##{character}" if place else character) is None:
                    yield character
