"""Texts as short vectors in which texts that are written alike lie close together. No model is needed for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.pipeline import FeatureUnion, make_pipeline, make_union
from sklearn.preprocessing import normalize

from jointbert.data.words import normalise

Vectors = NDArray[np.float32]

WIDTH = 64
FIT_ON = 8_000
"""How many texts, evenly spread, the projection is learned from."""

_BUCKETS = 2**15
_KINDS = (
    {"analyzer": "char_wb", "ngram_range": (2, 3)},
    {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"\w+"},
)


def text_vectors(texts: Sequence[str], width: int = WIDTH) -> Vectors:
    """Vectors of length 1 whose cosine says how alike two texts are.

    Character n-grams (2 and 3, inside words) and words (1 and 2) are hashed, weighted by TF-IDF, and projected by a
    truncated SVD. Letter case and the amount of white space do not count. The same texts give the same vectors.

    Args:
        texts: Any texts.
        width: At most so many dimensions.

    Returns:
        Float32, shape (len(texts), D) with D <= width; the row of a text that has no word and no letter is zero.

    Example:
        >>> a, b, c = text_vectors(["fly to Boston", "Fly  to boston", "play some jazz"])
        >>> bool(a @ b > 0.999), bool(a @ c < 0.5)
        (True, True)
    """
    plain = [normalise(text).encode("utf-8", "replace").decode() for text in texts]  # lone surrogates cannot be hashed
    features = _counter().fit_transform(plain) if plain else None  # (n, 2 * _BUCKETS), sparse
    if features is None or features.nnz == 0:
        return np.zeros((len(texts), 1), np.float32)
    sample = features[:: max(1, len(texts) // FIT_ON)]
    with np.errstate(invalid="ignore", divide="ignore"):  # texts all alike: the share of variance that we do not use
        projection = TruncatedSVD(min(width, sample.shape[0]), n_iter=3, random_state=0).fit(sample)
    vectors: Vectors = normalize(projection.transform(features).astype(np.float32))
    return vectors


def _counter() -> FeatureUnion:
    """What turns texts into TF-IDF weights of hashed n-grams, one block of _BUCKETS for each kind."""
    options = {"n_features": _BUCKETS, "norm": None, "alternate_sign": False, "lowercase": False, "dtype": np.float32}
    kinds = (HashingVectorizer(**kind, **options) for kind in _KINDS)
    return make_union(*(make_pipeline(kind, TfidfTransformer(sublinear_tf=True)) for kind in kinds))
