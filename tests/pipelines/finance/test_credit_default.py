"""The bank's features, counted once more by other means."""

import polars as pl
import pytest

from pipelines.finance.contracts import REPORTING_CURRENCY
from pipelines.queries import literal, read_sql
from tests.sample_data.lake import features, lake, population, sample, task_of


@pytest.fixture(scope="module")
def cases() -> pl.DataFrame:
    return population(lake("finance"), task_of("finance")).sample(1500, seed=5).sort("entity_id", "as_of")


@pytest.fixture(scope="module")
def found(cases: pl.DataFrame) -> pl.DataFrame:
    return features(lake("finance"), task_of("finance"), cases)


def in_euro() -> pl.DataFrame:
    """Every transaction in EUR at the last rate of its day or before, by Polars."""
    tables = sample("finance").tables
    return (
        tables["transactions"]
        .with_columns(rate_date=pl.col("booked_at").dt.date())
        .sort("rate_date")
        .join_asof(
            tables["exchange_rates"].sort("rate_date"), on="rate_date", by="currency", check_sortedness=False
        )
        .with_columns(eur=pl.col("amount") * pl.col("rate").fill_null(1.0))
    )


def half_year_before(cases: pl.DataFrame) -> pl.DataFrame:
    tables = sample("finance").tables
    applied = cases.join(
        tables["loans"].select("loan_id", "customer_id"), left_on="entity_id", right_on="loan_id"
    )
    booked = in_euro().join(tables["accounts"].select("account_id", "customer_id"), on="account_id")
    age = pl.col("as_of").dt.date() - pl.col("booked_at").dt.date()
    return applied.join(booked, on="customer_id").filter(
        pl.col("booked_at") <= pl.col("as_of"), age <= pl.duration(days=180)
    )


def test_income_spending_and_returned_debits_of_the_half_year(
    cases: pl.DataFrame, found: pl.DataFrame
) -> None:
    eur, kind = pl.col("eur"), pl.col("kind")
    counted = (
        half_year_before(cases)
        .group_by("entity_id")
        .agg(
            income=eur.filter(kind == "salary").sum() / 6,
            spent=-eur.filter(eur < 0).sum(),
            returned=(kind == "returned_debit").sum(),
            bookings=pl.len(),
        )
    )
    both = found.join(counted, on="entity_id", how="left")
    assert (both["monthly_income"] - both["income"]).abs().max() < 0.01
    share = both["spent"] / (both["income"] * 6)
    assert (both["spending_to_income"] - share).abs().max() < 1e-6
    assert both["returned_debits"].to_list() == both["returned"].to_list()
    assert both["bookings"].to_list() == both["bookings_right"].to_list()


def test_monthly_payment_is_that_of_an_annuity(found: pl.DataFrame) -> None:
    """The payments of a loan, discounted at its rate, are worth what was lent."""
    row = found.filter(pl.col("term_months") == 24).row(0, named=True)
    payment = row["payment_to_income"] * row["monthly_income"]
    rate = row["interest_rate"] / 1200
    worth = sum(payment / (1 + rate) ** month for month in range(1, 25))
    assert worth == pytest.approx(row["amount_eur"], rel=1e-9)


def test_earlier_defaults_count_only_those_before_the_application(
    cases: pl.DataFrame, found: pl.DataFrame
) -> None:
    tables = sample("finance").tables
    customer = dict(tables["loans"].select("loan_id", "customer_id").iter_rows())
    known: dict[str, list[object]] = {}
    for loan, day in tables["defaults"].select("loan_id", "defaulted_on").iter_rows():
        known.setdefault(customer[loan], []).append(day)
    expected = [
        sum(day < as_of.date() for day in known.get(customer[loan], []))
        for loan, as_of in cases.select("entity_id", "as_of").iter_rows()
    ]
    assert found["earlier_defaults"].to_list() == expected
    assert sum(expected) > 0


def test_a_transaction_on_a_sunday_takes_the_rate_of_friday() -> None:
    connection = lake("finance")
    connection.execute("BEGIN")
    connection.execute("DELETE FROM finance.transactions")
    connection.execute("DELETE FROM finance.exchange_rates")
    connection.execute(
        "INSERT INTO finance.exchange_rates VALUES ('USD', '2025-03-06', 0.5), ('USD', '2025-03-07', 0.9),"
        " ('USD', '2025-03-10', 0.7)"
    )
    connection.execute(
        "INSERT INTO finance.transactions VALUES"
        " (1, 'A', '2025-03-09 10:00', 100, 'USD', 'salary'),"
        " (2, 'A', '2025-03-09 10:00', 100, 'EUR', 'salary'),"
        " (3, 'A', '2025-03-01 10:00', 100, 'USD', 'salary')"
    )
    sql = read_sql("finance", "reporting_currency", reporting=literal(REPORTING_CURRENCY))
    amounts = dict(connection.execute(f"SELECT transaction_id, amount FROM ({sql})").fetchall())
    connection.execute("ROLLBACK")
    assert amounts == {1: pytest.approx(90.0), 2: pytest.approx(100.0), 3: None}


def test_declined_applications_are_no_cases(cases: pl.DataFrame) -> None:
    declined = sample("finance").tables["loans"].filter(pl.col("decision") == "declined")["loan_id"]
    everyone = population(lake("finance"), task_of("finance"))
    assert len(declined) > 100
    assert not everyone["entity_id"].is_in(declined.implode()).any()
