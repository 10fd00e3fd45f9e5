"""Imports point strictly down, peers do not meet, nothing goes in a circle, and foreign names stay in their one place.

The rules read source text only, so that a snippet can be judged like a file; the last tests show that each rule bites.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
RANKS = [
    {"errors", "visible"},
    {"utterance"},
    {"tags", "config"},
    {"labels"},
    {"data", "evaluation", "codec", "model"},
    {"checkpoint", "fitting"},
    {"pretraining", "training", "inference", "export", "annotation"},
    {"serve", "client", "report", "tuning"},
    {"cli"},
]
RANK = {name: rank for rank, names in enumerate(RANKS) for name in names}

ROOTS = {"transformers", "tokenizers", "jointbert"}
PUBLIC_MODULES = ("jointbert", "jointbert.annotation")
FORBIDDEN_STEMS = {"utils", "common", "helpers", "manager"}
MODEL_CLASS = re.compile(r"(Model|Config)$|^(?!DataCollator)\w+For[A-Z]\w+$|^Model(Mixin)?$")
BASES = {"PreTrainedModel", "PreTrainedConfig", "PretrainedConfig"}
MODEL_CLASS_HOMES = {
    "jointbert/model/encoder.py": None,  # None: every name is allowed here
    "jointbert/model/pretraining.py": None,
    "jointbert/model/distilling.py": None,
    "jointbert/model/joint.py": BASES,
    "jointbert/model/config.py": BASES,
}
TOKENIZER_HOME = "jointbert/codec/"
UNKNOWN_SHARE_HOME = "jointbert/data/check/unknown.py"  # opens a tokenizer.json to count what it does not know


class Import(NamedTuple):
    """One imported name: ``module`` as written, ``name`` None for a plain ``import module``."""

    line: int
    module: str
    name: str | None
    level: int = 0


def imports(tree: ast.AST) -> Iterator[Import]:
    """Every import of a file, wherever it stands; ``package.Name`` of an imported root counts as one too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (Import(node.lineno, alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (Import(node.lineno, node.module or "", alias.name, node.level) for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ROOTS:
            yield Import(node.lineno, node.value.id, node.attr)


def module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def target(item: Import, modules: frozenset[str]) -> str | None:
    """The module of this package that an import leads to, or None for a foreign one."""
    if item.module.split(".")[0] != "jointbert":
        return None
    deeper = f"{item.module}.{item.name}"
    return deeper if item.name and deeper in modules else item.module


def rank_violations(path: str, tree: ast.AST, modules: frozenset[str]) -> Iterator[str]:
    home = module_name(path).split(".")[1]
    if home not in RANK:
        yield f"{path}: {home!r} has no rank; give it one in RANKS"
        return
    for item in imports(tree):
        there = target(item, modules)
        if item.level:
            yield f"{path}:{item.line}: relative import"
        if there is None or there == "jointbert":
            if there and item.name != "__version__":
                yield f"{path}:{item.line}: takes {item.name} from the package's front; import it from where it lives"
            continue
        other = there.split(".")[1]
        if other != home and RANK.get(other, len(RANKS)) >= RANK[home]:
            yield f"{path}:{item.line}: {home} imports {there}, which is not below it"


def circle_violations(trees: Mapping[str, ast.AST], modules: frozenset[str]) -> Iterator[str]:
    graph = {}
    for path, tree in trees.items():
        name = module_name(path)
        graph[name] = {there for item in imports(tree) if (there := target(item, modules)) and there != name}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield "circle: " + " -> ".join(reversed(error.args[1]))


def foreign_violations(path: str, tree: ast.AST) -> Iterator[str]:
    """Hugging Face model classes outside their home, tokenizers outside the codec."""
    allowed = MODEL_CLASS_HOMES.get(path, set())
    for item in imports(tree):
        root, name = item.module.split(".")[0], item.name or ""
        if root == "transformers" and MODEL_CLASS.search(name) and allowed is not None and name not in allowed:
            yield f"{path}:{item.line}: names the model class {name}; only jointbert/model/ may"
        if path.startswith(TOKENIZER_HOME):
            continue
        if root == "tokenizers" and path != UNKNOWN_SHARE_HOME:
            yield f"{path}:{item.line}: imports tokenizers; only codec/ may"
        if root == "transformers" and "Tokenizer" in name:
            yield f"{path}:{item.line}: imports {name}; only codec/ may"


def public_names() -> dict[str, list[str]]:
    """The modules that face outwards, each with the names it offers."""
    return {name: import_module(name).__all__ for name in PUBLIC_MODULES}


def app_violations(path: str, tree: ast.AST) -> Iterator[str]:
    """What the app takes from jointbert that is not a public name; a plain ``import jointbert`` takes nothing yet."""
    public = public_names()
    for item in imports(tree):
        if item.module.split(".")[0] != "jointbert" or (item.module, item.name) == ("jointbert", None):
            continue
        if item.name not in public.get(item.module, ()):
            yield f"{path}:{item.line}: {item.module}.{item.name} is not a public name of jointbert"


def violations(files: Mapping[str, str]) -> list[str]:
    """Everything that is wrong with files, given as path -> source."""
    trees = {path: ast.parse(source, path) for path, source in files.items()}
    modules = frozenset(module_name(path) for path in trees)
    package = {path: tree for path, tree in trees.items() if path.startswith("jointbert/")}
    ranked = {path: tree for path, tree in package.items() if path != "jointbert/__init__.py"}
    found = [f"{path}: no file is called that" for path in trees if Path(path).stem in FORBIDDEN_STEMS]
    for path, tree in ranked.items():
        found += [*rank_violations(path, tree, modules), *foreign_violations(path, tree)]
    for path, tree in trees.items():
        if path.startswith("app/"):
            found += app_violations(path, tree)
    return found + list(circle_violations(ranked, modules))


def sources() -> dict[str, str]:
    paths = sorted(path for folder in ("jointbert", "app") for path in (REPOSITORY / folder).rglob("*.py"))
    return {path.relative_to(REPOSITORY).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def test_the_layers_hold() -> None:
    files = sources()
    assert len(files) > 10, "the walk found no package to judge"
    assert violations(files) == []


def test_every_ranked_name_is_one_noun_in_one_rank() -> None:
    assert sum(len(names) for names in RANKS) == len(RANK)


BAD = {
    "upward": ({"jointbert/tags.py": "import jointbert.data.split"}, "not below it"),
    "upward inside a function": ({"jointbert/tags.py": "def f():\n    from jointbert.cli import main"}, "not below it"),
    "upward in annotations only": (
        {"jointbert/labels.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import jointbert.serve"},
        "not below it",
    ),
    "peers": ({"jointbert/codec/encode.py": "from jointbert.model.joint import JointModel"}, "not below it"),
    "a package through its parent": ({"jointbert/tags.py": "from jointbert import data"}, "front"),
    "the front door": ({"jointbert/training/run.py": "from jointbert import Utterance"}, "front"),
    "no rank": ({"jointbert/stuff.py": ""}, "no rank"),
    "relative": ({"jointbert/data/split.py": "from . import registry"}, "relative"),
    "circle": (
        {
            "jointbert/data/a.py": "from jointbert.data import b",
            "jointbert/data/b.py": "def f():\n    from jointbert.data.a import x",
        },
        "circle: jointbert.data.",
    ),
    "model class": ({"jointbert/training/run.py": "from transformers import AutoModel"}, "model class AutoModel"),
    "model class by its root": (
        {"jointbert/model/heads.py": "import transformers\nx = transformers.BertForPreTraining"},
        "model class BertForPreTraining",
    ),
    "more than a base": ({"jointbert/model/joint.py": "from transformers import BertModel"}, "model class BertModel"),
    "model config": ({"jointbert/checkpoint/load.py": "from transformers import BertConfig"}, "model class BertConfig"),
    "tokenizers": ({"jointbert/data/split.py": "from tokenizers import Tokenizer"}, "imports tokenizers"),
    "tokenizer": ({"jointbert/inference/nlu.py": "from transformers import AutoTokenizer"}, "imports AutoTokenizer"),
    "app reaches inside": ({"app/Home.py": "from jointbert.data import read"}, "not a public name"),
    "app takes a private name": ({"app/Home.py": "import jointbert\njointbert._HOME"}, "not a public name"),
    "app reaches into annotation": (
        {"app/desk.py": "from jointbert.annotation.records import Answer"},
        "not a public name",
    ),
    "app takes what annotation does not offer": (
        {"app/desk.py": "from jointbert.annotation import _engine"},
        "not a public name",
    ),
    "app takes annotation as a module": ({"app/desk.py": "import jointbert.annotation"}, "not a public name"),
    "file name": ({"jointbert/data/utils.py": ""}, "no file is called that"),
}


@pytest.mark.parametrize(("files", "complaint"), BAD.values(), ids=BAD.keys())
def test_a_violation_is_caught(files: dict[str, str], complaint: str) -> None:
    assert [found for found in violations(files) if complaint in found]


GOOD = {
    "downward": {"jointbert/training/run.py": "from jointbert.checkpoint.save import save\nimport jointbert.codec"},
    "within a package": {"jointbert/data/a.py": "from jointbert.data import b", "jointbert/data/b.py": ""},
    "the version": {"jointbert/cli/main.py": "from jointbert import __version__"},
    "the lazy front": {"jointbert/__init__.py": "from jointbert.cli import main"},
    "the encoder": {"jointbert/model/encoder.py": "from transformers import AutoModel, BertForPreTraining"},
    "bases": {"jointbert/model/joint.py": "from transformers import PreTrainedModel"},
    "other names of transformers": {
        "jointbert/training/run.py": "from transformers import Trainer, DataCollatorForLanguageModeling"
    },
    "the codec": {"jointbert/codec/open.py": "from transformers import AutoTokenizer\nimport tokenizers"},
    "the linter": {"jointbert/data/check/unknown.py": "from tokenizers import Tokenizer"},
    "app": {"app/Home.py": "import jointbert\nfrom jointbert import Utterance\njointbert.Parse"},
    "app and the store": {"app/desk.py": "from jointbert.annotation import Project, Store"},
}


@pytest.mark.parametrize("files", GOOD.values(), ids=GOOD.keys())
def test_what_is_allowed_is_not_caught(files: dict[str, str]) -> None:
    assert violations(files) == []
