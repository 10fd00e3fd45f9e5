"""What a pretrained encoder's own two heads say of one input."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from jointbert.model.pretraining import FOLLOWS, PretrainingBert

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


@torch.inference_mode()
def guess(model: PretrainingBert, input_ids: Ints, token_type_ids: Ints, gaps: Ints) -> tuple[Floats, float]:
    """The probabilities of every piece at each gap, and that B follows A.

    Args:
        model: In eval mode.
        input_ids: (T,) pieces, special ones included.
        token_type_ids: (T,) 1 = segment B.
        gaps: (M,) places of the masked pieces.

    Returns:
        (M, V) probabilities, and one probability; the latter means nothing for a single segment.

    Source:
        Devlin et al. 2019, "BERT: Pre-training of Deep Bidirectional Transformers", arXiv:1810.04805, section 3.1.
    """
    ids, segments = (torch.from_numpy(array).unsqueeze(0) for array in (input_ids, token_type_ids))  # (1,T)
    states, pooled = model.bert(ids, token_type_ids=segments, return_dict=False)[:2]
    fills = model.cls.predictions(states[0, torch.from_numpy(gaps)]).float().softmax(-1)  # (M,V)
    verdict = model.cls.seq_relationship(pooled).float().softmax(-1)  # (1,2)
    return fills.numpy(), float(verdict[0, FOLLOWS])
