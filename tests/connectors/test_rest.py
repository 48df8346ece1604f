"""The REST connector: pages followed, records as text, refusals in words."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlparse

import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from connectors.errors import UsageError
from connectors.rest import CONNECTOR
from connectors.rest.options import RestOptions
from connectors.source import readable_cause
from tests.connectors.extracting import Extracted, extract
from tests.connectors.suite import ConnectorContract


class Api(BaseHTTPRequestHandler):
    """`/orders` answers two records a page with a link to the next; `/private` wants a token."""

    records: ClassVar[list[Any]] = []
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        address = urlparse(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path not in {"/orders", "/private", "/text"}:
            return self.answer(404, b"{}")
        if address.path == "/private" and self.headers["Authorization"] != "Bearer open sesame":
            return self.answer(401, b"{}")
        if address.path == "/text":
            return self.answer(200, b"<html>")
        start = int(query.get("start", 0))
        wanted = [r for r in self.records if not isinstance(r, dict) or r["id"] > int(query.get("after", 0))]
        following = f"http://{self.headers['Host']}{address.path}?start={start + 2}"
        page = {
            "data": {"orders": wanted[start : start + 2]},
            "next": following if wanted[start + 2 :] else None,
        }
        return self.answer(200, json.dumps(page).encode())

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keeps the test's output clean."""


@pytest.fixture
def api() -> Iterator[str]:
    Api.records = [
        {"id": number, "item": {"sku": f"s{number}"}, "price": number / 4} for number in range(1, 6)
    ]
    Api.asked = []
    server = HTTPServer(("127.0.0.1", 0), Api)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def load(tmp_path: Path, state: dict[str, Any] | None = None, **options: Any) -> Extracted:
    folder = tmp_path / f"run{len(list(tmp_path.glob('run*')))}"
    return extract(CONNECTOR.source(RestOptions.model_validate(options)), folder, state)


class TestContract(ConnectorContract):
    connector = CONNECTOR
    key = ("id",)
    expected: ClassVar = {"orders": 5}

    @pytest.fixture
    def options(self, api: str) -> RestOptions:
        return RestOptions(url=f"{api}/orders", table="orders", records="data.orders", incremental="id")


def test_every_page_is_read_and_values_are_text(api: str, tmp_path: Path) -> None:
    found = load(tmp_path, url=f"{api}/orders", records="data.orders")
    assert [row["id"] for row in found.rows("records")] == ["1", "2", "3", "4", "5"]
    assert found.rows("records")[1] == {"id": "2", "item": '{"sku":"s2"}', "price": "0.5"}


def test_the_service_is_asked_only_for_what_is_new(api: str, tmp_path: Path) -> None:
    options = {"url": f"{api}/orders", "records": "data.orders", "incremental": "id", "since": "after"}
    first = load(tmp_path, **options)
    Api.records.append({"id": 9, "price": None})
    Api.asked.clear()
    second = load(tmp_path, first.state, **options)
    assert second.rows("records") == [{"id": "9", "price": None}]
    assert Api.asked == ["/orders?after=5"]


def test_what_is_no_record_is_rejected(api: str, tmp_path: Path) -> None:
    Api.records.insert(1, "not a record")
    found = load(tmp_path, url=f"{api}/orders", records="data.orders")
    assert [one["record"] for one in found.rejected["records"]] == ["not a record"]
    assert len(found.rows("records")) == 5


def test_a_token_comes_from_the_environment(
    api: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="SHOP_TOKEN is not set"):
        load(tmp_path, url=f"{api}/private", token_env="SHOP_TOKEN")
    monkeypatch.setenv("SHOP_TOKEN", "open sesame")
    found = load(tmp_path, url=f"{api}/private", records="data.orders", token_env="SHOP_TOKEN")
    assert len(found.rows("records")) == 5


@pytest.mark.parametrize(
    ("path", "words"),
    [("/none", "answers with 404"), ("/private", "answers with 401"), ("/text", "did not answer with JSON")],
)
def test_refusals_come_in_words(path: str, words: str, api: str, tmp_path: Path) -> None:
    with pytest.raises(PipelineStepFailed) as caught:
        load(tmp_path, url=api + path)
    assert words in str(readable_cause(caught.value))
