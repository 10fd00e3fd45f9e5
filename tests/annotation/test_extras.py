"""Without SQLAlchemy, or without PostgreSQL's driver, a message says what to install."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from jointbert.annotation import Store
from jointbert.errors import MissingExtraError

WITHOUT = """
import sys

class Hidden:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.split(".")[0] == sys.argv[1]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hidden)
import jointbert
from jointbert import MissingExtraError
try:
    from jointbert.annotation import Store
except MissingExtraError as error:
    print(error)
"""


@pytest.mark.parametrize("library", ["sqlalchemy", "alembic"])
def test_without_its_library_the_store_says_what_to_install(library: str) -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT, library], capture_output=True, text=True, check=True)
    advice = "Install it with: pip install 'jointbert[app]'"
    assert done.stdout == f"the annotation store: the optional part 'app' is not installed. {advice}\n"


def test_without_its_driver_postgresql_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    hidden = {"psycopg"}
    monkeypatch.setattr("jointbert.annotation.engine.find_spec", lambda name: None if name in hidden else real(name))
    with pytest.raises(
        MissingExtraError, match=r"^postgresql://me:\*\*\*@host/db: .*pip install 'jointbert\[postgres\]'"
    ):
        Store.open("postgresql://me:secret@host/db")
