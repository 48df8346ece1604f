"""The desk a report is written at: one snapshot, one reader, and what every domain needs for writing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import polars as pl

from analytics.task import Task
from dashboards.numbers import Format, day, integer, number, points, shown, signed
from dashboards.queries.reading import Read
from dashboards.reports.document import Document
from dashboards.reports.report import Headline, Section
from dashboards.wording import Say, say
from pipelines.access import entities_for_person, for_person
from pipelines.contract import Contract


@dataclass(frozen=True)
class Desk:
    """What a report is written from: queries on one snapshot, the task, whose eyes it is for.

    `as_of` is the newest moment scored in the snapshot, `before` the one before it (None for a first issue).
    `reliability` holds `predicted, observed, cases` of the model on unseen cases; empty where unknown.
    `organisation` is whose report it is, `period` the moment the issue is for (UTC).
    """

    read: Read
    task: Task
    as_of: datetime
    before: datetime | None
    language: str
    timezone: str
    role: str
    reliability: pl.DataFrame
    organisation: str
    period: datetime

    @cached_property
    def say(self) -> Say:
        return say(self.language)

    def masked(self, frame: pl.DataFrame, *contracts: Contract, entity: str = "") -> pl.DataFrame:
        """Cases as the reader may see them; `entity_id` is the column `entity` of the first contract."""
        for contract in contracts:
            frame = for_person(frame, contract, self.role)
        return entities_for_person(frame, self.role, next(iter(contracts), None), entity)

    def seen(self, frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
        """Rows that are no cases as the reader may see them."""
        return for_person(frame, contract, self.role)

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

    def count(self, cases: pl.DataFrame) -> str:
        """How many rows there are, as written."""
        return integer(cases.height, self.language)

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


@dataclass(frozen=True)
class Content:
    """What a domain writes: the words on top, the sections below, the documents that come with it."""

    title: str
    summary: str
    sections: tuple[Section, ...]
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True)
class Blueprint:
    """A report that ships with a domain: its name, the task it is about, and how it is written."""

    name: str
    domain: str
    task: str
    write: Callable[[Desk], Content]
    title: Callable[[Say], str]
