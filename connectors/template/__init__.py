"""Template: records of a paged JSON API. `sda connector new` copies this folder."""

from typing import Any

from connectors.connector import Connector
from connectors.template.options import TemplateOptions


def _source(options: TemplateOptions) -> Any:
    from connectors.template.source import template_source  # dlt only when something is read

    return template_source(options)


CONNECTOR = Connector("template", "records of a paged JSON API", TemplateOptions, _source)
