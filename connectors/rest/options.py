"""What can be said about a REST source. Secrets stay in the environment."""

from pydantic import BaseModel, ConfigDict, Field


class RestOptions(BaseModel):
    """Options of one REST source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(pattern="^https?://", description="address that answers with JSON records")
    table: str = Field("records", min_length=1, description="name of the table the records go to")
    records: str | None = Field(None, description="JSONPath to the list of records; found by itself")
    params: dict[str, str] = Field(default_factory=dict, description="query parameters of the first request")
    token_env: str | None = Field(None, description="environment variable that holds a bearer token")
    incremental: str | None = Field(None, description="field that only grows: older records are left out")
    since: str | None = Field(None, description="query parameter that asks for what comes after the last")
