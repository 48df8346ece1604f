"""The desk a report is written at: one snapshot, one reader, and what every report needs for writing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, Self, TypeVar

import polars as pl

from analytics.task import Task
from dashboards.numbers import Format, day, integer, number, points, shown, signed
from dashboards.queries.reading import Read
from dashboards.reports.document import Document
from dashboards.reports.reader import Reader
from dashboards.reports.report import Headline, Section
from dashboards.wording import Say, say
from pipelines.access import entities_for_person, for_person, visible_to
from pipelines.contract import Contract
from pipelines.settings import Settings
from pipelines.store import Check, ModelVersion

ATTACHED_ROWS = 100_000  # of a table in a file, where no plan says how many
T = TypeVar("T")


@dataclass(frozen=True)
class Earlier:
    """The issue before, to compare with: queries on its snapshot, cut alike, and the moment of its data.

    `catalog` is the name under which a query on today's snapshot finds the tables of that one.
    """

    read: Read
    as_of: datetime
    catalog: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Desk:
    """What a report is written from: queries on one snapshot that see only the reader's rows.

    `as_of` is the moment of the newest data (naive UTC), `earlier` the issue before (None for a first one),
    `period` the moment the issue is for (UTC). `table` is what the report is about, where that is a table,
    and `contracts` say how its columns may be shown. `whole` reads the snapshot without any cut: for what is
    about the lake itself; None where the reader gets only some rows.
    """

    settings: Settings
    read: Read
    reader: Reader
    as_of: datetime
    period: datetime
    earlier: Earlier | None = None
    whole: Read | None = None
    table: str = ""
    contracts: tuple[Contract, ...] = ()
    _made: dict[Callable[[Any], Any], Any] = field(default_factory=dict)

    @cached_property
    def say(self) -> Say:
        return say(self.language)

    @property
    def language(self) -> str:
        return self.reader.language

    @property
    def role(self) -> str:
        return self.reader.role

    @property
    def timezone(self) -> str:
        return self.reader.timezone or self.settings.timezone

    @property
    def organisation(self) -> str:
        """Whose report it is."""
        return self.settings.name

    @property
    def before(self) -> datetime | None:
        """The moment of the data of the issue before."""
        return self.earlier.as_of if self.earlier else None

    def once(self, make: Callable[[Self], T]) -> T:
        """What `make` finds at this desk, found once."""
        if make not in self._made:
            self._made[make] = make(self)
        found: T = self._made[make]
        return found

    def rows(self, most: int) -> int:
        """How many rows of a table to fetch whose mail shows `most`: what the files hold, too."""
        wanted = ATTACHED_ROWS if self.reader.rows is None else min(self.reader.rows, ATTACHED_ROWS)
        return max(most, wanted)

    def seen(self, frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
        """Rows that are no cases as the reader may see them."""
        return for_person(self.settings, frame, contract, self.role)

    @property
    def since(self) -> str:
        """What changes are measured from, in words; "" for a first issue."""
        _ = self.say
        if self.before is None:
            return ""
        return _("Changes since {day}").format(day=day(self.before, self.language, self.timezone))

    def headline(
        self, label: str, now: float | None, before: float | None, kind: Format = "integer", unit: str = ""
    ) -> Headline:
        """A figure with its change since the issue before (points for shares)."""
        _ = self.say
        value = shown(now, kind, self.language, unit)
        if now is None or before is None:
            return Headline(label, value)
        difference = float(now) - float(before)
        if difference == 0:
            change = _("no change")
        elif kind == "percent":
            change = _("{points} points").format(points=points(difference, self.language))
        else:
            change = signed(difference, self.language, 0 if kind == "integer" else None)
        return Headline(label, value, change)

    def count(self, value: float | None) -> str:
        """How many there are, as written."""
        return integer(value, self.language)

    def money(self, amount: float | None, currency: str) -> str:
        """A large amount in thousands or millions, as a heading says it."""
        _ = self.say
        if amount is None:
            return shown(None, "number", self.language)
        if abs(amount) >= 1e6:
            return _("{currency} {amount} m").format(
                currency=currency, amount=number(amount / 1e6, self.language, 2)
            )
        return f"{currency} {integer(amount, self.language)}"


@dataclass(frozen=True, kw_only=True, eq=False)
class Scored(Desk):
    """A desk for writing of the predictions of one task.

    `cases` is SQL over the relation it is given (predictions of one moment) that adds what people know the
    cases by; `entity_id` is the column `entity` of the first contract.
    `version` made the scores; `model` and `check` are what is known of it.
    """

    task: Task
    cases: Callable[[Task, str], str]
    entity: str = ""
    version: str = ""
    model: ModelVersion | None = None
    check: Check | None = None

    def masked(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Cases as the reader may see them."""
        for contract in self.contracts:
            frame = for_person(self.settings, frame, contract, self.role)
        return entities_for_person(
            self.settings, frame, self.role, next(iter(self.contracts), None), self.entity
        )

    def hides(self, column: str) -> bool:
        """Whether a column of the cases is masked for the reader."""
        seen = visible_to(self.role)
        kinds = {each.column(column).personal for each in self.contracts if column in each.names}
        return any(kind and kind not in seen for kind in kinds)

    @property
    def reliability(self) -> pl.DataFrame:
        """`predicted, observed, cases` of the model on unseen cases; empty where unknown."""
        return pl.DataFrame((self.model.metrics if self.model else {}).get("reliability") or {})


D = TypeVar("D", bound=Desk)


def nothing(_desk: Desk) -> Iterable[Section]:
    """No section."""
    return ()


@dataclass(frozen=True)
class Blueprint(Generic[D]):
    """How a report is written: a sentence on top, figures by name, and its sections, each by a stable name.

    A section may be several parts of a page, and bring documents; it is written only where it is wanted.
    `notice` is what no choice of sections leaves out. A report is about a `task` (its cases as `Scored`
    tells), about a `table`, or about neither. `parameters` (name -> `domain.table.column`) may cut its rows;
    `defaults` are entries of its settings.
    """

    name: str
    title: Callable[[str], str]  # in a language
    summary: Callable[[D], str]
    figures: Sequence[str]  # the names of all `values` there may be, for conditions on an issue
    values: Callable[[D], Mapping[str, float]]
    sections: Mapping[str, Callable[[D], Iterable[Section | Document]]]
    notice: Callable[[D], Iterable[Section]] = nothing
    domain: str = ""
    task: str = ""
    table: str = ""
    cases: Callable[[Task, str], str] = lambda _task, scored: f"FROM {scored}"
    contracts: tuple[Contract, ...] = ()
    entity: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
