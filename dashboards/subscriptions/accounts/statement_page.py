"""A statement as a document to print, in the account's language."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from dashboards.numbers import day, integer, month, number
from dashboards.reports.document import (
    Beside,
    Block,
    Cell,
    Document,
    Facts,
    Grid,
    GridColumn,
    Heading,
    Part,
    Words,
)
from dashboards.subscriptions.accounts.billing import Allotment, Line
from dashboards.subscriptions.accounts.money import minor_digits, written
from dashboards.subscriptions.accounts.statement import Statement
from dashboards.subscriptions.accounts.terms import days_after, midnight
from dashboards.wording import say

_MEGABYTE = 1_000_000


def printed(statement: Statement, organisation: str) -> Document:
    """The statement as a document of one part; the same statement, the same document."""
    language = statement.account.language
    _ = say(language)
    title = _("Statement {month}").format(month=month(statement.first, language))
    blocks = [_head(statement, language), *_owed(statement, language), *_used(statement, language)]
    part = Part(
        title=title,
        subtitle=statement.title,
        head=f"{organisation} · {statement.number}",
        foot=_("Amounts are without taxes."),
        blocks=(*blocks, Words(_method(language), "quiet", _("How amounts are reckoned"))),
    )
    ends = midnight(days_after(statement.last, 1), statement.account.timezone)
    return Document(statement.number, title, organisation, language, ends, (part,))


def _head(statement: Statement, language: str) -> Block:
    _ = say(language)
    account = statement.account
    held = statement.allotments[-1] if statement.allotments else None
    whose = [
        (_("Account"), statement.title),
        (_("Contact"), account.contact),
        (_("Plan"), held.title or held.plan if held else ""),
    ]
    which = [
        (_("Statement"), statement.number),
        (_("Period"), _span(statement.first, statement.last, language)),
        (_("Time zone of its days"), account.timezone),
    ]
    return Beside((_facts(whose),), (_facts(which),))


def _facts(pairs: list[tuple[str, str]]) -> Facts:
    return Facts(tuple(pair for pair in pairs if pair[1]))


def _owed(statement: Statement, language: str) -> Iterator[Block]:
    _ = say(language)
    if not statement.is_final:
        yield Words(
            _("This month is not over: issues that are still sent in it may be added."), "notice", _("So far")
        )
    yield Heading(_("What is owed"))
    if not statement.lines:
        yield Words(_("Nothing is owed for this month."))
        return
    columns = (
        GridColumn(_("Day")),
        GridColumn(_("Item"), share=1.0),
        GridColumn(_("Price"), "right"),
        GridColumn(_("Amount"), "right"),
    )
    rows = [_row(line, language) for line in statement.lines]
    for currency, total in statement.totals.items():
        words = _("Total") if total >= 0 else _("Total, in the account's favour")
        rows.append(
            (
                Cell(""),
                Cell(words, strong=True),
                Cell(""),
                Cell(written(total, currency, language), strong=True),
            )
        )
    yield Grid(columns, tuple(rows))


def _row(line: Line, language: str) -> tuple[Cell, ...]:
    _ = say(language)
    words = {
        "plan": _("Plan {plan}"),
        "credit": _("Plan {plan}: credit for days not used"),
        "charge": _("Plan {plan}: from the change on"),
        "issues": _("Plan {plan}: issues beyond those included"),
    }[line.kind]
    if line.kind == "issues":
        below = _("{count} issues").format(count=integer(line.part, language))
    else:
        below = _("{part} of {whole} days").format(part=line.part, whole=line.whole)
    span = _span(line.first, line.last, language)
    price = line.price.quantize(Decimal(1).scaleb(-_digits(line)))
    return (
        Cell(day(line.day, language)),
        Cell(words.format(plan=line.title or line.plan), below=f"{span} · {below}"),
        Cell(written(price, line.currency, language)),
        Cell(written(line.amount, line.currency, language)),
    )


def _digits(line: Line) -> int:
    """A price is written with the currency's decimals, or with more where it has them."""
    own = -int(line.price.normalize().as_tuple().exponent)
    return max(own, minor_digits(line.currency))


def _used(statement: Statement, language: str) -> Iterator[Block]:
    _ = say(language)
    used = statement.usage
    yield Heading(_("What was used"))
    told = _("{issues} issues to {readers} readers, {size} MB")
    yield Words(
        told.format(
            issues=integer(used.issues, language),
            readers=integer(used.recipients, language),
            size=number(used.bytes / _MEGABYTE, language, 1),
        )
    )
    if statement.allotments:
        columns = (
            GridColumn(_("Plan"), share=1.0),
            GridColumn(_("Days"), share=1.0),
            *(GridColumn(title, "right") for title in (_("Included"), _("Sent"), _("Beyond"))),
        )
        yield Grid(columns, tuple(_allotted(each, language) for each in statement.allotments), tight=True)
    reports: dict[str, list[int]] = {}
    for each in used.subscriptions:
        reports.setdefault(each.report, []).append(each.issues)
    if reports:
        columns = (
            GridColumn(_("Report"), share=1.0),
            *(GridColumn(title, "right") for title in (_("Subscriptions"), _("Issues"))),
        )
        rows = [
            (Cell(report), Cell(integer(len(counts), language)), Cell(integer(sum(counts), language)))
            for report, counts in sorted(reports.items())
        ]
        yield Grid(columns, tuple(rows), tight=True)


def _allotted(each: Allotment, language: str) -> tuple[Cell, ...]:
    _ = say(language)
    included = _("without limit") if each.included is None else integer(each.included, language)
    texts = (
        *(each.title or each.plan, _span(each.first, each.last, language), included),
        *(integer(each.used, language), integer(each.beyond, language)),
    )
    return tuple(Cell(text) for text in texts)


def _method(language: str) -> str:
    _ = say(language)
    return _(
        "A plan is paid for in advance from the day it begins or is renewed. When it changes or ends, the "
        "days left are credited and those of the new plan charged: price × days / days of the interval. "
        "Of issues, those count that a mail server took in the month; what a plan includes is shared out by "
        "days, rounded up, where it holds for a part of the month. Each amount is rounded half up."
    )


def _span(first: date, last: date, language: str) -> str:
    return f"{day(first, language)} – {day(last, language)}"
