"""What can be said about a FHIR source."""

from pydantic import BaseModel, ConfigDict, Field


class FhirOptions(BaseModel):
    """Options of one FHIR source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(min_length=1, description="NDJSON export or Bundles: a file, a folder or a glob")
    whole: bool = Field(False, description="read every file again as soon as one of them has changed")
