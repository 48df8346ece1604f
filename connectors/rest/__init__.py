"""REST: records that a web service answers with in JSON, page after page."""

from typing import Any

from connectors.connector import Connector
from connectors.rest.options import RestOptions


def _source(options: RestOptions) -> Any:
    from connectors.rest.source import rest_source  # dlt only when something is read

    return rest_source(options)


CONNECTOR = Connector("rest", "JSON records of a web service, page after page", RestOptions, _source)
