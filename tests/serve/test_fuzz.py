"""Whatever is sent, the server never fails: generated from its own OpenAPI document, and from no document at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from serving import Server, serving

PATIENCE = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much]


@pytest.fixture(scope="module")
def server(tiny_folder: Path) -> Iterator[Server]:
    with serving(tiny_folder, "--deadline-ms", "30000", "--max-characters", "300", "--max-texts", "20") as found:
        yield found
        assert "a request failed" not in found.log and "Traceback" not in found.log


@pytest.fixture(scope="module")
def document(server: Server) -> Any:
    return schemathesis.openapi.from_url(server.url + "/openapi.json")


OPERATIONS = [
    ("POST", "/parse"),
    ("POST", "/model/parse"),
    ("POST", "/reload"),
    ("GET", "/livez"),
    ("GET", "/readyz"),
    ("GET", "/info"),
    ("GET", "/metrics"),
]


def test_every_operation_of_the_document_is_tried(document: Any) -> None:
    found = [(found.ok().method.upper(), found.ok().path) for found in document.get_all_operations()]
    assert sorted(found) == sorted(OPERATIONS)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_the_server_keeps_to_its_document(document: Any, method: str, path: str) -> None:
    """Statuses, types and shapes are those of the document; what it allows is taken, nothing is a 500."""

    @settings(max_examples=40 if method == "POST" else 5, suppress_health_check=PATIENCE)
    @given(case=document[path][method].as_strategy())
    def keeps(case: Any) -> None:
        case.call_and_validate()

    keeps()


@pytest.fixture(scope="module")
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        yield client


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
TEXTS = st.text(st.characters(), max_size=40)  # lone surrogates too
NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "text": TEXTS | JSON,
        "texts": st.lists(TEXTS | JSON, max_size=4) | JSON,
        "model": st.sampled_from(["tiny", "TINY", ""]) | JSON,
        "ranking": st.integers(-1, 1001) | JSON,
        "token": JSON,
        "message_id": JSON,
    },
)
BODIES = st.binary(max_size=60) | JSON.map(json.dumps).map(str.encode) | NEARLY.map(json.dumps).map(str.encode)


@settings(max_examples=150, suppress_health_check=PATIENCE)
@given(path=st.sampled_from(["/parse", "/parse", "/model/parse", "/reload"]), body=BODIES)
def test_any_body_gets_an_answer_that_is_json(http: httpx.Client, path: str, body: bytes) -> None:
    answer = http.post(path, content=body)
    assert answer.status_code in {200, 403, 404, 422}, answer.text
    shape = json.loads(answer.content.decode("utf-8"), parse_constant=pytest.fail)
    assert answer.status_code == 200 or set(shape) == {"error"}


@settings(max_examples=100, suppress_health_check=PATIENCE)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_comes_back_as_it_was_with_slots_that_fit(http: httpx.Client, text: str) -> None:
    shape = http.post("/parse", json={"text": text}).json()
    assert shape["text"] == text
    assert all(text[slot["start"] : slot["end"]] == slot["value"] for slot in shape["slots"])
    rasa = http.post("/model/parse", json={"text": text}).json()
    assert all(text[it["start"] : it["end"]] == it["value"] for it in rasa["entities"])


@settings(max_examples=40, suppress_health_check=PATIENCE)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"]),
    path=st.sampled_from(["/parse", "/info", "/livez", "/metrics", "/openapi.json", "/model/parse", "/%00", "/..%2f"])
    | st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="?#%/\\"), max_size=9).map(
        "/{}".format
    ),
)
def test_any_route_and_method_gets_an_answer(http: httpx.Client, method: str, path: str) -> None:
    assert http.request(method, path).status_code in {200, 404, 405, 422}
