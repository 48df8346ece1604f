"""The order proposals as a table: on the page and as a file."""

from datetime import UTC

import polars as pl

from dashboards import numbers
from dashboards.domains.logistics.plan_words import because
from dashboards.domains.logistics.plan_words import proposal as in_a_sentence
from dashboards.reports.report import Column, Fact, Table
from dashboards.wording import say
from pipelines.logistics.stock import ARTICLES

CURRENCY = ARTICLES.column("unit_cost").unit


def shown_proposals(rows: pl.DataFrame, language: str) -> tuple[pl.DataFrame, list[str]]:
    """The proposals in written cells, and which columns are numbers."""
    _ = say(language)
    cost = _("Cost ({currency})").format(currency=CURRENCY)
    table = [
        {
            _("Order"): numbers.integer(row["quantity"], language),
            _("Article"): row["name"],
            _("Depot"): row["depot"],
            _("Because"): _begun(because(row, language)),
            cost: numbers.number(row["cost"], language, 0) if row["quantity"] else numbers.ABSENT,
            _("On hand"): numbers.number(row["on_hand"], language, 0),
            _("On order"): numbers.number(row["on_order"], language, 0),
            _("Lasts (days)"): numbers.number(row["days_left"], language, 1),
            _("May run out"): numbers.percent(row["urgency"], language, 0),
            _("Reorder point"): numbers.number(row["reorder_point"], language, 0),
            _("Order up to"): numbers.number(row["order_up_to"], language, 0),
            _("Lead time (days)"): numbers.number(row["lead_days"], language, 1),
            _("Supplier"): row["supplier"] or numbers.ABSENT,
            _("Number"): row["sku"],
        }
        for row in rows.iter_rows(named=True)
    ]
    right = [_("Order"), cost, _("On hand"), _("On order"), _("Lasts (days)"), _("May run out")]
    right += [_("Reorder point"), _("Order up to"), _("Lead time (days)")]
    return pl.DataFrame(table), right


def _begun(clause: str) -> str:
    """A clause as the text of a cell."""
    return clause[:1].upper() + clause[1:]


def proposals_table(rows: pl.DataFrame, language: str) -> Table:
    """The proposals with their values typed, for sheets; the sentence says it all once more."""
    _ = say(language)
    sentences = [in_a_sentence(row, row["name"], language) for row in rows.iter_rows(named=True)]
    frame = rows.with_columns(pl.Series("sentence", sentences, dtype=pl.String))
    columns = (
        Column("sku", _("Number")),
        Column("name", _("Article")),
        Column("family", _("Product family")),
        Column("depot", _("Depot")),
        Column("supplier", _("Supplier")),
        Column("quantity", _("Order"), "integer"),
        Column("cost", _("Cost"), "number", CURRENCY),
        Column("on_hand", _("On hand"), "number"),
        Column("on_order", _("On order"), "number"),
        Column("days_left", _("Lasts"), "number", _("days")),
        Column("urgency", _("May run out"), "percent"),
        Column("reorder_point", _("Reorder point"), "number"),
        Column("order_up_to", _("Order up to"), "number"),
        Column("service_level", _("Service level"), "percent"),
        Column("lead_days", _("Lead time"), "number", _("days")),
        Column("expected_demand", _("Expected demand"), "number"),
        Column("sentence", _("Proposal")),
    )
    return Table("proposals", _("Order proposals"), columns, frame)


def proposals_facts(rows: pl.DataFrame, language: str, zone: str) -> tuple[Fact, ...]:
    """From when the proposals are."""
    _ = say(language)
    made = rows["made_at"][0].replace(tzinfo=UTC)
    return (
        Fact(_("Stock as of"), numbers.day(rows["as_of"][0], language)),
        Fact(_("Proposed at"), numbers.moment(made, language, zone)),
    )


def policies_table(policies: pl.DataFrame, names: dict[str, str], language: str) -> pl.DataFrame:
    """The backtest with a row for each figure and a column for each policy; written cells."""
    typed = policies_figures(policies, names, language)
    first, *others = typed.columns

    def written(place: int, value: float) -> str:
        return numbers.number(value, language, 0) if place else numbers.percent(value, language)

    return typed.select(
        first,
        *(
            pl.Series(name, [written(place, value) for place, value in enumerate(typed[name])], pl.String)
            for name in others
        ),
    )


def policies_figures(policies: pl.DataFrame, names: dict[str, str], language: str) -> pl.DataFrame:
    """The same as numbers; the share of demand, in its first row, as a fraction."""
    _ = say(language)
    lines = {
        "fill_rate": _("Share of demand served from stock"),
        "stock_out_days": _("Days without stock, over all articles"),
        "total_cost": _("Cost in all ({currency})").format(currency=CURRENCY),
        "holding_cost": _("of it holding"),
        "order_cost": _("of it ordering"),
        "shortage_cost": _("of it shortage"),
        "mean_stock": _("Mean stock (units)"),
        "orders": _("Orders"),
    }
    return pl.DataFrame(
        {_("Figure"): list(lines.values())}
        | {
            names.get(row["policy"], row["policy"]): [float(row[name]) for name in lines]
            for row in policies.sort("policy", descending=True).iter_rows(named=True)
        }
    )
