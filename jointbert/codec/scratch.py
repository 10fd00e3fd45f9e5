"""A tokenizer learned from the training texts, for an encoder that starts from scratch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from jointbert.codec.align import readable

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def learn_tokenizer(texts: Sequence[str], language: Literal["en", "zh"], vocabulary: int) -> PreTrainedTokenizerFast:
    """A BERT tokenizer whose pieces come from the texts: the same texts give the same pieces.

    Args:
        texts: Raw texts.
        language: ``zh`` keeps every CJK character a piece of its own (it is a word of its own in both); Latin words and
            digits are WordPiece either way. Accents are stripped for ``en`` only.
        vocabulary: The most pieces, special ones included.

    Returns:
        An uncased fast tokenizer: ``[CLS] pieces [SEP]``. Full-width digits and letters are read as plain ones (NFKC);
        offsets stay those of the raw text.
    """
    texts = [readable(text) for text in texts]
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=100))
    lower = normalizers.BertNormalizer(strip_accents=language == "en", lowercase=True)
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), lower])
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    first = [*SPECIAL, *_continuations(tokenizer, texts)]
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary, special_tokens=first, min_frequency=1, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    pieces = tokenizer.get_vocab(with_added_tokens=False)
    tokenizer = _with_model(tokenizer, models.WordPiece(pieces, unk_token="[UNK]", max_input_chars_per_word=100))
    cls_id, sep_id = SPECIAL.index("[CLS]"), SPECIAL.index("[SEP]")  # special pieces take the first ids
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", sep_id), ("[CLS]", cls_id))
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )


def _continuations(tokenizer: Tokenizer, texts: Sequence[str]) -> list[str]:
    """The pieces of one character inside a word, sorted.

    Left to itself the library numbers them in the order of a randomly seeded hash table, and breaks ties between
    equally frequent pairs by number: every run would learn other pieces.
    """
    found: set[str] = set()
    for text in texts:
        for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(tokenizer.normalizer.normalize_str(text)):
            found.update(word[1:])
    return [f"##{character}" for character in sorted(found)]


def _with_model(trained: Tokenizer, model: models.Model) -> Tokenizer:
    """A tokenizer with the steps of a trained one, in which only the special pieces are special."""
    tokenizer = Tokenizer(model)
    tokenizer.normalizer, tokenizer.pre_tokenizer = trained.normalizer, trained.pre_tokenizer
    tokenizer.add_special_tokens(list(SPECIAL))
    return tokenizer
