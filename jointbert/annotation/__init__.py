"""Annotation: projects of utterances, labels and answers in SQLite or PostgreSQL. It knows nothing of any screen."""

from importlib.util import find_spec

from jointbert.errors import MissingExtraError

if any(find_spec(name) is None for name in ("sqlalchemy", "alembic")):
    raise MissingExtraError("app", "the annotation store")
