"""The codec: the only place where text meets tensors. Text → Encoded → Batch, and logits → Parse."""

from jointbert.codec.calibration import Calibration
from jointbert.codec.collate import Batch, collate
from jointbert.codec.decode import Decoder
from jointbert.codec.encode import Codec, Encoded, Notice

__all__ = ["Batch", "Calibration", "Codec", "Decoder", "Encoded", "Notice", "collate"]
