"""The YAML config: everything is checked before anything heavy starts, and every problem is reported at once."""

from jointbert.config.reading import load_config
from jointbert.config.shape import Config, DataConfig, EncoderConfig, ModelConfig, Section, TrainingConfig

__all__ = ["Config", "DataConfig", "EncoderConfig", "ModelConfig", "Section", "TrainingConfig", "load_config"]
