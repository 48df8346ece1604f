"""The sample bank: what its customers do, and how likely each loan is to default within twelve months.

How it works underneath. Every customer has a hidden discipline and, now and then, a shock (a lost job, an
illness) in the months before an application. Both shape what the account shows: salaries that fall, spending
above income, direct debits returned. The probability of default follows from the facts of the application,
from what the account really showed, and a little from the discipline itself, which no table holds.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from sample_data.world import (
    END,
    Bools,
    Floats,
    Ints,
    Organisation,
    Texts,
    dates,
    day_number,
    full_names,
    identifiers,
    pick,
    pick_by,
    sigmoid,
    spoken,
    timestamps,
)

CUSTOMERS = 21_400
FIRST_APPLICATION = day_number(date(2022, 5, 2))
LAST_DAY = day_number(END)
NEVER = LAST_DAY + 10_000
MONTHS = 6  # the extract holds the months before each application
SPACING = 215
RATES_TO_EUR = {"EUR": 1.0, "USD": 0.92, "GBP": 1.16, "CHF": 1.04, "CNY": 0.128}
CITIES = (
    "Hamburg",
    "Wien",
    "Rotterdam",
    "上海",
    "杭州",
    "宁波",
    "苏州",
    "青岛",
)  # a bank for trade with China
EMPLOYMENT = ("employed", "self_employed", "unemployed", "retired", "student")
HOUSING = ("own", "mortgage", "rent", "family")
PURPOSES = ("car", "home", "debt_consolidation", "education", "medical", "business", "other")


@dataclass(frozen=True)
class People:
    """What is fixed about each customer; `discipline` is hidden, incomes are EUR a month."""

    customer: Texts
    birth_day: Ints
    since: Ints
    discipline: Floats
    income: Floats
    currency: Texts
    employment: Texts
    housing: Texts
    account: pl.Series


@dataclass(frozen=True)
class Applications:
    """One row per loan application; `who` indexes the customers."""

    who: Ints
    day: Ints
    second: Ints
    shock: Floats
    amount: Floats
    currency: Texts
    term: Ints
    purpose: Texts
    channel: Texts
    employed_months: Ints
    dependants: Ints
    stated_income: Floats


@dataclass(frozen=True)
class Behaviour:
    """What the account showed in the six months before each application (sums in EUR), and the bookings."""

    inflow: Floats
    inflow_late: Floats
    outflow: Floats
    returned: Floats
    bookings: pl.DataFrame


def bank(rng: np.random.Generator, scale: float = 1.0) -> Organisation:
    """The clean tables of the bank and the true default probability of every approved application."""
    count = max(int(CUSTOMERS * scale), 200)
    rates = _exchange_rates(rng)
    customers, people = _customers(rng, count)
    applications = _applications(rng, people)
    behaviour = _behaviour(rng, people, applications)
    loans, defaults, truth = _loans(rng, people, applications, behaviour)
    tables = {
        "customers": customers,
        "accounts": _accounts(rng, people),
        "transactions": _transactions(people, behaviour, rates),
        "loans": loans,
        "defaults": defaults,
        "exchange_rates": rates,
    }
    return Organisation(tables, {"finance.credit_default": truth})


def _exchange_rates(rng: np.random.Generator) -> pl.DataFrame:
    """Rates of every business day since 2021-10: each foreign currency a slow random walk."""
    days = np.arange(day_number(date(2021, 10, 1)), LAST_DAY + 1)
    days = days[(days + 3) % 7 < 5]  # 1970-01-01 was a Thursday
    frames = []
    for currency, level in RATES_TO_EUR.items():
        if currency != "EUR":
            walk = level * np.exp(np.cumsum(rng.normal(0, 0.003, len(days))))
            frames.append(
                pl.DataFrame({"currency": currency, "rate_date": dates(days), "rate": walk.round(5)})
            )
    return pl.concat(frames)


def _customers(rng: np.random.Generator, count: int) -> tuple[pl.DataFrame, People]:
    age = 19 + 56 * rng.beta(1.7, 2.6, count)
    birth = (day_number(date(2024, 7, 1)) - age * 365.25).astype(np.int64)
    discipline = rng.normal(0, 1, count)
    employment = pick_by(rng, EMPLOYMENT, _employment_logits(age, discipline))
    wage = {"employed": 2750, "self_employed": 3100, "unemployed": 1150, "retired": 1750, "student": 950}
    base = np.vectorize(wage.__getitem__)(employment).astype(float)
    income = base * np.exp(
        0.36 * rng.normal(size=count) + 0.06 * discipline + 0.008 * np.minimum(age - 40, 12)
    )
    housing = pick_by(
        rng,
        HOUSING,
        np.column_stack(
            [0.05 * (age - 48), 0.9 - 0.0009 * (age - 42) ** 2, np.full(count, 1.2), 1.6 - 0.09 * (age - 22)]
        ),
    )
    gender = pick(rng, ("female", "male", "other"), count, (0.49, 0.50, 0.01))
    names = full_names(rng, gender)
    town = rng.integers(0, len(CITIES), count)
    since = FIRST_APPLICATION - 190 - rng.integers(0, 4000, count)
    ids = identifiers("C", count, 6)
    people = People(
        customer=ids.to_numpy(),
        birth_day=birth,
        since=since,
        discipline=discipline,
        income=income,
        currency=pick(rng, tuple(RATES_TO_EUR), count, (0.84, 0.05, 0.03, 0.05, 0.03)),
        employment=employment,
        housing=housing,
        account=identifiers("A", count, 7, start=1_000_001),
    )
    frame = pl.DataFrame(
        {
            "customer_id": ids,
            "full_name": [spoken(*name) for name in names],
            "birth_date": dates(birth),
            "gender": gender,
            "marital_status": pick_by(
                rng,
                ("single", "married", "divorced", "widowed"),
                np.column_stack(
                    [2.6 - 0.07 * (age - 20), 0.0 * age + 1.0, 0.015 * age - 0.6, 0.06 * age - 4.2]
                ),
            ),
            "city": np.asarray(CITIES)[town],
            "postal_code": [
                f"{code:05d}" for code in 10_000 + town * 4_000 + rng.integers(0, 90, count) * 10
            ],
            "email": [f"customer{number}@example.com" for number in range(1, count + 1)],
            "phone": [f"+49 30 {number:07d}" for number in 7 * np.arange(count) + 1_230_000],
            "customer_since": dates(since),
        }
    )
    return frame, people


def _employment_logits(age: Floats, discipline: Floats) -> Floats:
    return np.column_stack(
        [
            2.6 - 0.004 * (age - 40) ** 2,
            0.7 - 0.002 * (age - 45) ** 2,
            0.2 - 0.35 * discipline - 0.001 * (age - 35) ** 2,
            0.6 * (age - 63),
            1.8 - 0.5 * (age - 21),
        ]
    )


def _applications(rng: np.random.Generator, people: People) -> Applications:
    """One to four applications a customer, far enough apart for their extracts not to overlap."""
    count = len(people.customer)
    wanted = rng.choice([1, 2, 3, 4], count, p=[0.42, 0.32, 0.18, 0.08])
    who = np.repeat(np.arange(count), wanted)
    day = FIRST_APPLICATION + (rng.random(len(who)) * (LAST_DAY + 1 - FIRST_APPLICATION)).astype(np.int64)
    order = np.lexsort((day, who))
    who, day = who[order], day[order]
    too_soon = np.zeros(len(who), dtype=bool)
    too_soon[1:] = (who[1:] == who[:-1]) & (day[1:] - day[:-1] < SPACING)
    who, day = who[~too_soon], day[~too_soon]
    rows = len(who)
    discipline, income = people.discipline[who], people.income[who]
    shock = np.where(rng.random(rows) < 0.16, 0.4 + rng.gamma(2.0, 0.45, rows), 0.0)
    purpose = pick_by(
        rng,
        PURPOSES,
        np.column_stack(
            [
                np.full(rows, 1.2),
                np.where(np.isin(people.housing[who], ("own", "mortgage")), 1.4, -0.6),
                0.3 - 0.4 * discipline + 0.5 * shock,
                np.where(people.employment[who] == "student", 1.5, -0.8),
                -1.0 + 0.4 * shock,
                np.where(people.employment[who] == "self_employed", 1.6, -2.0),
                np.full(rows, 0.6),
            ]
        ),
    )
    term = np.asarray([12, 24, 36, 48, 60, 72, 84])[
        np.argmax(rng.gumbel(size=(rows, 7)) + np.array([0.2, 0.8, 1.2, 1.1, 1.0, 0.3, 0.2]), axis=1)
    ]
    appetite = np.exp(0.55 * rng.normal(size=rows) + 0.12 * shock - 0.05 * discipline)
    amount = np.clip(0.13 * income * term * appetite, 800, 75_000)
    return Applications(
        who=who,
        day=day,
        second=day * 86_400 + rng.integers(8 * 60, 21 * 60, rows) * 60,
        shock=shock,
        amount=(amount / 100).round() * 100,
        currency=np.where(rng.random(rows) < 0.6, "EUR", people.currency[who]),
        term=term,
        purpose=purpose,
        channel=pick(rng, ("branch", "online", "broker"), rows, (0.35, 0.5, 0.15)),
        employed_months=np.where(
            people.employment[who] == "unemployed",
            0,
            np.minimum(rng.gamma(1.3, 42 * np.exp(0.25 * discipline), rows), 420),
        ).astype(np.int64),
        dependants=np.minimum(rng.poisson(0.8, rows), 6),
        stated_income=(income * np.exp(rng.normal(0.04, 0.08, rows)) / 10).round() * 10,
    )


def _behaviour(rng: np.random.Generator, people: People, applications: Applications) -> Behaviour:
    """Books the six months before every application and adds them up."""
    who, shape = applications.who, (len(applications.who), MONTHS)
    month = np.arange(MONTHS) - MONTHS  # -6 to -1
    income, discipline = people.income[who][:, None], people.discipline[who][:, None]
    shock = applications.shock[:, None]
    steady = np.isin(people.employment[who], ("retired", "unemployed"))[:, None]
    lean = ~steady & (rng.random(shape) < 0.04 + 0.05 * shock)
    salary = income * np.exp(rng.normal(0, 0.05, shape)) * np.where(lean, 0.55, 1.0)
    salary *= np.where(month >= -3, np.exp(-0.38 * shock), 1.0)
    strain = -0.13 - 0.14 * discipline + 0.10 * shock + rng.normal(0, 0.09, (shape[0], 1))
    spending = income * np.exp(strain + rng.normal(0, 0.10, shape))
    withdraws = rng.random(shape) < 0.22 + 0.05 * shock
    bounced = rng.random(shape) < sigmoid(-2.6 - 0.85 * discipline + 0.95 * shock)
    amounts = {
        "salary": salary.round(),
        "card": -0.55 * spending,
        "direct_debit": np.where(month % 2 == 0, -(0.8 * spending).round(), 0.0),
        "cash": np.where(withdraws, -(0.025 * spending + 1).round() * 10, 0.0),
        "returned_debit": np.where(bounced, (0.15 * spending + 1).round(), 0.0),
        "fee": np.where(bounced, -9.5, 0.0),
    }
    start = applications.day[:, None] + month * 30
    leaving = amounts["card"] + amounts["direct_debit"] + amounts["cash"] + amounts["fee"]
    return Behaviour(
        inflow=salary.sum(axis=1),
        inflow_late=salary[:, month >= -3].sum(axis=1),
        outflow=-leaving.sum(axis=1),
        returned=bounced.sum(axis=1).astype(float),
        bookings=pl.concat([_booked(rng, who, start, kind, amount) for kind, amount in amounts.items()]),
    )


def _booked(rng: np.random.Generator, who: Ints, start: Ints, kind: str, amount: Floats) -> pl.DataFrame:
    """The bookings of one kind: `who, day, kind, eur`, one for every amount that is not zero."""
    row, month = np.nonzero(amount)
    regular = {"salary": 26, "card": 3}.get(kind)  # booked on about the same day every month
    offset = rng.integers(0, 28, len(row)) if regular is None else regular + rng.integers(0, 2, len(row))
    return pl.DataFrame(
        {"who": who[row], "day": start[row, month] + offset, "kind": kind, "eur": amount[row, month]},
        schema_overrides={"day": pl.Int32},
    )


def _transactions(people: People, behaviour: Behaviour, rates: pl.DataFrame) -> pl.DataFrame:
    """The bookings in the currency of their account, at the last rate known on the day."""
    who = behaviour.bookings["who"]
    return (
        behaviour.bookings.with_columns(
            account_id=people.account.gather(who),
            currency=pl.Series(people.currency).gather(who),
            rate_date=pl.col("day").cast(pl.Date),
        )
        .filter(pl.col("rate_date") <= END)
        .sort("rate_date")
        .join_asof(rates.sort("rate_date"), on="rate_date", by="currency", check_sortedness=False)
        .with_columns(pl.col("rate").fill_null(1.0))
        .sort("account_id", "rate_date", "kind")
        .select(
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("transaction_id"),
            "account_id",
            pl.col("rate_date").cast(pl.Datetime("us")).alias("booked_at"),
            (pl.col("eur") / pl.col("rate")).round(2).alias("amount"),
            "currency",
            "kind",
        )
    )


def _accounts(rng: np.random.Generator, people: People) -> pl.DataFrame:
    """A current account for everyone; a card or savings account for some."""
    count = len(people.since)
    current = pl.DataFrame(
        {
            "account_id": people.account,
            "customer_id": people.customer,
            "kind": "current",
            "currency": people.currency,
            "opened_on": dates(people.since),
            "credit_limit": (people.income * 0.8 / 100).round() * 100,
        }
    )
    more = np.flatnonzero(rng.random(count) < 0.22)
    further = pl.DataFrame(
        {
            "account_id": identifiers("A", len(more), 7, start=5_000_001),
            "customer_id": people.customer[more],
            "kind": pick(rng, ("savings", "card"), len(more)),
            "currency": people.currency[more],
            "opened_on": dates(people.since[more] + 30),
            "credit_limit": np.zeros(len(more)),
        }
    )
    return pl.concat([current, further])


def _burden(amount: Floats, term: Ints, monthly_inflow: Floats) -> Floats:
    """The monthly payment at 7 % a year as a share of what really comes in."""
    rate = 0.07 / 12
    payment = amount * rate / (1 - (1 + rate) ** -term.astype(float))
    burden: Floats = payment / np.maximum(monthly_inflow, 100.0)
    return burden


def _risk(people: People, applications: Applications, behaviour: Behaviour) -> Floats:
    """The logit of default within twelve months, before what earlier loans add."""
    who = applications.who
    age = (applications.day - people.birth_day[who]) / 365.25
    burden = _burden(applications.amount, applications.term, behaviour.inflow / MONTHS)
    fall = behaviour.inflow_late / np.maximum(behaviour.inflow - behaviour.inflow_late, 1.0)
    use = behaviour.outflow / np.maximum(behaviour.inflow, 1.0)
    employment = people.employment[who]
    unsteady = np.isin(employment, ("unemployed", "student"))
    logit: Floats = (
        -4.2
        + 4.0 * np.clip(burden - 0.08, 0, 0.45)
        + 3.0 * np.clip(burden - 0.22, 0, 0.3) * unsteady
        + 0.42 * np.minimum(behaviour.returned, 4)
        + 1.7 * np.clip(0.97 - fall, 0, 0.6)
        + 1.4 * np.clip(use - 0.85, -0.2, 0.6)
        + 0.5 * unsteady
        + 0.25 * (employment == "self_employed")
        + 0.75 * np.exp(-applications.employed_months / 14) * ~unsteady
        + 0.045 * np.clip(30 - age, 0, 12)
        + 0.30 * (people.housing[who] == "rent")
        + 0.40 * (applications.purpose == "debt_consolidation")
        + 0.30 * (applications.channel == "broker")
        - 0.15 * people.discipline[who]
    )
    return logit


def _ordinal(who: Ints) -> Ints:
    """How many earlier applications each row's customer has; rows are sorted by customer and day."""
    rows = np.arange(len(who))
    starts = np.where(np.r_[True, who[1:] != who[:-1]], rows, 0)
    return rows - np.maximum.accumulate(starts)


def _fates(rng: np.random.Generator, applications: Applications, risk: Floats) -> tuple[Floats, Bools, Ints]:
    """Decides and follows every application in the order of time: `probability, approved, default_day`.

    An earlier default that is known by then weighs heavily and rarely gets a loan again; loans that went well
    speak for the customer.
    """
    day, rows, ordinal = applications.day, len(risk), _ordinal(applications.who)
    probability, approved = np.zeros(rows), np.zeros(rows, dtype=bool)
    default_day = np.full(rows, NEVER)
    for step in range(int(ordinal.max()) + 1):
        now = np.flatnonzero(ordinal == step)
        defaulted = np.zeros(len(now), dtype=bool)
        went_well = np.zeros(len(now))
        for back in range(1, step + 1):
            defaulted |= default_day[now - back] < day[now]
            went_well += approved[now - back] & (default_day[now - back] >= day[now])
        probability[now] = sigmoid(risk[now] + 1.1 * defaulted - 0.25 * went_well)
        approved[now] = rng.random(len(now)) > np.where(defaulted, 0.6, 0.045)
        default_day[now] = _default_days(rng, day[now], probability[now], approved[now])
    return probability, approved, default_day


def _loans(
    rng: np.random.Generator, people: People, applications: Applications, behaviour: Behaviour
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """What the bank wrote down of every application, and the truth: `loans, defaults, truth`."""
    who, day = applications.who, applications.day
    rows = len(who)
    risk = _risk(people, applications, behaviour)
    probability, approved, default_day = _fates(rng, applications, risk)
    happened = default_day <= LAST_DAY
    ids = identifiers("L", rows, 6).gather(np.argsort(np.argsort(applications.second)))
    premium = 2.2 * sigmoid(risk + rng.normal(0, 1.5, rows) + 2.2)
    second = applications.second
    loans = pl.DataFrame(
        {
            "loan_id": ids,
            "customer_id": people.customer[who],
            "applied_at": timestamps(second),
            "decided_on": dates(day + rng.integers(0, 8, rows)),
            "decision": np.where(approved, "approved", "declined"),
            "amount": _in_currency(applications.amount, applications.currency),
            "currency": applications.currency,
            "term_months": applications.term,
            "interest_rate": (4.4 + 3.0 * premium + 0.01 * applications.term).round(1),
            "purpose": applications.purpose,
            "stated_income": applications.stated_income,
            "employment": people.employment[who],
            "employed_months": applications.employed_months,
            "housing": people.housing[who],
            "dependants": applications.dependants,
            "channel": applications.channel,
        }
    ).sort("applied_at", "loan_id")
    undecided = pl.col("decided_on") > END
    loans = loans.with_columns(
        decision=pl.when(undecided).then(None).otherwise("decision"),
        decided_on=pl.when(undecided).then(None).otherwise("decided_on"),
    )
    defaults = pl.DataFrame(
        {
            "loan_id": ids,
            "customer_id": people.customer[who],
            "defaulted_on": dates(default_day),
            "outstanding": (_in_currency(applications.amount, applications.currency) * 0.82).round(2),
            "currency": applications.currency,
        }
    ).filter(happened)
    truth = pl.DataFrame(
        {"entity_id": ids, "as_of": timestamps(second), "probability": probability.astype(np.float32)}
    ).filter(approved)
    return loans, defaults.sort("defaulted_on", "loan_id"), truth.sort("as_of", "entity_id")


def _in_currency(eur: Floats, currency: Texts) -> Floats:
    """Loan amounts are quoted in round hundreds of their currency."""
    rate = np.vectorize(RATES_TO_EUR.__getitem__)(currency)
    amount: Floats = np.maximum((eur / rate / 100).round(), 5) * 100
    return amount


def _default_days(rng: np.random.Generator, day: Ints, probability: Floats, approved: Bools) -> Ints:
    """When each loan defaults: with its probability in days 91 to 365, later for a few, else never."""
    rows = len(day)
    within = rng.random(rows) < probability
    later = rng.random(rows) < 0.35 * probability
    soon = day + 91 + (274 * rng.beta(1.3, 1.1, rows)).astype(np.int64)
    late = day + 366 + rng.integers(0, 500, rows)
    fate = np.where(within, soon, np.where(later, late, NEVER))
    return np.where(approved, fate, NEVER)
