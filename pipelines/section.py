"""What all sections of `assistant.toml` share: no unknown entries, plain names, known time zones."""

import re
from functools import cache
from typing import Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict

from connectors.errors import did_you_mean

Language = Literal["en", "zh"]
# Names become file names and schemas: letters of any script and digits, inside also . - _ and blanks.
_NAME = re.compile(r"\w(?:[\w. -]*\w)?")


class Section(BaseModel):
    """A section of the settings: fixed once read, an unknown entry is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def plain_name(name: str) -> str:
    """`name` if it can name a source, a table, a task: it must be safe as a file name. Raises ValueError."""
    if not _NAME.fullmatch(name) or len(name) > 100:
        raise ValueError(f"«{name}» is not a name: take letters, digits, and . - _ inside")
    return name


def known_timezone(name: str) -> str:
    """`name` if it is an IANA time zone; raises ValueError with the nearest known ones."""
    if name not in _timezones():
        raise ValueError(f"«{name}» is not a time zone. {did_you_mean(name, _timezones())}")
    return name


@cache
def _timezones() -> frozenset[str]:
    """All that this machine knows; asked once, for it takes a walk over hundreds of files."""
    return frozenset(available_timezones())
