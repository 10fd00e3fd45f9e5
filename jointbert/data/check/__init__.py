"""The linter: what is wrong with data before a model learns it. One family of rules a file."""

from jointbert.data.check.options import Options
from jointbert.data.check.places import find_splits
from jointbert.data.check.run import check, check_utterances

__all__ = ["Options", "check", "check_utterances", "find_splits"]
