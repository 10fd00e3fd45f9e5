"""Data: formats read into Utterances and written from them, and what is wrong with them reported."""

from jointbert.data.formats.format import Format
from jointbert.data.problem import Problem, Report
from jointbert.data.registry import FORMATS, detect, read, write

__all__ = ["FORMATS", "Format", "Problem", "Report", "detect", "read", "write"]
