"""The dlt source of the template: pages of a JSON API, only records newer than those read before.

The API answers `GET url?since=ID` with `{"records": [{"id": 1, ...}, ...], "next": true}`, oldest first.
"""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from connectors.connector import Origin, with_origin
from connectors.errors import AssistantError
from connectors.source import dlt_source, memory
from connectors.template.options import TemplateOptions


def template_source(options: TemplateOptions) -> Any:
    """A dlt source with one resource, named `options.table`."""
    return dlt_source("template", {options.table: lambda: _newer(options)})


def _newer(options: TemplateOptions) -> Iterator[pa.Table]:
    """One batch a page. What was read is remembered after the batch was taken, not before."""
    state = memory()
    more = True
    while more:
        page = _page(options.url, state.get("since", 0))
        records, more = page["records"], page.get("next", False)
        if records:
            batch = pa.Table.from_pylist(records)
            yield with_origin(batch, Origin(options.url, records[0]["id"]))
            state["since"] = records[-1]["id"]


def _page(url: str, since: int) -> dict[str, Any]:
    """One page; raises AssistantError for anything but a page of records."""
    import requests

    try:
        answer = requests.get(url, params={"since": since}, timeout=30)
        answer.raise_for_status()
        page = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise AssistantError(
            f"«{url}» did not answer with records ({type(error).__name__}).", "Check the address."
        ) from error
    if not isinstance(page, dict) or not isinstance(page.get("records"), list):
        raise AssistantError(f"«{url}» answers, but not with records.", "Is it the right address?")
    return page
