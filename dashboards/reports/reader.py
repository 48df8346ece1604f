"""Whom an issue is for: what makes one issue differ from another besides report, period and data."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Attributes = tuple[tuple[str, tuple[str, ...]], ...]  # parameter -> values, both in order


@dataclass(frozen=True)
class Reader:
    """A kind of reader. Two subscribers who are equal as readers get the same bytes.

    `attributes` cut every table to the rows whose parameter has one of the values. `formats` are the files
    that come with the mail (pdf, xlsx, csv), `rows` how many rows of a table they hold at most (None: all).
    `view_name` is what they call the view among their attributes; "" where it has no name.
    """

    language: str = "en"
    role: str = "subscriber"
    timezone: str = ""
    attributes: Attributes = ()
    formats: tuple[str, ...] = ()
    rows: int | None = None
    view_name: str = ""

    @property
    def cut(self) -> str:
        """The attributes as one text (JSON), the same for the same rows; "" for all rows."""
        return json.dumps(dict(self.attributes), ensure_ascii=False) if self.attributes else ""


def attributes_of(given: Mapping[str, str | Sequence[str]]) -> Attributes:
    """Attributes as a reader has them: values as a sorted tuple, in the order of their names."""
    listed = {name: [value] if isinstance(value, str) else value for name, value in given.items()}
    return tuple((name, tuple(sorted({str(each) for each in listed[name]}))) for name in sorted(listed))
