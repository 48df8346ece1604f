"""FHIR R4: NDJSON bulk exports and Bundles, flattened into patients, encounters, conditions and so on."""

from typing import Any

from connectors.connector import Connector
from connectors.fhir.options import FhirOptions


def _source(options: FhirOptions) -> Any:
    from connectors.fhir.source import fhir_source  # dlt only when something is read

    return fhir_source(options)


CONNECTOR = Connector("fhir", "FHIR R4 NDJSON exports and Bundles", FhirOptions, _source)
