"""The sections of `assistant.toml` on what is mailed: reports, plans, accounts, calendars, all mails."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from connectors.errors import did_you_mean
from pipelines.section import Language, Section, known_timezone

Format = Literal["pdf", "xlsx", "csv"]
_DOMAIN = re.compile(r"(\*\.)?[\w-]+(\.[\w-]+)+|localhost")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class ReportSettings(Section):
    """One report: what it shows, to whom, when, in which language, and when it is not to be trusted.

    It is about a shipped `domain`, about a `task`, or about a `table` (`domain.table`); with `file` (a TOML
    file beside `assistant.toml`) everything is said there instead. `sections` names those to show, in order;
    empty: all. `only` cuts the report for everybody (column values by parameter), `parameters` says which
    attributes of a subscriber cut it further: name -> `domain.table.column`; shipped reports bring theirs.
    """

    file: str = ""
    domain: str = ""
    task: str = ""
    table: str = ""
    title: str = ""
    sections: list[str] = []
    only: dict[str, list[str]] = {}
    parameters: dict[str, str] = {}
    recipients: list[str] = []
    account: str = ""
    attachments: list[Format] = ["xlsx"]  # whole tables, of which a mail shows the first rows
    language: Language = "en"
    languages: list[Language] = ["en", "zh"]  # subscribers may choose from
    schedule: str = "0 7 * * 1-5"
    timezone: str = ""
    calendar: str = ""  # of business days: one of [calendars], or a country such as DE or DE-BY
    on_holiday: Literal["skip", "next"] = "skip"  # next: on the next business day
    catch_up: Literal["latest", "all"] = "latest"  # what is sent after downtime
    only_if: list[str] = []  # conditions on an issue, such as «has rows», «changed», «urgent > 10»
    role: str = "subscriber"
    # When an issue is held back:
    fresh_within: float | None = Field(default=None, gt=0)  # hours since the last good load of its sources
    rows_change: float | None = Field(default=None, gt=0)  # share by which the rows may differ from last time
    least_rows: int = Field(default=0, ge=0)
    hold_on_drift: bool = True
    hold_on_broken_contract: bool = True
    tell_subscribers: bool = True  # a short notice that an issue is held

    @field_validator("title")
    @classmethod
    def _on_one_line(cls, title: str) -> str:
        if any(unicodedata.category(sign) == "Cc" for sign in title):  # it becomes the subject of a mail
            raise ValueError("a title is one line without control characters")
        return title

    @field_validator("only", mode="before")
    @classmethod
    def _lists(cls, only: Any) -> Any:
        """A single value may stand without its brackets."""
        if not isinstance(only, dict):
            return only
        return {name: [value] if isinstance(value, str) else value for name, value in only.items()}

    @model_validator(mode="after")
    def _about_one_thing(self) -> "ReportSettings":
        if self.file and len(self.model_fields_set) > 1:
            raise ValueError("with a file all else is said in that file")
        about = self.task or self.table
        is_of_domain = not self.domain or about.partition(".")[0] == self.domain
        if (self.task and self.table) or (about and not is_of_domain):
            raise ValueError("a report is about one thing: a domain, a task or a table")
        return self

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        return known_timezone(name) if name else name


class PlanSettings(Section):
    """What an account may have, and what it costs for each `interval` in full.

    `reports` are names; `*` stands for all. `at_most` is how often one subscription gets an issue.
    None: without limit.
    """

    title: str = ""
    interval: Literal["month", "year", "trial"] = "month"
    trial_days: int = Field(default=30, ge=1, le=3650)  # of a trial
    price: Decimal = Field(default=Decimal(0), ge=0, decimal_places=4)
    currency: str = Field(default="EUR", pattern=r"^[A-Z]{3}$")  # ISO 4217
    reports: list[str] = ["*"]
    at_most: Literal["", "hourly", "daily", "weekly", "monthly"] = ""
    formats: list[Format] = ["pdf", "xlsx", "csv"]
    rows: int | None = Field(default=None, ge=0)  # of a table in an attachment
    recipients: int | None = Field(default=None, ge=0)
    # What an issue beyond the included ones costs; without a price none is sent beyond them.
    issues: int | None = Field(default=None, ge=0)  # included in each month
    price_per_issue: Decimal | None = Field(default=None, ge=0, decimal_places=4)


def known_domains(entries: list[str]) -> list[str]:
    """Entries of a list of domains; raises ValueError for one that no address could be at."""
    for entry in entries:
        if not _DOMAIN.fullmatch(entry):
            raise ValueError(
                f"«{entry}» is not a domain: write example.org, or *.example.org for those below"
            )
    return entries


class PlanChange(Section):
    """From the day `on`, another plan."""

    on: date
    plan: str


class AccountSettings(Section):
    """A customer: its plan from `start`, renewed until `end`; within `grace_days` after it all goes on."""

    title: str = ""
    plan: str
    start: date
    end: date | None = None  # the last day; None: renewed until further notice
    grace_days: int = Field(default=14, ge=0, le=3650)
    changes: list[PlanChange] = []
    contact: str = ""  # gets the statements and the notices about the plan
    domains: list[str] = []  # of the addresses that may belong to it, as in `allowed_domains`
    timezone: str = "UTC"  # in which its days begin
    language: Language = "en"  # of its statements

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        return known_timezone(name)

    @field_validator("domains")
    @classmethod
    def _known_domains(cls, entries: list[str]) -> list[str]:
        return known_domains(entries)

    @model_validator(mode="after")
    def _in_order(self) -> "AccountSettings":
        if self.end is not None and self.end < self.start:
            raise ValueError("the account ends before it starts")
        days = [change.on for change in self.changes]
        if days != sorted(set(days)) or any(day <= self.start for day in days):
            raise ValueError("changes of plan come one after the other, all of them after the start")
        if self.end is not None and any(day > self.end for day in days):
            raise ValueError("a change of plan comes after the end of the account")
        return self


class CalendarSettings(Section):
    """Which days are business days: public holidays of a `country` (ISO 3166), more `holidays`, weekends."""

    country: str = ""
    subdivision: str = ""
    holidays: list[date] = []
    weekend: list[Weekday] = ["sat", "sun"]


class MailSettings(Section):
    """What holds for all mails to subscribers."""

    allowed_domains: list[str] = []  # of addresses (`*.example.org`: those below it); empty: any
    double_opt_in: bool = False
    link_above: int = Field(default=10_000_000, ge=10_000)  # bytes of files; above it a link
    link_days: int = Field(default=14, ge=1)
    archive_days: int = Field(default=400, ge=1)
    rate: float | None = Field(default=None, gt=0)  # mails per second to the server, all senders together
    bounces: str = ""  # mbox file, or a folder in Maildir form; SDA_IMAP_* for a mailbox on a server

    @field_validator("allowed_domains")
    @classmethod
    def _known_domains(cls, entries: list[str]) -> list[str]:
        return known_domains(entries)


def dangling(
    reports: Mapping[str, ReportSettings],
    accounts: Mapping[str, AccountSettings],
    plans: Mapping[str, PlanSettings],
) -> Iterator[tuple[str, str, str]]:
    """Entries that name what is not there: each entry, what is wrong with it, what to do."""
    for name, report in reports.items():
        if report.account and report.account not in accounts:
            yield (
                f"reports.{name}.account",
                f"there is no account «{report.account}»",
                did_you_mean(report.account, accounts),
            )
    for name, account in accounts.items():
        changes = {f"changes.{place}.plan": each.plan for place, each in enumerate(account.changes)}
        named = {"plan": account.plan, **changes}
        for entry, plan in named.items():
            if plan not in plans:
                yield f"accounts.{name}.{entry}", f"there is no plan «{plan}»", did_you_mean(plan, plans)
