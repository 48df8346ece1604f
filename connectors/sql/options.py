"""What can be said about a SQL source. Secrets stay in the environment."""

from pydantic import BaseModel, ConfigDict, Field, model_validator


class SqlOptions(BaseModel):
    """Options of one SQL source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    connection_env: str = Field(
        min_length=1, description="environment variable that holds the database address (SQLAlchemy URL)"
    )
    table: str = Field(min_length=1, description="table or view to read, and name of the table it goes to")
    database_schema: str | None = Field(None, description="schema of the table, if it is not the default one")
    columns: tuple[str, ...] = Field((), description="columns to read; all if left out")
    incremental: str | None = Field(None, description="column that only grows: only greater values are read")

    @model_validator(mode="after")
    def _incremental_is_read(self) -> "SqlOptions":
        if self.columns and self.incremental and self.incremental not in self.columns:
            raise ValueError("`columns` must contain the incremental column")
        return self
