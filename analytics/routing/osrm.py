"""Travel matrices from an OSRM-compatible server (Open Source Routing Machine), by its table service.

What leaves the house: the coordinates of every place asked for, that is of the depot and of customers, in the
address of each request; no name, no time, nothing else. They go to the configured server alone (through the
proxy of the environment, where one is set): redirects are not followed. A server inside the own network keeps
them there.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from analytics.routing.problem import Place
from connectors.errors import AssistantError, UsageError

Array = NDArray[np.float64]

SIDE = 100  # osrm-routed answers at most 100 x 100 pairs at once unless told otherwise (--max-table-size)
_AT_ONCE = 4  # requests
_CONNECT_SECONDS, _SILENT_SECONDS = 3.0, 10.0
MOST_SECONDS = 30.0  # for the whole matrix
_MOST_BYTES = 20_000_000  # of one answer; 100 x 100 pairs are 0.2 MB


class ServerError(AssistantError):
    """The server gave no matrix; `problem` says why in words."""


def osrm_matrix(
    address: str, places: Sequence[Place], *, most_seconds: float = MOST_SECONDS
) -> tuple[Array, Array]:
    """Metres and seconds between the places, (n, n) each, NaN where the server knows no way.

    `address` is the server (`http://127.0.0.1:5000`), or its table service with a profile
    (`http://host/table/v1/van`). Asks in blocks of `SIDE` x `SIDE` pairs. Raises ServerError where the
    server is away, slow or answers anything else, UsageError where the address is none.
    """
    import requests

    base, ends = _table_address(address), time.monotonic() + most_seconds
    size = len(places)
    metres, seconds = np.full((size, size), np.nan), np.full((size, size), np.nan)
    blocks = [range(first, min(first + SIDE, size)) for first in range(0, size, SIDE)]
    pairs = [(rows, columns) for rows in blocks for columns in blocks]
    with requests.Session() as session, ThreadPoolExecutor(_AT_ONCE) as threads:
        try:
            answers = threads.map(partial(_block, session, base, places, ends), pairs)
            for (rows, columns), (block_metres, block_seconds) in zip(pairs, answers, strict=True):
                metres[rows.start : rows.stop, columns.start : columns.stop] = block_metres
                seconds[rows.start : rows.stop, columns.start : columns.stop] = block_seconds
        finally:
            threads.shutdown(cancel_futures=True)
    return metres, seconds


def _table_address(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            f"[routing] osrm: «{address}» is not the address of a server.",
            "Write it like http://127.0.0.1:5000.",
        )
    base = address.rstrip("/")
    return base if "/table/" in parts.path else f"{base}/table/v1/driving"


def _block(
    session: Any, base: str, places: Sequence[Place], ends: float, pair: tuple[range, range]
) -> tuple[Array, Array]:
    """Metres and seconds from the places of the first range to those of the second."""
    rows, columns = pair
    numbers = list(rows) if rows == columns else [*rows, *columns]
    listed = ";".join(f"{places[n].longitude:.6f},{places[n].latitude:.6f}" for n in numbers)
    options = "annotations=duration,distance"
    if rows != columns:
        sources = ";".join(map(str, range(len(rows))))
        destinations = ";".join(map(str, range(len(rows), len(numbers))))
        options += f"&sources={sources}&destinations={destinations}"
    answer = _answer(session, f"{base}/{listed}?{options}", ends)
    shape = len(rows), len(columns)
    return _matrix(answer, "distances", shape), _matrix(answer, "durations", shape)


def _answer(session: Any, address: str, ends: float) -> dict[str, Any]:
    """The JSON of one request; no exception's own words get out, they quote the address."""
    import orjson
    import requests
    import urllib3

    left = ends - time.monotonic()
    if left <= 0:
        raise ServerError("it takes too long")
    timeout = min(_CONNECT_SECONDS, left), min(_SILENT_SECONDS, left)
    try:
        with session.get(address, timeout=timeout, stream=True, allow_redirects=False) as response:
            content = _content(response, ends)
            status = response.status_code
    except requests.exceptions.ConnectTimeout:
        raise ServerError("it does not answer") from None
    except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError):
        raise ServerError("it takes too long") from None
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError):
        raise ServerError("it cannot be reached or broke off") from None
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise ServerError(f"it answers with status {status} and no JSON") from None
    if not isinstance(answer, dict) or answer.get("code") != "Ok":
        code = answer.get("code") if isinstance(answer, dict) else None
        raise ServerError(f"it answers «{str(code)[:40]}» with status {status}")
    return answer


def _content(response: Any, ends: float) -> bytes:
    """The body, read piece by piece: a server that drips is given up like one that is silent."""
    content = b""
    while piece := response.raw.read1(1 << 16, decode_content=True):
        content += piece
        if time.monotonic() > ends:
            raise ServerError("it takes too long")
        if len(content) > _MOST_BYTES:
            raise ServerError("it answers too much")
    return content


def _matrix(answer: dict[str, Any], name: str, shape: tuple[int, int]) -> Array:
    """One matrix of the answer; null, no way, becomes NaN."""
    try:
        matrix = np.array(answer.get(name), dtype=np.float64)
    except (TypeError, ValueError):
        matrix = np.empty(0)
    if matrix.shape != shape:
        raise ServerError(f"its «{name}» are not {shape[0]} x {shape[1]} numbers")
    return matrix
