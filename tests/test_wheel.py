"""The wheel holds the library, the app and the demo corpora, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SOURCES = ("jointbert", "app", "datasets/demo-en", "datasets/demo-zh")
SPLITS = ("train.jsonl", "dev.jsonl", "test.jsonl")
APP_SUFFIXES = {".py", ".js", ".css", ".html", ".svg", ".toml"}


@pytest.fixture(scope="module")
def listing(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What a wheel holds that is built from a copy, so that no ``build/`` is left in the checkout or leaks from it."""
    copy, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        shutil.copytree(REPOSITORY / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, copy / name)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet"]
    command += ["--disable-pip-version-check", "--wheel-dir", str(target), str(copy)]
    built = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert built.returncode == 0, built.stderr
    (wheel,) = target.glob("jointbert-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def tracked(folder: str) -> set[str]:
    """The files of a folder of the checkout, as paths inside it."""
    root = REPOSITORY / folder
    files = (path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix() for path in files}


def test_every_file_of_the_library_is_there(listing: set[str]) -> None:
    wanted = {f"jointbert/{name}" for name in tracked("jointbert")}
    assert len(wanted) > 50
    assert wanted - listing == set()


def test_every_page_script_and_style_of_the_app_is_there(listing: set[str]) -> None:
    wanted = {f"jointbert_app/{name}" for name in tracked("app") if Path(name).suffix in APP_SUFFIXES}
    assert "jointbert_app/Home.py" in wanted
    assert wanted - listing == set()


def test_of_the_demo_corpora_only_splits_values_schemas_and_cards_are_there(listing: set[str]) -> None:
    for language in ("en", "zh"):
        package = f"jointbert_demo_{language}/"
        assert {name for name in listing if name.startswith(package)} == {
            package + name for name in (*SPLITS, "values.yaml", "schema.yaml", "README.md")
        }


def test_nothing_else_is_there(listing: set[str]) -> None:
    tops = {name.split("/")[0] for name in listing if ".dist-info/" not in name}
    assert tops == {"jointbert", "jointbert_app", "jointbert_demo_en", "jointbert_demo_zh"}
    assert not [name for name in listing if "test_" in name or name.endswith((".pyc", ".db"))]


def test_every_folder_of_modules_is_named() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    found = set()
    for package, folder in (("jointbert", "jointbert"), ("jointbert_app", "app")):
        parents = {Path(package, name).parent for name in tracked(folder) if name.endswith(".py")}
        found |= {parent.as_posix().replace("/", ".") for parent in parents}
    assert {name for name in settings["packages"] if not name.startswith("jointbert_demo")} == found


def test_datasets_stays_no_package() -> None:
    assert not (REPOSITORY / "datasets" / "__init__.py").exists()
