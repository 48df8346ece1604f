"""The template keeps the contract of every connector: tried against a small web server of our own."""
# ruff: noqa: S101

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlparse

import pytest

from connectors.template import CONNECTOR
from connectors.try_out import try_out

RECORDS = [{"id": number, "name": f"record {number}", "amount": number / 4} for number in range(1, 8)]
PAGE = 3


class Api(BaseHTTPRequestHandler):
    """Answers `/records?since=ID` with the next page, anything else with 404."""

    def do_GET(self) -> None:
        address = urlparse(self.path)
        if address.path != "/records":
            self.send_error(404)
            return
        since = int(parse_qs(address.query)["since"][0])
        newer = [record for record in RECORDS if int(str(record["id"])) > since]
        body = json.dumps({"records": newer[:PAGE], "next": len(newer) > PAGE}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keeps the test's output clean."""


@pytest.fixture
def url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Api)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/records"
    server.shutdown()


def test_the_contract_of_every_connector_is_kept(url: str) -> None:
    findings = try_out(CONNECTOR, CONNECTOR.options(url=url), key=["id"])
    assert [finding for finding in findings if not finding.passed] == []
    assert findings[0].detail.startswith(f"records {len(RECORDS)}")
