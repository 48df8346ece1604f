"""What an account owes for a month, as data: lines, totals, and what was used."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import polars as pl

from connectors.errors import AssistantError, UsageError, did_you_mean
from dashboards.reports.sheets import csv_bytes
from dashboards.subscriptions.accounts import usage
from dashboards.subscriptions.accounts.billing import Allotment, Line, allotments, lines_of
from dashboards.subscriptions.accounts.terms import days_after, midnight, month_of
from dashboards.subscriptions.accounts.usage import Usage
from pipelines.mailing import AccountSettings
from pipelines.settings import Settings
from pipelines.store import now

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_YEARS = range(1970, 9000)
_SHARE_DIGITS = 4  # decimals of a price in the settings


@dataclass(frozen=True)
class Statement:
    """One account, one month. `is_final`: the month is over in the account's zone, so nothing is added."""

    name: str
    account: AccountSettings
    first: date
    last: date
    lines: tuple[Line, ...]
    allotments: tuple[Allotment, ...]
    usage: Usage
    is_final: bool

    @property
    def title(self) -> str:
        return self.account.title or self.name

    @property
    def number(self) -> str:
        return f"{self.name}-{self.first:%Y-%m}"

    @property
    def totals(self) -> dict[str, Decimal]:
        """What is owed, by currency; negative is what the account gets back."""
        found: dict[str, Decimal] = {}
        for line in self.lines:
            found[line.currency] = found.get(line.currency, Decimal(0)) + line.amount
        return found


def month_named(period: str) -> date:
    """The first day of a month written `2026-11`; raises UsageError for anything else."""
    found = _MONTH.fullmatch(period.strip())
    if found and int(found[1]) in _YEARS and 1 <= int(found[2]) <= 12:
        return date(int(found[1]), int(found[2]), 1)
    raise UsageError(f"«{period}» is not a month.", "Write year and month, such as 2026-11.")


def statement_of(settings: Settings, name: str, month: date) -> Statement:
    """The statement of the account `name` for the month of a day; raises UsageError for an unknown one."""
    if name not in settings.accounts:
        raise UsageError(f"There is no account «{name}».", did_you_mean(name, settings.accounts))
    account = settings.accounts[name]
    first, last = month_of(month)
    sent = partial(usage.issues_sent, settings, name)
    return Statement(
        name=name,
        account=account,
        first=first,
        last=last,
        lines=tuple(lines_of(account, settings.plans, month, sent)),
        allotments=tuple(allotments(account, settings.plans, month, sent)),
        usage=usage.of(settings, name, month),
        is_final=now() >= midnight(days_after(last, 1), account.timezone),
    )


def statements(settings: Settings, month: date, account: str = "") -> list[Statement]:
    """Those of all accounts that have a plan, owe or used anything in the month; or of the one named."""
    if account:
        return [statement_of(settings, account, month)]
    if not settings.accounts:
        raise AssistantError(
            "There are no accounts.", "Declare one under [accounts.NAME] and its plan under [plans.NAME]."
        )
    made = (statement_of(settings, name, month) for name in sorted(settings.accounts))
    return [each for each in made if each.lines or each.allotments or each.usage.issues]


def as_csv(statement: Statement) -> bytes:
    """The lines, one a row, and the totals; for programs, so in English and with plain numbers."""
    rows = [*_rows(statement)]
    digits = max((-int(row["amount"].as_tuple().exponent) for row in rows), default=2)
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        **dict.fromkeys(("statement", "account", "line", "plan"), pl.String),
        **dict.fromkeys(("day", "first", "last"), pl.Date),
        **dict.fromkeys(("part", "whole"), pl.Int64),
        "price": pl.Decimal(None, _SHARE_DIGITS),
        "amount": pl.Decimal(None, digits),
        "currency": pl.String,
    }
    return csv_bytes(pl.DataFrame(rows, schema))


def as_json(statement: Statement) -> dict[str, Any]:
    """The whole statement; amounts as texts, exact."""
    return {
        "statement": statement.number,
        "account": statement.name,
        "period": f"{statement.first:%Y-%m}",
        "is_final": statement.is_final,
        "totals": {currency: str(amount) for currency, amount in statement.totals.items()},
        "lines": [*_rows(statement, totals=False)],
        "issues": statement.allotments,
        "usage": {
            "issues": statement.usage.issues,
            "bytes": statement.usage.bytes,
            "recipients": statement.usage.recipients,
        },
    }


def _rows(statement: Statement, *, totals: bool = True) -> Iterator[dict[str, Any]]:
    whose = {"statement": statement.number, "account": statement.name}
    for line in statement.lines:
        yield {
            **whose, "line": line.kind, "plan": line.plan, "day": line.day, "first": line.first,
            "last": line.last, "part": line.part, "whole": line.whole, "price": line.price,
            "amount": line.amount, "currency": line.currency,
        }  # fmt: skip
    for currency, amount in statement.totals.items() if totals else ():
        yield {
            **whose, **dict.fromkeys(("plan", "day", "part", "whole", "price")), "line": "total",
            "first": statement.first, "last": statement.last, "amount": amount, "currency": currency,
        }  # fmt: skip
