"""The dlt source of the REST connector: pages of JSON records; dlt's client finds the way to the next."""

import os
from collections.abc import Iterator
from typing import Any

import orjson
import pyarrow as pa

from connectors.connector import Origin, Rejected, with_origin
from connectors.errors import AssistantError, UsageError
from connectors.incremental import OnlyNewer
from connectors.rest.options import RestOptions
from connectors.source import Pieces, dlt_source, for_dlt, memory


def rest_source(options: RestOptions) -> Any:
    """A dlt source with one resource, named `options.table`. Values travel as text, nested ones as JSON."""
    client = _client(options)
    return dlt_source("rest", {options.table: lambda: for_dlt(_pages(client, options))})


def _client(options: RestOptions) -> Any:
    from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
    from dlt.sources.helpers.rest_client.client import RESTClient

    if not options.token_env:
        return RESTClient(options.url, session=_session())
    token = os.environ.get(options.token_env, "")
    if not token:
        raise UsageError(
            f"The environment variable {options.token_env} is not set.", "It must hold the token."
        )
    return RESTClient(options.url, auth=BearerTokenAuth(token), session=_session())


def _session() -> Any:
    """dlt's session: it waits and tries again when a server is busy, and raises for other refusals."""
    from dlt.sources.helpers.requests import Client

    return Client(request_timeout=30, request_max_attempts=3, raise_for_status=False).session


def _pages(client: Any, options: RestOptions) -> Pieces:
    """One batch a page; the greatest incremental value is remembered after the last page was taken."""
    state = memory()
    newer = OnlyNewer(options.incremental, state.get("newest", {})) if options.incremental else None
    params = dict(options.params)
    if newer and newer.before is not None and options.since:
        params[options.since] = newer.before
    first = 1
    for page in _answers(client, params, options):
        records = [record for record in page if isinstance(record, dict)]
        if strange := [record for record in page if not isinstance(record, dict)]:
            yield [
                Rejected(options.url, first, "JSON, but not an object", str(_text(one)), options.table)
                for one in strange
            ]
        if records:
            batch = with_origin(_as_text(records), Origin(options.url, first))
            yield newer.newer(batch) if newer else batch
        first += len(page)
    if newer:
        state["newest"] = newer.remembered()


def _answers(client: Any, params: dict[str, str], options: RestOptions) -> Iterator[list[Any]]:
    """The records of each page; raises AssistantError for anything but JSON records."""
    import requests

    try:
        yield from client.paginate("", params=params, data_selector=options.records)
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else "an error"
        raise AssistantError(
            f"«{options.url}» answers with {status}.", "Check the address, the parameters and the token."
        ) from error
    except (requests.RequestException, ValueError) as error:
        raise AssistantError(
            f"«{options.url}» did not answer with JSON records ({type(error).__name__}).",
            "Check the address; `records` says where in the answer the list of records is.",
        ) from error


def _as_text(records: list[dict[str, Any]]) -> pa.Table:
    names = list(dict.fromkeys(name for record in records for name in record))
    columns = [pa.array([_text(record.get(name)) for record in records], pa.string()) for name in names]
    return pa.table(columns, names=names)


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()
