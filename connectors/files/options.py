"""What can be said about a files source; everything but the path is found by itself."""

import codecs
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Format = Literal["auto", "csv", "parquet", "json", "jsonl", "excel"]
_SPOKEN = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "space": " ", "pipe": "|"}


class FilesOptions(BaseModel):
    """Options of one files source."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(min_length=1, description="a file, a folder or a glob; local, s3:// or https://")
    table: str = Field("records", min_length=1, description="name of the table the records go to")
    format: Format = Field("auto", description="csv, parquet, json, jsonl, excel; auto: by file name")
    delimiter: str | None = Field(None, description="what separates fields; found by itself if left out")
    encoding: str | None = Field(None, description="for example gb18030, windows-1250; found by itself")
    header: bool | None = Field(
        None, description="whether the first record names the columns; found by itself"
    )
    columns: tuple[str, ...] = Field((), description="column names, for files without a header")
    decimal: Literal[".", ","] | None = Field(None, description="decimal mark; found by itself")
    sheet: str | None = Field(None, description="name of the Excel sheet; the first one if left out")
    incremental: str | None = Field(None, description="column that only grows: older rows are not read again")
    whole: bool = Field(False, description="read every file again as soon as one of them has changed")

    @field_validator("delimiter")
    @classmethod
    def _one_letter(cls, given: str | None) -> str | None:
        mark = _SPOKEN.get(given.lower(), given) if given else None
        if mark is not None and len(mark) != 1:
            raise ValueError("must be one character, or tab, comma, semicolon, space, pipe")
        return mark

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, given: str | None) -> str | None:
        try:
            return codecs.lookup(given).name if given else None
        except LookupError as error:
            raise ValueError("is not an encoding Python knows") from error
