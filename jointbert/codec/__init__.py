"""The codec: the only place where text meets tensors. Text → Encoded → Batch, and logits → Parse."""

from jointbert.codec.calibration import Calibration
from jointbert.codec.collate import Batch, by_length, collate
from jointbert.codec.decode import Decoder
from jointbert.codec.encode import Codec, Notice
from jointbert.codec.texts import Encoded, TextCodec

__all__ = ["Batch", "Calibration", "Codec", "Decoder", "Encoded", "Notice", "TextCodec", "by_length", "collate"]
