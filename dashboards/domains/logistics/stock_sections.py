"""What the carrier's report says of stock: what to order today, and what that is based on."""

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from dashboards.domains.logistics.stock_charts import judgement
from dashboards.domains.logistics.stock_tables import CURRENCY, proposals_table
from dashboards.numbers import day, integer
from dashboards.queries import stock
from dashboards.queries.demand import outlook
from dashboards.reports.desk import Desk
from dashboards.reports.report import Column, Paragraph, Section, Table
from dashboards.wording import together

_DAYS = 7  # of the outlook


def stock_sections(desk: Desk) -> Iterator[Section]:
    """The orders proposed and a note on the forecast; nothing where there is no proposal."""
    rows = stock.proposals(desk.read)
    if rows.is_empty():
        return
    wanted = rows.filter(pl.col("wanted") > 0)
    if not wanted.is_empty():
        yield _proposals(desk, wanted)
    yield _note(desk, rows)


def _proposals(desk: Desk, rows: pl.DataFrame) -> Table:
    """In the mail as sentences, in the sheet with every figure in a column of its own."""
    _ = desk.say
    table = proposals_table(rows, desk.language)
    columns = (
        Column("sentence", _("Proposal"), wraps=True),
        Column("depot", _("Depot"), wraps=True),
        Column("cost", _("Cost"), "integer", CURRENCY),
        Column("urgency", _("May run out"), "percent"),
    )
    return replace(table, columns=columns, in_sheet=table.columns, most=10)


def _note(desk: Desk, rows: pl.DataFrame) -> Paragraph:
    """How much is ordered for how much, and how the forecast behind it was judged."""
    _, language = desk.say, desk.language
    ordered = rows.filter(pl.col("quantity") > 0)
    sentences = [
        _("Orders proposed: {orders}, for {currency} {cost} in all, from the stock of {day}.").format(
            orders=integer(ordered.height, language),
            currency=CURRENCY,
            cost=integer(float(ordered["cost"].sum()), language),
            day=day(rows["as_of"][0], language),
        ),
        _forecast(desk),
        judgement(stock.policies(desk.read), language),
    ]
    return Paragraph(_("What the proposals follow from"), together(sentences, language))


def _forecast(desk: Desk) -> str:
    """What is expected of the days ahead, beside what was asked for in as many days before."""
    found = outlook(desk.read, _DAYS)
    if found is None:
        return ""
    _, language = desk.say, desk.language
    return _(
        "The forecast expects {expected} units over the next {days} days; {asked} were asked for in the "
        "{days} days up to {day}."
    ).format(
        expected=integer(found.expected, language),
        asked=integer(found.asked, language),
        days=integer(found.days, language),
        day=day(found.as_of, language),
    )
