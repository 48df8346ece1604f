"""What can be said about a template source."""

from pydantic import BaseModel, ConfigDict, Field


class TemplateOptions(BaseModel):
    """Options of one template source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(min_length=1, description="address that answers with a page of records")
    table: str = Field("records", min_length=1, description="name of the table the records go to")
