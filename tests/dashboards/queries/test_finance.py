"""Vintages, roll rates, promises, losses and prices against loops over single loans and prices."""

from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest
from dateutil.relativedelta import relativedelta

from analytics.catalog import shipped_tasks
from dashboards.queries.finance_bands import settled_by_band
from dashboards.queries.finance_loss import exposure_by, loss_by
from dashboards.queries.finance_rolls import BUCKETS, matrix, moves, rolled_forward
from dashboards.queries.finance_vintages import vintages
from dashboards.queries.market import days_with_a_price, instruments, prices
from dashboards.queries.reading import Read, reader
from pipelines.contract import DUCKDB_TYPES
from pipelines.finance.contracts import CONTRACTS
from pipelines.warehouse import quoted

UNTIL = date(2026, 6, 20)
TASK = shipped_tasks()["finance.credit_default"]
Rows = list[dict[str, Any]]


def lake(scores: Rows | None = None, **tables: Rows) -> Read:
    """The tables of the bank that are given, and the predictions, in memory."""
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA finance; CREATE SCHEMA predictions")
    for contract in CONTRACTS:
        name = contract.table.split(".")[1]
        if name not in tables:
            continue
        columns = ", ".join(f"{quoted(each.name)} {DUCKDB_TYPES[each.type]}" for each in contract.columns)
        connection.execute(f"CREATE TABLE {quoted(contract.table)} ({columns})")
        if tables[name]:
            connection.register("given", pl.DataFrame(tables[name], infer_schema_length=None).to_arrow())
            connection.execute(f"INSERT INTO {quoted(contract.table)} BY NAME SELECT * FROM given")
    if scores:
        connection.register("given", pl.DataFrame(scores).cast({"expected_loss": pl.Float64}).to_arrow())
        connection.execute(f"CREATE TABLE {TASK.predictions_table} AS SELECT * FROM given")
    return reader(connection)


@pytest.fixture(scope="module")
def book() -> dict[str, Rows]:
    """Loans of two years with every fate: paid, late, in default, behind beyond the end of the term."""
    rng = np.random.default_rng(11)
    loans, defaults, arrears = [], [], []
    for number in range(260):
        began = date(2024, 5, 28) + timedelta(days=int(rng.integers(0, 760)))
        decided = began if number % 9 else None
        term = int(rng.integers(3, 30))
        decision = "declined" if number % 13 == 0 else "approved"
        loan = {"loan_id": f"L{number}", "applied_at": datetime.combine(began, datetime.min.time())}
        loans.append(loan | {"decided_on": decided, "decision": decision, "term_months": term})
        if rng.random() < 0.3 and decision == "approved":
            at = began + timedelta(days=int(rng.integers(-2, 500)))
            defaults.append({"loan_id": f"L{number}", "customer_id": "C", "defaulted_on": at})
        for month in range(int(rng.integers(0, 4))):
            end = began + relativedelta(months=int(rng.integers(0, term + 3)) + month, day=31)
            key = {"loan_id": f"L{number}", "month_end": end}
            if all(each["month_end"] != end or each["loan_id"] != key["loan_id"] for each in arrears):
                arrears.append(key | {"days_past_due": int(rng.choice([0, 1, 29, 30, 59, 60, 89, 90, 200]))})
    return {"loans": loans, "defaults": defaults, "arrears": arrears}


def granted(book: dict[str, Rows]) -> list[tuple[date, date | None, int, str]]:
    """`began, default known by UNTIL, term, loan_id` of the loans granted by UNTIL."""
    fell = {each["loan_id"]: each["defaulted_on"] for each in book["defaults"]}
    found = []
    for loan in book["loans"]:
        began = loan["decided_on"] or loan["applied_at"].date()
        if loan["decision"] == "approved" and began <= UNTIL:
            at = fell.get(loan["loan_id"])
            known = at if at and at <= UNTIL else None
            found.append((began, known, loan["term_months"], loan["loan_id"]))
    return found


@pytest.mark.parametrize("grain", ["month", "quarter", "year"])
def test_vintages_are_those_of_a_loop_over_loans(book: dict[str, Rows], grain: Any) -> None:
    def cohort(day: date) -> date:
        first = {"month": day.month, "quarter": 3 * ((day.month - 1) // 3) + 1, "year": 1}[grain]
        return day.replace(month=first, day=1)

    expected = []
    loans = granted(book)
    for name in sorted({cohort(began) for began, *_ in loans}):
        own = [(began, fell) for began, fell, *_ in loans if cohort(began) == name]
        months = 1
        while all(began + relativedelta(months=months) <= UNTIL for began, _ in own):
            fallen = sum(
                1 for began, fell in own if fell and max(fell, began) < began + relativedelta(months=months)
            )
            expected.append((name, len(own), months, fallen, fallen / len(own)))
            months += 1
    found = vintages(lake(**book), UNTIL, grain)
    assert found.rows() == expected


def test_vintages_are_empty_before_the_first_month() -> None:
    assert vintages(lake(loans=[], defaults=[]), UNTIL, "month").is_empty()


def state_of(loan: tuple[date, date | None, int, str], end: date, behind: dict[tuple[str, date], int]) -> str:
    """Where a loan stands at the end of a month."""
    began, fell, term, name = loan
    if began > end:
        return "not yet"
    if fell and fell <= end:
        return "default"
    still = any(each == name and month >= end for (each, month), days in behind.items() if days)
    matured = began + relativedelta(months=term) <= end
    if not fell and matured and not still:
        return "paid"
    days = behind.get((name, end), 0)
    return next(b for b, most in zip(BUCKETS, (0, 29, 59, 89, 10**9), strict=True) if days <= most)


def test_moves_are_those_of_a_loop_over_loans_and_months(book: dict[str, Rows]) -> None:
    behind = {
        (each["loan_id"], each["month_end"]): each["days_past_due"]
        for each in book["arrears"]
        if each["month_end"] <= UNTIL and each["days_past_due"]
    }
    first, last = min(end for _, end in behind), max(end for _, end in behind)
    counted: dict[tuple[date, str, str], int] = {}
    end = first
    while end < last:
        later = end + relativedelta(months=1, day=31)
        for loan in granted(book):
            state = state_of(loan, end, behind)
            if state in BUCKETS:
                move = (end.replace(day=1), state, state_of(loan, later, behind))
                counted[move] = counted.get(move, 0) + 1
        end = later
    found = moves(lake(**book), UNTIL)
    assert {row[:3]: row[3] for row in found.iter_rows()} == counted
    assert {"paid", "default", *BUCKETS} == {*found["next"]}


def test_every_row_of_the_matrix_sums_to_one_and_unseen_states_have_none(book: dict[str, Rows]) -> None:
    moved = moves(lake(**book), UNTIL)
    table = matrix(moved)
    sums = table.group_by("state").agg(pl.sum("share"), pl.sum("loans"))
    assert sums["share"].to_list() == pytest.approx([1.0] * len(BUCKETS))
    assert table["loans"].sum() == moved["loans"].sum()
    some = matrix(moved.filter(pl.col("state") == "current"))
    assert some.filter(pl.col("state") == "90+")["share"].null_count() == len(some) // len(BUCKETS)


def test_rolled_forward_counts_worse_states_only() -> None:
    month = date(2026, 1, 1)
    rows = [("1-29", "current", 6), ("1-29", "1-29", 1), ("1-29", "30-59", 2), ("1-29", "default", 1)]
    rows += [("1-29", "paid", 2), ("90+", "default", 3), ("90+", "60-89", 1)]
    moved = pl.DataFrame(
        [(month, *row) for row in rows], schema=["month", "state", "next", "loans"], orient="row"
    )
    assert rolled_forward(moved).rows() == [(month, "1-29", 12, 3, 0.25), (month, "90+", 4, 3, 0.75)]


def test_without_arrears_nothing_moves(book: dict[str, Rows]) -> None:
    assert moves(lake(loans=book["loans"], defaults=book["defaults"]), UNTIL).is_empty()
    assert moves(lake(**book | {"arrears": []}), UNTIL).is_empty()


def said(entity_id: str, as_of: datetime, score: float, band: str = "low", late: int = 0) -> dict[str, Any]:
    """A prediction as scoring writes it, `late` days after its day, without a loss of its own."""
    return {
        "entity_id": entity_id,
        "as_of": as_of,
        "score": score,
        "band": band,
        "expected_loss": None,
        "scored_at": as_of + timedelta(days=late),
    }


def bank(scores: Rows | None = None) -> Read:
    """Four loans settled by mid-2026, one not; amounts in two currencies."""
    applied = [datetime(2025, 1, 10), datetime(2025, 2, 10), datetime(2025, 3, 10), datetime(2025, 4, 10)]
    loans = [
        {"loan_id": f"L{n}", "customer_id": f"C{n % 3}", "applied_at": at, "decision": "approved",
         "amount": 1000 * (n + 1), "currency": "EUR" if n else "USD", "purpose": ("car", "home")[n % 2]}
        for n, at in enumerate([*applied, datetime(2026, 6, 1)])
    ]  # fmt: skip
    return lake(
        scores,
        loans=loans,
        customers=[
            {"customer_id": f"C{n}", "customer_since": date(2020, 1, 1), "city": "Wien"} for n in range(3)
        ],
        defaults=[{"loan_id": "L1", "customer_id": "C1", "defaulted_on": date(2025, 9, 1)}],
        transactions=[{"transaction_id": 1, "booked_at": datetime(2026, 6, 19)}],
        exchange_rates=[{"currency": "USD", "rate_date": date(2025, 1, 1), "rate": 0.5}],
    )


def test_a_settled_case_counts_once_with_what_was_said_first_and_in_time() -> None:
    scores = [
        said("L0", datetime(2025, 1, 10), 0.99, "very high", late=500),  # made up when all was over
        said("L0", datetime(2025, 1, 11), 0.02, late=3),
        said("L1", datetime(2025, 2, 11), 0.40, "very high"),
        said("L1", datetime(2025, 3, 11), 0.90),  # said later
        said("L2", datetime(2025, 3, 12), 0.04),
        said("L3", datetime(2025, 9, 10), 0.99, "very high"),  # half of its year was over
        said("L3", datetime(2025, 6, 10), 0.99, "very high", late=60),  # as of then, but said as late
        said("L4", datetime(2026, 6, 2), 0.50, "very high"),  # not settled
    ]
    read = bank(scores)
    found = settled_by_band(read, TASK, datetime(2026, 6, 19))
    assert found["band"].to_list() == [band.name for band in TASK.bands]
    assert found["cases"].to_list() == [2, 0, 0, 1]
    assert found["defaults"].to_list() == [0, 0, 0, 1]
    assert found["predicted"][0] == pytest.approx(0.03)
    on_day = settled_by_band(read, TASK, datetime(2026, 2, 10))  # the first two had run a year by then
    assert on_day.select("cases", "defaults").rows() == [(1, 0), (0, 0), (0, 0), (1, 1)]
    assert settled_by_band(read, TASK, datetime(2026, 2, 9))["cases"].sum() == 1
    assert settled_by_band(bank(), TASK, datetime(2026, 6, 19)).is_empty()


def test_losses_and_exposures_add_up_in_the_reporting_currency() -> None:
    moment = datetime(2025, 5, 1)
    read = bank([said(f"L{n}", moment, 0.1 * (n + 1)) for n in range(4)])
    share = TASK.exposure.share if TASK.exposure else 1
    exposures = [500, 2000, 3000, 4000]  # the first loan is of 1,000 USD
    losses = [0.1 * (n + 1) * share * each for n, each in enumerate(exposures)]
    found = loss_by(read, TASK, moment, "purpose")
    assert found["value"].to_list() == ["home", "car"]
    assert found["expected_loss"].to_list() == pytest.approx([losses[1] + losses[3], losses[0] + losses[2]])
    assert found["rate"][0] == pytest.approx((losses[1] + losses[3]) / 6000)
    by_customer = exposure_by(read, TASK, moment, "customer_id")
    assert by_customer.rows() == [("C0", 4500.0), ("C2", 3000.0), ("C1", 2000.0)]
    assert exposure_by(read, TASK, moment, "city").rows() == [("Wien", 9500.0)]


def priced(**more: Any) -> dict[str, Any]:
    return {"instrument": "A", "day": date(2026, 1, 5), "close": 10.0, "currency": "EUR"} | more


def test_prices_are_told_in_the_reporting_currency_at_the_last_rate_known() -> None:
    rows = [
        priced(adjusted_close=5.0),
        priced(day=date(2026, 1, 6), close=40.0, adjusted_close=20.0),
        priced(day=date(2026, 1, 7), close=41.0),  # from 20 to 41 nobody gained anything
        priced(instrument="B", currency="USD"),
        priced(instrument="B", currency="USD", day=date(2026, 1, 3)),  # before the first rate
        priced(instrument="C", currency="XXX"),
    ]
    rate = {"currency": "USD", "rate_date": date(2026, 1, 4), "rate": 0.5}
    read = lake(prices=rows, exchange_rates=[rate])
    assert prices(read, ["B", "A"], None).rows() == [
        (date(2026, 1, 5), "A", 5.0),
        (date(2026, 1, 6), "A", 20.0),
        (date(2026, 1, 5), "B", 5.0),
    ]
    assert prices(read, ["A"], date(2026, 1, 6))["price"].to_list() == [20.0]
    assert days_with_a_price(read, ["A", "B", "C"], None) == {"A": 2, "B": 1}
    known = instruments(read)
    assert known.select("instrument", "days", "converted").rows() == [
        ("A", 3, True),
        ("B", 2, True),
        ("C", 1, False),
    ]
    alone = lake(prices=rows)
    assert instruments(alone)["converted"].to_list() == [True, False, False]
    assert instruments(lake(exchange_rates=[rate])).is_empty()
