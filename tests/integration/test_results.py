"""The published numbers are the kept runs: RESULTS.md and the README's table are what the generator writes."""

from __future__ import annotations

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
    assert page == report.readme(page), "run: python benchmarks/report.py"
    assert page.count("<!-- scores -->") == page.count("<!-- /scores -->") == 1


def test_a_typed_number_is_caught(report: ModuleType) -> None:
    text = "# x\n<!-- scores -->\n| ATIS | 99.9 |\n<!-- /scores -->\n"
    assert report.readme(text) != text
