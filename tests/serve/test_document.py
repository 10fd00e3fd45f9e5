"""docs/server.md tells of every route, key, status, metric and option there is, and of none that is not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer

from jointbert.cli.main import app as command_line
from jointbert.serve.app import build_app
from jointbert.serve.keys import Keys
from jointbert.serve.metrics import Metrics
from jointbert.serve.models import Models
from jointbert.serve.refusal import Problem, Refusal
from jointbert.serve.settings import Settings
from jointbert.serve.shapes import ParseRequest


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs" / "server.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The OpenAPI document of a server that was never started."""
    metrics = Metrics(0.5)
    models = Models({"m": Path("m")}, Settings(), metrics.count_batch)
    return build_app(models, Settings(), Keys(["a-key-of-mine"]), metrics).openapi()


def rows(page: str, heading: str) -> list[str]:
    """The first cells of the first table that begins so."""
    table = page[page.index(f"| {heading} |") :].split("\n\n")[0]
    return [re.sub(r"`", "", line.split("|")[1]).strip() for line in table.splitlines()[2:]]


def test_every_route_is_told(page: str, document: dict[str, Any]) -> None:
    told = {tuple(row.split()) for row in rows(page, "route")}
    assert told == {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}


def test_every_key_of_a_request_is_told(page: str) -> None:
    assert rows(page, "key") == list(ParseRequest.model_fields)


def test_every_status_is_told(page: str, document: dict[str, Any]) -> None:
    said = {status for methods in document["paths"].values() for it in methods.values() for status in it["responses"]}
    beyond = {"405", "500"}  # of no route in particular
    assert set(rows(page, "status")) == (said | beyond) - {"200"}


def test_every_metric_is_told(page: str) -> None:
    families = {family.name: family.type for family in Metrics(0.5).registry.collect()}
    assert set(rows(page, "name")) == {
        f"{name}_total" if kind == "counter" else name for name, kind in families.items()
    }


def test_every_option_that_is_told_exists(page: str) -> None:
    group: Any = typer.main.get_command(command_line)
    options = {
        flag for parameter in group.commands["serve"].params for flag in (*parameter.opts, *parameter.secondary_opts)
    }
    told = set(re.findall(r"`(--[a-z-]+)", page)) - {"--help"}
    assert len(told) > 8 and told <= options


def test_the_error_shown_is_a_real_one(page: str) -> None:
    shown = json.loads(re.findall(r"```json\n(.*?)```", page, re.DOTALL)[0])
    message = "texts.3: is 4; expected a valid string."
    made = Refusal(422, "invalid", message, "texts.3", [Problem("texts.3", message)]).response()
    assert json.loads(bytes(made.body)) == shown
