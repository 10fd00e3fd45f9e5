"""A tokenizer learned from texts: from the training texts for an encoder from scratch, or from a large corpus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from jointbert.codec.alphabet import WITHIN_WORDS, choose_alphabet
from jointbert.codec.word_counts import count_words

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
LONGEST_WORD = 100
"""The most characters of a word that has pieces; a longer one is [UNK], as in BERT."""
_ENCODER: dict[str, Any] = {
    "model_max_length": 512,
    "model_input_names": ["input_ids", "token_type_ids", "attention_mask"],
}
"""What a tokenizer says of the encoder that is to be pretrained on it: BERT's length, and pairs in two segments."""
_AT_ONCE = 1000


def learn_tokenizer(
    texts: Iterable[str], language: Literal["en", "zh"], vocabulary: int, *, corpus: bool = False
) -> PreTrainedTokenizerFast:
    """A BERT tokenizer whose pieces come from the texts: the same texts give the same pieces.

    The texts are read once, one at a time; memory holds the counts of their words.

    Args:
        texts: Raw texts; any iterable.
        language: ``zh`` keeps every CJK character a piece of its own (it is a word of its own in both); Latin words and
            digits are WordPiece either way. Accents are stripped for ``en`` only.
        vocabulary: The most pieces, special ones included.
        corpus: False for a few thousand texts: each of their characters is a piece, even beyond ``vocabulary``, and a
            pair seen once may become one. True for a large corpus: rare characters become [UNK]
            (:func:`~jointbert.codec.alphabet.choose_alphabet`), pieces are made of pairs seen at least twice, and words
            that the tokenizer could not read are not learned from. The tokenizer is one for a whole encoder: at most
            512 pieces, a pair as ``[CLS] A [SEP] B [SEP]`` in segments 0 and 1.

    Returns:
        An uncased fast tokenizer: ``[CLS] pieces [SEP]``. Full-width digits and letters are read as plain ones (NFKC);
        offsets stay those of the raw text.
    """
    tokenizer = _untrained(language)
    words: Mapping[str, int] = count_words(texts, tokenizer)
    alphabet: frozenset[str] = frozenset()
    if corpus:
        alphabet = choose_alphabet(words, language, vocabulary - len(SPECIAL))
        words = {word: n for word, n in words.items() if len(word) <= LONGEST_WORD and alphabet.issuperset(word)}
    tokenizer.model = models.WordPiece(
        _learn_pieces(words, alphabet, vocabulary, 2 if corpus else 1),
        unk_token="[UNK]",
        max_input_chars_per_word=LONGEST_WORD,
    )
    tokenizer.add_special_tokens(list(SPECIAL))
    cls_id, sep_id = SPECIAL.index("[CLS]"), SPECIAL.index("[SEP]")  # special pieces take the first ids
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", sep_id), ("[CLS]", cls_id))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        **(_ENCODER if corpus else {}),
    )


def _untrained(language: Literal["en", "zh"]) -> Tokenizer:
    """A tokenizer that knows what a word is, and no pieces yet."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=LONGEST_WORD))
    lower = normalizers.BertNormalizer(strip_accents=language == "en", lowercase=True)
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), lower])
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def _learn_pieces(
    words: Mapping[str, int], alphabet: frozenset[str], vocabulary: int, min_frequency: int
) -> dict[str, int]:
    """The pieces of words, with their ids; the words' characters and those of the alphabet are always among them."""
    learner = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    learner.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary,
        special_tokens=[*SPECIAL, *_continuations(words, alphabet)],
        initial_alphabet=sorted(alphabet),
        min_frequency=min_frequency,
        show_progress=False,
    )
    learner.train_from_iterator(_as_often(words), trainer)
    return learner.get_vocab(with_added_tokens=False)


def _continuations(words: Iterable[str], alphabet: frozenset[str]) -> list[str]:
    """The pieces of one character inside a word, sorted.

    Left to itself the library numbers them in the order of a randomly seeded hash table, and breaks ties between
    equally frequent pairs by number: every run would learn other pieces.
    """
    found = set(alphabet & WITHIN_WORDS)
    for word in words:
        found.update(word[1:])
    return [f"##{character}" for character in sorted(found)]


def _as_often(words: Mapping[str, int]) -> Iterator[str]:
    """Texts that hold each word as often as it was counted, for the library takes no counts.

    A word of one character has no pair in it: once is enough.
    """
    for word, count in words.items():
        left = count if len(word) > 1 else 1
        while left > 0:
            yield " ".join([word] * min(left, _AT_ONCE))
            left -= _AT_ONCE
