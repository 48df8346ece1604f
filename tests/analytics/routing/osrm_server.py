"""A routing server as OSRM's table service speaks, on 127.0.0.1, over a plane where north is uphill."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass
class Server:
    """What it was asked, and what it does instead of answering."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    fault: str = ""  # too big, no json, redirect, silent, drips, short, no way
    give_up: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def way(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    """Metres and seconds from one (longitude, latitude) to another: to the north it goes uphill."""
    east, north = 65_000 * abs(end[0] - start[0]), 111_000 * (end[1] - start[1])
    return east + abs(north), (east + abs(north)) / 10 + max(north, 0) / 10


class _Handler(BaseHTTPRequestHandler):
    state: Server

    def do_GET(self) -> None:
        self.state.asked.append(self.path)
        if self.state.fault in ("silent", "drips"):
            self._stall()
            return
        answers: dict[str, tuple[int, bytes]] = {
            "redirect": (302, b""),
            "no json": (502, b"<html>Bad gateway</html>"),
            "too big": (400, b'{"code":"TooBig","message":"Too many table coordinates"}'),
        }
        fault = self.state.fault
        self._answer(*answers.get(fault) or (200, json.dumps(table(self.path, fault)).encode()))

    def _stall(self) -> None:
        drips = self.state.fault == "drips"
        if drips:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
        while not self.state.give_up.wait(0.05):
            if drips:
                self.wfile.write(b" ")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that gave up is none of its errors."""


@contextmanager
def osrm_server(fault: str = "") -> Iterator[Server]:
    """The server while it runs."""
    state = Server(fault=fault)
    server = _Quiet(("127.0.0.1", 0), type("Handler", (_Handler,), {"state": state}))
    state.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        state.give_up.set()
        server.shutdown()
        server.server_close()
        thread.join()


def table(path: str, fault: str) -> dict[str, object]:
    """The answer of the table service to a request."""
    parts = urlsplit(path)
    _, service, version, _, listed = parts.path.split("/")
    assert (service, version) == ("table", "v1")
    options = {name: value[0] for name, value in parse_qs(parts.query).items()}
    assert options["annotations"] == "duration,distance"
    points = [tuple(map(float, pair.split(","))) for pair in unquote(listed).split(";")]
    every = ";".join(map(str, range(len(points))))
    sources = [points[int(n)] for n in options.get("sources", every).split(";")]
    destinations = [points[int(n)] for n in options.get("destinations", every).split(";")]
    assert len(sources) * len(destinations) <= 100 * 100, "a server would say TooBig"
    ways = [[way((a[0], a[1]), (b[0], b[1])) for b in destinations] for a in sources]
    metres: list[list[float | None]] = [[leg[0] for leg in row] for row in ways]
    seconds: list[list[float | None]] = [[leg[1] for leg in row] for row in ways]
    if fault == "no way":
        metres[0][1] = seconds[0][1] = None
    if fault == "short":
        seconds.pop()
    return {"code": "Ok", "distances": metres, "durations": seconds}
