"""The published numbers are the kept runs: RESULTS.md and the README's table are what the generator writes."""

from __future__ import annotations

import json
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def report(repository: Path) -> ModuleType:
    spec = spec_from_file_location("benchmark_report", repository / "benchmarks" / "report.py")
    assert spec is not None and spec.loader is not None
    sys.path.insert(0, str(repository / "benchmarks"))
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_results_page_is_current(report: ModuleType, repository: Path) -> None:
    page = (repository / "benchmarks" / "RESULTS.md").read_text(encoding="utf-8")
    assert page == report.results(), "run: python benchmarks/report.py"


def test_the_readme_shows_the_kept_runs(report: ModuleType, repository: Path) -> None:
    page = (repository / "README.md").read_text(encoding="utf-8")
    assert page == report.renewed("README.md", page), "run: python benchmarks/report.py"
    assert page.count("<!-- scores -->") == page.count("<!-- /scores -->") == 1


@pytest.mark.parametrize(
    ("page", "mark"),
    [("docs/export.md", "variants"), ("docs/pretraining.md", "stages"), ("docs/pretraining.md", "objectives")],
)
def test_a_page_shows_the_kept_runs(page: str, mark: str, report: ModuleType, repository: Path) -> None:
    text = (repository / page).read_text(encoding="utf-8")
    assert text == report.renewed(page, text), "run: python benchmarks/report.py"
    assert text.count(f"<!-- {mark} -->") == text.count(f"<!-- /{mark} -->") == 1


def test_the_last_stages_are_those_of_the_encoders_that_ship(repository: Path) -> None:
    stages = json.loads((repository / "benchmarks" / "results" / "encoder_stages.json").read_text(encoding="utf-8"))
    for name, rows in stages.items():
        folder = repository / "jointbert" / "encoders" / name
        for row, file in ((rows[0], "pretraining.json"), (rows[-1], "distillation.json")):
            shipped = json.loads((folder / file).read_text(encoding="utf-8"))
            assert {key: row[key] for key in shipped} == shipped, f"{name}: keep the record of its latest stage"


def test_a_typed_number_is_caught(report: ModuleType) -> None:
    text = "# x\n<!-- scores -->\n| ATIS | 99.9 |\n<!-- /scores -->\n"
    assert report.renewed("README.md", text) != text


def test_the_speed_of_pretraining_is_told_once_it_is_measured(report: ModuleType, tmp_path: Path) -> None:
    assert report.pretrain_speed(tmp_path) == "Not run."
    record = {"machine": {"hardware": "x"}, "threads": 2, "steps": 40, "format": "fp32", "batch": "16 x 128"}
    record |= {"pieces_per_second": 2500, "gflop_per_s": 80.5, "matrix_gflop_per_s": 161.0, "share": 0.5}
    (tmp_path / "pretrain_speed.json").write_text(json.dumps(record), encoding="utf-8")
    told = report.pretrain_speed(tmp_path)
    assert "2,500 pieces a second" in told and "50 % of the\n161 GFLOP/s" in told
