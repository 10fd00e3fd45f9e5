"""Annotation: projects of utterances, labels and answers in SQLite or PostgreSQL. It knows nothing of any screen."""

from jointbert.errors import MissingExtraError

try:
    from jointbert.annotation.demo import demo_corpus
    from jointbert.annotation.effects import undoable, usage
    from jointbert.annotation.intake import FileFormat, Finding, Preview, file_formats, preview_lines, preview_upload
    from jointbert.annotation.label import PALETTE, Kind, Label, Schema, colour_of
    from jointbert.annotation.mistakes import MISTAKES, Mistake, mistakes
    from jointbert.annotation.out_of_fold import TakenIn
    from jointbert.annotation.project import Project
    from jointbert.annotation.queue import ORDERS
    from jointbert.annotation.recipes import RECIPES, Recipe
    from jointbert.annotation.review import merge
    from jointbert.annotation.run import Run
    from jointbert.annotation.runs import Runs
    from jointbert.annotation.store import Store
    from jointbert.annotation.views import (
        Added,
        Agreement,
        Answer,
        Conflict,
        Event,
        Exported,
        Item,
        LabelError,
        Progress,
        ProjectInfo,
        Status,
        Suggestion,
        SuggestionKind,
    )
    from jointbert.data.problem import Problem
except ModuleNotFoundError as error:
    if (error.name or "").split(".")[0] not in ("sqlalchemy", "alembic"):
        raise
    raise MissingExtraError("app", "the annotation store") from None

__all__ = [
    "MISTAKES",
    "ORDERS",
    "PALETTE",
    "RECIPES",
    "Added",
    "Agreement",
    "Answer",
    "Conflict",
    "Event",
    "Exported",
    "FileFormat",
    "Finding",
    "Item",
    "Kind",
    "Label",
    "LabelError",
    "Mistake",
    "Preview",
    "Problem",
    "Progress",
    "Project",
    "ProjectInfo",
    "Recipe",
    "Run",
    "Runs",
    "Schema",
    "Status",
    "Store",
    "Suggestion",
    "SuggestionKind",
    "TakenIn",
    "colour_of",
    "demo_corpus",
    "file_formats",
    "merge",
    "mistakes",
    "preview_lines",
    "preview_upload",
    "undoable",
    "usage",
]
