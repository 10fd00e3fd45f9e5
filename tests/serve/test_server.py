"""The real server, asked over HTTP: what it answers, and how it says no."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from serving import KEY, Server, serving

from jointbert.inference.nlu import NLU
from jointbert.utterance import Parse

LIMITS = {"max_texts": 40, "max_characters": 200, "max_body_bytes": 20_000}
AUTHORIZED = {"Authorization": f"Bearer {KEY}"}
SECRET = "my-account-number-is-4711"
"""What no log may show."""


@pytest.fixture(scope="module")
def server(tiny_folder: Path, other_folder: Path, key_file: Path) -> Iterator[Server]:
    """A server of two models with keys and narrow limits."""
    models = (f"one={tiny_folder}", f"two={other_folder}")
    limits = ("--max-texts", "40", "--max-characters", "200", "--max-body", "20000")
    with serving(*models, "--api-key-file", key_file, *limits) as found:
        yield found


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, headers=AUTHORIZED, timeout=30) as client:
        yield client


def alike(found: dict[str, Any], wanted: Parse, ranking: int = 5) -> bool:
    """Whether an answer is the offline parse; in another batch, sums may round differently."""
    parse, shape = Parse.from_dict(found), wanted.to_dict()
    spans = [(span.start, span.end, span.slot) for span in parse.spans]
    return (
        (parse.text, parse.intent) == (wanted.text, wanted.intent)
        and spans == [(span.start, span.end, span.slot) for span in wanted.spans]
        and [name for name, _ in parse.ranking] == [it["name"] for it in shape["intent_ranking"]][:ranking]
        and parse.intent_confidence == pytest.approx(wanted.intent_confidence, abs=1e-4)
    )


def error_of(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The error of an answer that has to be one, in the one shape there is."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json"), answer.text
    shape = answer.json()
    assert list(shape) == ["error"]
    error: dict[str, Any] = shape["error"]
    assert list(error)[:3] == ["code", "message", "where"] and set(error) <= {"code", "message", "where", "problems"}
    assert error["message"] and "Traceback" not in answer.text
    return error


# parses ---------------------------------------------------------------------------------------------------------------

TEXTS = ("book a flight from boston", "", "帮我订12月3号CA1234的票 🚄", "a\u0000b\u200b\r\n", "e\u0301" * 40, "x" * 200)


@pytest.mark.parametrize("text", TEXTS)
def test_one_text_gives_its_parse(client: httpx.Client, offline: NLU, text: str) -> None:
    answer = client.post("/parse", json={"text": text})
    assert answer.status_code == 200
    assert alike(answer.json(), offline.parse(text))
    assert (answer.headers["x-model"], answer.headers["x-model-version"]) == ("one", offline.version)


def test_many_texts_give_their_parses_in_their_order(client: httpx.Client, offline: NLU) -> None:
    texts = [f"play song {n} by miles" for n in range(40)]
    answer = client.post("/parse", json={"texts": texts, "ranking": 2})
    assert list(answer.json()) == ["parses"]
    pairs = zip(answer.json()["parses"], offline.parse_many(texts), strict=True)
    assert all(alike(found, wanted, 2) for found, wanted in pairs)


def test_a_model_is_asked_by_its_name(client: httpx.Client, other_folder: Path) -> None:
    answer = client.post("/parse", json={"text": "明天北京天气怎么样", "model": "two"})
    assert alike(answer.json(), NLU.load(other_folder).parse("明天北京天气怎么样"))
    assert answer.headers["x-model"] == "two"


def test_the_body_is_json_whatever_its_type_is_said_to_be(client: httpx.Client) -> None:
    answer = client.post("/parse", content=b'{"text": "hi"}', headers={"Content-Type": "text/plain"})
    assert answer.json()["text"] == "hi"


def test_rasa_gets_its_own_shape(client: httpx.Client, offline: NLU) -> None:
    text = "book a flight from boston"
    answer = client.post("/model/parse", json={"text": text, "token": None, "message_id": "user-7", "new": [1]})
    shape, wanted = answer.json(), offline.parse(text)
    assert list(shape) == ["text", "intent", "entities", "intent_ranking"]
    assert shape["intent"] == {"name": wanted.intent, "confidence": pytest.approx(wanted.intent_confidence, abs=1e-4)}
    assert len(shape["intent_ranking"]) == 3 and shape["intent_ranking"][0] == shape["intent"]
    assert wanted.spans, "the tiny model finds slots in this"
    assert [(it["entity"], it["start"], it["end"], it["value"]) for it in shape["entities"]] == [
        (span.slot, span.start, span.end, span.value) for span in wanted.spans
    ]
    assert {key for it in shape["entities"] for key in it} == {
        "entity",
        "start",
        "end",
        "value",
        "confidence_entity",
        "extractor",
    }


def test_a_button_of_rasa_is_no_text_for_the_model(client: httpx.Client) -> None:
    answer = client.post("/model/parse", json={"text": '/affirm{"city": "Rome \\ud800"}'})
    assert answer.status_code == 200 and answer.headers["x-model"] == "one"
    assert answer.json()["intent"] == {"name": "affirm", "confidence": 1.0}
    assert answer.json()["entities"][0]["value"] == "Rome \ud800"
    assert client.post("/parse", json={"text": "/affirm"}).json()["intent"]["name"] != "affirm"


# keys -----------------------------------------------------------------------------------------------------------------

GUARDED = [("POST", "/parse"), ("POST", "/model/parse"), ("POST", "/reload"), ("GET", "/info"), ("GET", "/metrics")]


@pytest.mark.parametrize(("method", "path"), [*GUARDED, ("GET", "/openapi.json"), ("GET", "/nothing")])
def test_without_a_key_or_with_a_wrong_one_nothing_is_told(server: Server, method: str, path: str) -> None:
    options: dict[str, Any] = {"json": {"text": "hi"}} if method == "POST" else {}
    missing = server.ask(method, path, **options)
    assert (error_of(missing, 401)["code"], missing.headers["www-authenticate"]) == ("missing_key", "Bearer")
    for headers in ({"Authorization": f"Bearer {KEY}x"}, {"X-API-Key": KEY[:-1]}, {"X-API-Key": "\xff"}):
        options["headers"] = {name: value.encode("latin-1") for name, value in headers.items()}
        assert error_of(server.ask(method, path, **options), 401)["code"] == "wrong_key"


@pytest.mark.parametrize(
    "headers",
    [{"authorization": f"bearer {KEY}"}, {"X-API-Key": KEY}, {"X-API-Key": "another-key-of-the-file"}],
)
def test_any_key_opens_in_either_header(server: Server, headers: dict[str, str]) -> None:
    assert server.ask("GET", "/info", headers=headers).status_code == 200


def test_rasa_may_send_its_token_in_the_query_or_in_the_body(server: Server) -> None:
    asked = {"text": "hi", "message_id": None}
    assert server.ask("POST", f"/model/parse?token={KEY}", json=asked).status_code == 200
    assert server.ask("POST", "/model/parse", json=asked | {"token": KEY}).status_code == 200
    error_of(server.ask("POST", f"/model/parse?token={KEY}x", json=asked | {"token": KEY}), 401)
    error_of(server.ask("POST", "/model/parse", json=asked | {"token": "wrong"}), 401)
    error_of(server.ask("POST", f"/parse?token={KEY}", json={"text": "hi"}), 401)


def test_health_needs_no_key(server: Server) -> None:
    assert server.ask("GET", "/livez").json() == {"status": "alive"}
    assert server.ask("GET", "/readyz").json() == {"status": "ready"}


# what is wrong with a request -----------------------------------------------------------------------------------------

WRONG: dict[str, tuple[bytes, str, str]] = {
    "nothing": (b"", "body", "is no valid JSON"),
    "no json": (b"text=hi", "body", "is no valid JSON"),
    "a list": (b"[]", "body", "is a list; expected an object"),
    "no text": (b"{}", "body", "has no text; expected either text or texts"),
    "both": (b'{"text": "a", "texts": ["b"]}', "body", "has both text and texts"),
    "a number": (b'{"text": 5}', "text", "is 5; expected a valid string"),
    "null": (b'{"text": null}', "text", "is null; expected a valid string"),
    "a number among texts": (b'{"texts": ["a", "b", "c", 4]}', "texts.3", "is 4; expected a valid string"),
    "no texts": (b'{"texts": []}', "texts", "is empty; expected at least one text"),
    "too many texts": (json.dumps({"texts": ["a"] * 41}).encode(), "texts", "expected at most"),
    "a long text": (
        json.dumps({"texts": ["a", "b" * 201]}).encode(),
        "texts.1",
        "has 201 characters; expected at most 200",
    ),
    "an unknown key": (
        b'{"text": "a", "txet": "b"}',
        "txet",
        "is no known key; expected one of text, texts, model, ranking",
    ),
    "a ranking in words": (b'{"text": "a", "ranking": "five"}', "ranking", "is a string; expected a valid integer"),
    "a negative ranking": (b'{"text": "a", "ranking": -1}', "ranking", "greater than or equal to 0"),
    "a huge number": (b'{"text": ' + b"9" * 400 + b"}", "text", "is a huge number; expected a valid string"),
    "a number without end": (b'{"text": ' + b"9" * 9000 + b"}", "body", "is no valid JSON"),
    "not a number": (b'{"text": NaN}', "text", "NaN"),
    "infinity": (b'{"ranking": Infinity, "text": "a"}', "ranking", "Infinity"),
    "a lone surrogate": (b'{"text": "\\ud800"}', "body", "half a character: cut texts between whole ones"),
    "no utf-8": (b'{"text": "\xff"}', "body", "is no valid JSON"),
    "utf-16": ('{"text": "a"}'.encode("utf-16"), "body", "is no valid JSON"),
    "a deep nest": (b'{"text": ' + b"[" * 9000 + b"]" * 9000 + b"}", "body", "is no valid JSON"),
    "many faults": (json.dumps({f"k{n}": n for n in range(900)}).encode(), "body", "has 9"),
}


@pytest.mark.parametrize(("body", "where", "why"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_request_is_told_which_field_and_why(client: httpx.Client, body: bytes, where: str, why: str) -> None:
    error = error_of(client.post("/parse", content=body), 422)
    assert (error["code"], error["where"]) == ("invalid", where)
    assert error["message"].startswith(f"{where}: ") and why in error["message"]


def test_every_fault_is_listed(client: httpx.Client) -> None:
    error = error_of(client.post("/parse", json={"text": 5, "ranking": "x", "odd": 1}), 422)
    assert [problem["where"] for problem in error["problems"]] == ["text", "ranking", "odd"]


def test_rasas_requests_are_checked_too(client: httpx.Client) -> None:
    assert error_of(client.post("/model/parse", json={"message_id": "a"}), 422)["message"] == "text: is missing."
    assert error_of(client.post("/model/parse", json={"text": "a" * 201}), 422)["where"] == "text"


def test_an_unknown_model_is_told_the_known_ones(client: httpx.Client) -> None:
    error = error_of(client.post("/parse", json={"text": "hi", "model": "../../etc"}), 404)
    assert (error["code"], error["where"]) == ("unknown_model", "model")
    assert "'../../etc' is not served here; expected one of one, two" in error["message"]
    error_of(client.post("/reload", json={"model": "three"}), 404)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/parse", 405), ("PUT", "/info", 405), ("GET", "/livez/", 404)],
)
def test_no_such_route_or_method(client: httpx.Client, method: str, path: str, status: int) -> None:
    error_of(client.request(method, path), status)


def test_a_body_that_is_said_to_be_too_long_is_refused_before_it_is_read(server: Server) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        head = f"POST /parse HTTP/1.1\r\nHost: h\r\nX-API-Key: {KEY}\r\nContent-Length: 20001\r\n\r\n"
        connection.sendall(head.encode())
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 413 ") and b"longer than 20000 bytes" in answer


def test_a_body_of_unknown_length_is_cut_at_the_limit(server: Server) -> None:
    sent = 0

    def parts() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(10_000):
            sent += 1
            yield b" " * 10_000

    answer = httpx.post(server.url + "/parse", content=parts(), headers=AUTHORIZED, timeout=30)
    assert error_of(answer, 413)["code"] == "too_large"
    assert sent < 5_000


# what is told about the server ----------------------------------------------------------------------------------------


def test_info_names_models_labels_engines_and_limits(client: httpx.Client, offline: NLU) -> None:
    info = client.get("/info").json()
    one, two = info["models"]
    assert (one["name"], one["version"], one["engine"]) == ("one", offline.version, "torch")
    assert (one["intents"], one["slots"]) == (["book", "play", "weather"], ["city", "date", "artist"])
    assert two["intents"] == ["order", "ask", "cancel", "bye"]
    assert {name: info["limits"][name] for name in LIMITS} == LIMITS
    assert "/" not in one["name"] and str(offline) not in json.dumps(info)


def test_metrics_count_requests_batches_intents_and_the_unsure(client: httpx.Client, offline: NLU) -> None:
    def numbers() -> dict[str, float]:
        page = client.get("/metrics")
        assert page.headers["content-type"].startswith("text/plain; version=")
        rows = [line.rsplit(" ", 1) for line in page.text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, value in rows}

    before = numbers()
    client.post("/parse", json={"texts": ["play jazz"] * 10})
    client.get(f"/{SECRET}")
    after = numbers()

    def more(name: str) -> float:
        return after[name] - before.get(name, 0)

    intent = offline.parse("play jazz").intent
    assert more('jointbert_requests_total{route="/parse",status="200"}') == 1
    assert more('jointbert_requests_total{route="(unknown)",status="404"}') == 1
    assert more('jointbert_batch_texts_sum{model="one"}') == 10
    assert more('jointbert_batch_texts_count{model="one"}') >= 1
    assert more('jointbert_request_seconds_count{route="/parse"}') == 1
    assert more(f'jointbert_intents_total{{intent="{intent}",model="one"}}') == 10
    assert after["jointbert_queue_texts"] == 0
    assert 0 <= after['jointbert_low_confidence_share{model="one"}'] <= 1
    assert after[f'jointbert_model_info{{engine="torch",model="one",version="{offline.version}"}}'] == 1


def test_the_document_shows_every_route_with_examples_limits_and_keys(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    assert set(document["paths"]) == {"/parse", "/model/parse", "/reload", "/livez", "/readyz", "/info", "/metrics"}
    parse = document["paths"]["/parse"]["post"]
    asked = parse["requestBody"]["content"]["application/json"]
    assert set(asked["examples"]) == {"one", "many"}
    assert asked["schema"]["properties"]["text"]["maxLength"] == 200
    assert asked["schema"]["properties"]["texts"]["maxItems"] == 40
    assert {"200", "401", "404", "413", "422", "429", "504"} <= set(parse["responses"])
    assert document["security"] and document["paths"]["/livez"]["get"]["security"] == []


def test_the_log_has_a_line_for_each_request_and_no_word_of_it(server: Server, client: httpx.Client) -> None:
    client.post("/parse", json={"text": SECRET})
    client.post(f"/parse?text={SECRET}", json={"text": 5, SECRET: SECRET})
    client.post("/parse", json={"text": "hi", "model": SECRET})
    client.get(f"/{SECRET}")
    client.post(f"/model/parse?token={KEY}", json={"text": SECRET})
    server.wait_for_log("GET (unknown) 404 ")
    server.wait_for_log("POST /model/parse 200 ")
    assert SECRET not in server.log and KEY not in server.log
    assert re.search(r"^\S+Z info POST /parse 200 \d+\.\d ms batch 1$", server.log, re.MULTILINE)


# a server in straits --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def narrow(tiny_folder: Path) -> Iterator[Server]:
    """A server without keys or batching whose queue and deadline are soon used up, and which logs what is asked."""
    arguments = ("--max-batch", "1", "--max-queue", "256", "--deadline-ms", "60", "--log-texts")
    with serving(tiny_folder, *arguments) as found:
        yield found


def test_past_the_queue_there_is_429_with_retry_after_and_past_the_deadline_504(narrow: Server) -> None:
    body = json.dumps({"texts": ["book a flight from boston to las vegas tomorrow " * 3] * 256})
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: narrow.ask("POST", "/parse", content=body), range(16)))
    by_status = {answer.status_code: answer for answer in answers}
    assert set(by_status) == {429, 504}
    assert error_of(by_status[504], 504)["message"].startswith("request: no answer within ")
    full = error_of(by_status[429], 429)
    assert full["code"] == "queue_full" and "expected" in full["message"]
    assert by_status[429].headers["retry-after"].isdecimal() and int(by_status[429].headers["retry-after"]) >= 1


def test_a_server_without_keys_does_not_reload(narrow: Server) -> None:
    error = error_of(narrow.ask("POST", "/reload"), 403)
    assert (error["code"], "--api-key-file" in error["message"]) == ("no_keys", True)


def test_texts_are_in_the_log_when_that_was_asked_for(narrow: Server) -> None:
    narrow.ask("POST", "/parse", json={"text": "文\x1b[2J"})
    narrow.wait_for_log(r'["\u6587\u001b[2J"]')
    assert "\x1b" not in narrow.log


def test_a_model_that_is_not_named_is_called_as_its_folder(narrow: Server) -> None:
    assert [model["name"] for model in narrow.ask("GET", "/info").json()["models"]] == ["tiny"]


def test_a_body_that_does_not_come_in_time_is_not_waited_for(narrow: Server) -> None:
    host, port = narrow.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(b"POST /parse HTTP/1.1\r\nHost: h\r\nContent-Length: 20\r\n\r\n{")
        status = connection.makefile("rb").readline()
    assert status == b"HTTP/1.1 408 Request Timeout\r\n"
