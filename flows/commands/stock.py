"""`sda stock`: what to order today, and what that way of ordering would have cost so far."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.answer import Answer, answering, table
from flows.progress import progress

if TYPE_CHECKING:
    import polars as pl

_FORMATS = (".csv", ".xlsx")


@click.group("stock")
def command() -> None:
    """Propose orders to suppliers, and judge them by the past."""


@command.command("propose")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Propose for the evening of this day.")
@click.option("--budget", type=click.FloatRange(min=0), help="Spend no more than this in all.")
@click.option("--output", type=click.Path(path_type=Path), help="Write every row to a .csv or .xlsx file.")
@answering
def propose_(as_of: datetime | None, budget: float | None, output: Path | None) -> Answer:
    """Say what to order today of every article in every depot, and why.

    From the newest forecast of demand (`sda flow run plan` makes one), the stock, and the lead times of past
    orders. The rows are kept in forecasts.proposals, too.
    """
    from analytics.forecasting.proposals import propose
    from connectors.errors import UsageError
    from pipelines.settings import load_settings

    if output is not None and output.suffix not in _FORMATS:
        raise UsageError(f"«{output.name}»: the output must end in {' or '.join(_FORMATS)}.")
    if output is not None and not output.parent.is_dir():
        raise UsageError(f"The folder {output.parent} for the output does not exist.", "Create it first.")
    if output is not None and output.is_dir():
        raise UsageError(f"{output} is a folder.", "Name a file for the output.")
    settings = load_settings()
    rows = propose(settings, as_of.date() if as_of else None, budget)
    if output is not None:
        _write(rows, output)
    return Answer(rows.to_dicts(), _told(rows, output))


@command.command("backtest")
@click.option("--days", type=click.IntRange(min=1), default=365, show_default=True, help="Days to go back.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The last day; default: stock was counted.")
@answering
def backtest_(days: int, as_of: datetime | None) -> Answer:
    """Take the policy in use and ours through the past, day by day, with the same demand and lead times.

    Ours knows on each day only what was known then. What cannot be served is lost. Both are kept in
    forecasts.policies.
    """
    from analytics.forecasting.backtest import backtest
    from pipelines.settings import load_settings

    rows = backtest(load_settings(), days, as_of.date() if as_of else None, progress).to_dicts()
    ours, in_use = rows
    saved = 1 - ours["total_cost"] / in_use["total_cost"] if in_use["total_cost"] else 0.0
    shown = [{name: row[name] for name in row if name != "made_at"} for row in rows]
    return Answer(rows, f"{table(shown)}\n\nOurs would have cost {abs(saved):.1%} {_more(saved)}.")


def _more(saved: float) -> str:
    return "less" if saved >= 0 else "more"


def _told(rows: "pl.DataFrame", output: Path | None) -> str:
    """A line an order, the most urgent first, and how much of everything there is."""
    import polars as pl

    from dashboards.domains.logistics.plan_words import proposal

    orders = rows.filter(pl.col("quantity") > 0).sort("urgency", descending=True)
    lines = [f"{row['depot_id']}: {proposal(row, row['sku'], 'en')}" for row in orders.iter_rows(named=True)]
    left = rows.filter(pl.col("why") == "budget").height
    lines.append(
        f"{len(orders)} orders for {orders['cost'].sum():,.2f} as of {rows['as_of'][0]}; "
        f"of {len(rows) - len(orders)} articles nothing."
        + (f" The budget keeps {left} from being ordered in full." if left else "")
    )
    return "\n".join(lines) + (f"\nAll rows: {output}" if output else "")


def _write(rows: "pl.DataFrame", output: Path) -> None:
    from dashboards.reports.sheets import csv_bytes

    if output.suffix == ".csv":
        output.write_bytes(csv_bytes(rows))
    else:
        from xlsxwriter import Workbook

        # Texts stay texts: no formulas, no links made of them.
        with Workbook(output, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            rows.write_excel(book, worksheet="orders", autofit=True)
