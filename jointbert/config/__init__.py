"""The YAML configs: everything is checked before anything heavy starts, and every problem is reported at once."""

from jointbert.config.distilling import DistillConfig, DistillObjectiveConfig, StudentConfig, TeacherConfig
from jointbert.config.pretraining import (
    CorpusConfig,
    ObjectiveConfig,
    PretrainConfig,
    PretrainModelConfig,
    PretrainTrainingConfig,
    TextSource,
)
from jointbert.config.reading import load_config, load_distill_config, load_pretrain_config
from jointbert.config.shape import Config, DataConfig, EncoderConfig, ModelConfig, ScopeConfig, Section, TrainingConfig

__all__ = [
    "Config",
    "CorpusConfig",
    "DataConfig",
    "DistillConfig",
    "DistillObjectiveConfig",
    "EncoderConfig",
    "ModelConfig",
    "ObjectiveConfig",
    "PretrainConfig",
    "PretrainModelConfig",
    "PretrainTrainingConfig",
    "ScopeConfig",
    "Section",
    "StudentConfig",
    "TeacherConfig",
    "TextSource",
    "TrainingConfig",
    "load_config",
    "load_distill_config",
    "load_pretrain_config",
]
