"""The bank's files: exports of different systems, each with its own encoding, delimiter and habits."""

from pathlib import Path

import numpy as np
import polars as pl

from sample_data.files import Dirt, Pen, write_delimited, write_parquet

_DAY_FIRST = "%d.%m.%Y"


def write_bank(tables: dict[str, pl.DataFrame], folder: Path, rng: np.random.Generator, dirt: Dirt) -> None:
    """Writes all files of the bank below `folder`."""
    _customers(Pen("finance.customers", tables["customers"], rng, dirt), folder / "customers.csv.zst")
    _accounts(Pen("finance.accounts", tables["accounts"], rng, dirt), folder / "accounts.csv.zst")
    _transactions(tables["transactions"], folder / "transactions.parquet", rng, dirt)
    _loans(Pen("finance.loans", tables["loans"], rng, dirt), folder / "loans.csv.zst")
    _defaults(Pen("finance.defaults", tables["defaults"], rng, dirt), folder / "defaults.csv.zst")
    _rates(
        Pen("finance.exchange_rates", tables["exchange_rates"], rng, dirt), folder / "exchange_rates.csv.zst"
    )


def _customers(pen: Pen, path: Path) -> None:
    """GB18030, dates in three formats; the broken rows are people without an account."""
    born = pl.col("birth_date").str.to_date()
    pen.rewrite("day-first date", 0.05, "birth_date", born.dt.strftime(_DAY_FIRST))
    plain = pl.col("birth_date").str.contains("^[0-9]{4}-")
    slashed = pl.when(plain).then(pl.col("birth_date").str.replace_all("-", "/")).otherwise("birth_date")
    pen.rewrite("slashed date", 0.04, "birth_date", slashed)
    pen.rewrite("padding", 0.02, "city", pl.format("  {} ", "city"))
    pen.add_broken("required", 14, ["customer_id"], customer_since=None)
    pen.add_broken("type", 12, ["customer_id"], birth_date="31.02.1980")
    pen.add_broken("range", 8, ["customer_id"], birth_date="1080-01-01")
    pen.add_broken("allowed", 10, ["customer_id"], gender="k.A.")
    pen.add_broken("pattern", 9, ["customer_id"], email="at example.com")
    pen.dirt.breaks(pen.table, "unreadable", 1)
    extra = "C999999,Müller,Anna,1980-01-01,female,single,Wien,10000,a@example.com,+49 30 1,2020-01-01\n"
    write_delimited(pen.finished(), path, encoding="gb18030", extra_lines=extra)


def _accounts(pen: Pen, path: Path) -> None:
    """A German system: semicolons, decimal commas, thousands set off by points."""
    grouped = pl.col("credit_limit").str.replace(r"^(\d+)(\d{3})$", "$1.$2") + ",00"
    pen.rewrite("decimal comma", 1.0, "credit_limit", grouped)
    pen.rewrite("day-first date", 1.0, "opened_on", pl.col("opened_on").str.to_date().dt.strftime(_DAY_FIRST))
    pen.add_broken("reference", 15, ["account_id"], customer_id="C999998")
    pen.add_broken("allowed", 10, ["account_id"], currency="XXX")
    pen.add_broken("required", 6, ["account_id"], kind=None)
    write_delimited(pen.finished(), path, separator=";")


def _transactions(clean: pl.DataFrame, path: Path, rng: np.random.Generator, dirt: Dirt) -> None:
    """Typed and columnar, as a data warehouse hands it out; the dirt is in the values."""
    table, last = "finance.transactions", int(clean["transaction_id"].max() or 0)  # type: ignore[arg-type]
    parts = [clean]
    for rule, count, changes in (
        ("reference", 40, {"account_id": pl.lit("A0000000")}),
        ("required", 25, {"amount": pl.lit(None, pl.Float64)}),
        ("range", 20, {"amount": pl.lit(99_999_999.0)}),
        ("allowed", 15, {"currency": pl.lit("BTC")}),
    ):
        rows = clean[np.sort(rng.choice(len(clean), count, replace=False))]
        numbers = pl.int_range(last + 1, last + 1 + count, dtype=pl.Int64)
        parts.append(rows.with_columns(transaction_id=numbers, **changes))
        dirt.breaks(table, rule, count)
        last += count
    again = parts[0][np.sort(rng.choice(len(clean), 60, replace=False))]
    dirt.breaks(table, "unique", len(again))
    parts.append(again)
    cents = pl.col("amount").cast(pl.Decimal(12, 2))
    rows = pl.concat(parts).with_columns(cents, pl.col("booked_at").cast(pl.Datetime("ms")))
    write_parquet(
        rows,
        path,
        repeated=["account_id", "booked_at", "currency", "kind"],
        brotli=["amount"],
        encodings={"transaction_id": "DELTA_BINARY_PACKED", "amount": "PLAIN"},
    )


def _loans(pen: Pen, path: Path) -> None:
    """UTF-8 with a byte order mark, as spreadsheets write it; large amounts with thousands marks."""
    grouped = pl.col("amount").str.replace(r"^(\d+)(\d{3})$", "$1,$2")
    pen.rewrite("thousands mark", 0.02, "amount", grouped)
    to_the_minute = pl.col("applied_at").str.head(16)
    pen.rewrite("no seconds", 1.0, "applied_at", to_the_minute)
    pen.add_broken("range", 20, ["loan_id"], amount="-5000")
    pen.add_broken("range", 10, ["loan_id"], term_months="999")
    pen.add_broken("allowed", 15, ["loan_id"], purpose="holiday?")
    pen.add_broken("type", 12, ["loan_id"], applied_at="yesterday")
    pen.add_broken("required", 10, ["loan_id"], customer_id=None)
    pen.add_broken("reference", 10, ["loan_id"], customer_id="C999998")
    write_delimited(pen.finished(), path, encoding="utf-8-sig")


def _defaults(pen: Pen, path: Path) -> None:
    pen.add_broken("reference", 8, ["loan_id"])
    write_delimited(pen.finished(), path)


def _rates(pen: Pen, path: Path) -> None:
    """The same day twice now and then, and a currency the bank does not keep."""
    pen.add_broken("allowed", 4, [], currency="XDR")
    pen.add_again(5)
    write_delimited(pen.finished(), path)
