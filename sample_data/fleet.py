"""The carrier's own vehicles: the messages they send, and how likely each is to break down in a fortnight.

How it works underneath. What matters is the order and the timing of messages, not how many there are. Oil
pressure that falls within a day before the engine overheats is damage under way; the other way round the
driver stopped and let the engine cool. Undervoltage that returns at ever shorter intervals is an alternator
dying, at ever longer ones a battery recovering. Every such pattern runs forwards or backwards by the toss of
a coin, so that counts, values and the days since the last message say nothing; and the base of each case is
set so that its risk, taken over all tosses, does not rise with the number of patterns. Besides, drivers write
a note now and then, and age and mileage matter a little.
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
    dates,
    day_number,
    identifiers,
    pick,
    sigmoid,
    timestamps,
)

VEHICLES = 420
DAY = 86_400
HOUR = 3_600
TICK = 300  # seconds: a vehicle sends at most one message of a kind in five minutes
FORTNIGHT = 14
WINDOW = 28  # days that the risk looks back
FIRST_DAY = day_number(date(2026, 1, 5))
LAST_DAY = day_number(END)
LANDMARKS = np.arange(day_number(date(2026, 2, 2)), LAST_DAY + 1, FORTNIGHT)  # every second Monday

OIL, HEAT, VOLTAGE, NOTE = "oil_pressure_low", "engine_overheat", "undervoltage", "driver_note"
# Messages in 28 days that mean nothing here: the average number of each.
HARMLESS = {"tyre_pressure_low": 2.2, "adblue_low": 2.0, "door_open": 2.0}
PAIRS, LONE, BURSTS, NOTES = 3.0, 0.8, 1.1, 0.9  # in 28 days, the lone ones for each code
PAIR, STEP, WORRY = 0.65, 0.28, 0.5  # what one of each weighs in the logit of the risk
AVERAGE = 0.17  # the risk over all tosses, before wear
BURST = np.array([18.0, 11.0, 6.5, 4.0])  # hours between the five messages of a burst, or backwards
# Code -> mean, spread and decimals of the value that comes with it.
VALUES = {
    OIL: (1.0, 0.15, 1),
    HEAT: (113.0, 4.0, 0),
    VOLTAGE: (11.4, 0.25, 1),
    "tyre_pressure_low": (6.4, 0.5, 1),
    "adblue_low": (6.0, 2.0, 0),
}
MODELS = ("Brenner 18", "Brenner 26", "Tauern 12", "Karawane 40", "Semmering 7")
WORRYING = (
    "Grinding noise from the gearbox when changing down",
    "White smoke after the start this morning",
    "Engine lost power on the hill and shuddered",
    "Brakes pull to the left and squeal",
    "Burning smell in the cab after ten minutes",
    "Clutch slips under load",
    "Knocking sound from the engine at idle",
    "Oil stain under the truck again",
    "Starter only turned over at the fourth try",
    "Steering heavy and it jerks in bends",
)
REASSURING = (
    "Washed and refuelled, all fine",
    "Drives smoothly since the last service",
    "New wipers fitted, nothing else to report",
    "No complaints, quiet run to the depot",
    "Topped up washer fluid",
    "Cab light bulb replaced",
    "Tyres checked at the depot, all good",
    "Radio does not find a station",
    "Seat cover torn, otherwise fine",
    "Parked in the second row, keys at the desk",
)


@dataclass(frozen=True)
class Fleet:
    """What is fixed about each vehicle; days since 1970."""

    since: Ints
    built: Ints
    km_a_year: Floats
    activity: Floats


def fleet(rng: np.random.Generator, scale: float = 1.0) -> Organisation:
    """Vehicles, their messages and breakdowns, and the true probability of a breakdown at each landmark."""
    count = max(int(VEHICLES * scale), 40)
    owned = _owned(rng, count)
    messages = _messages(rng, owned)
    cases = _cases(owned, messages)
    ids = identifiers("V", count, 4)
    tables = {
        "vehicles": _vehicles(rng, owned, ids),
        "vehicle_events": _events(messages, ids),
        "breakdowns": _breakdowns(rng, cases, ids),
    }
    truth = cases.select(
        entity_id=ids.gather(cases["vehicle"]),
        as_of=pl.from_epoch(pl.col("landmark") * DAY, time_unit="s").cast(pl.Datetime("us")),
        probability=pl.col("probability").cast(pl.Float32),
    )
    return Organisation(tables, {"logistics.vehicle_breakdown": truth})


def _owned(rng: np.random.Generator, count: int) -> Fleet:
    """Most vehicles have run for years; one in eight joins while the messages are being kept."""
    new = rng.random(count) < 0.12
    joined = FIRST_DAY + rng.integers(0, 220, count)
    since = np.where(new, joined, FIRST_DAY - rng.integers(100, 3_300, count))
    return Fleet(
        since=since,
        built=since - rng.integers(10, 90, count),
        km_a_year=np.clip(rng.normal(78_000, 24_000, count), 15_000, 160_000).round(-3),
        activity=np.exp(rng.normal(0, 0.25, count)),
    )


def _messages(rng: np.random.Generator, owned: Fleet) -> pl.DataFrame:
    """Every message: `vehicle, second, code, value, text, worry` (of notes: +1 or -1), in their order."""
    who, second, forwards = _moments(rng, owned, PAIRS)
    apart = rng.uniform(0.7, 20.0, len(who)) * HOUR
    early, late = second - apart / 2, second + apart / 2
    frames = [
        _sent(who, np.where(forwards, early, late), OIL),
        _sent(who, np.where(forwards, late, early), HEAT),
    ]
    who, second, forwards = _moments(rng, owned, BURSTS)
    gaps = BURST * np.exp(rng.normal(0, 0.12, (len(who), len(BURST))))
    gaps = np.where(forwards[:, None], gaps, gaps[:, ::-1]) * HOUR
    steps = np.concatenate([np.zeros((len(who), 1)), np.cumsum(gaps, axis=1)], axis=1)
    frames.append(_sent(np.repeat(who, steps.shape[1]), (second[:, None] + steps).ravel(), VOLTAGE))
    for code, rate in {OIL: LONE, HEAT: LONE, VOLTAGE: LONE, **HARMLESS}.items():
        who, second, _ = _moments(rng, owned, rate)
        frames.append(_sent(who, second, code))
    who, second, worrying = _moments(rng, owned, NOTES)
    words = np.where(worrying, pick(rng, WORRYING, len(who)), pick(rng, REASSURING, len(who)))
    frames.append(
        _sent(who, second, NOTE).with_columns(text=pl.Series(words), worry=pl.Series(worrying * 2.0 - 1.0))
    )
    sent = pl.concat(frames, how="diagonal_relaxed").with_columns(second=pl.col("second") // TICK * TICK)
    start = pl.Series(owned.since).gather(sent["vehicle"])
    since = pl.max_horizontal(pl.lit(FIRST_DAY), "start") * DAY
    kept = (
        sent.with_columns(start=start)
        .filter(pl.col("second").is_between(since, (LAST_DAY + 1) * DAY, closed="left"))
        .unique(["vehicle", "second", "code"], keep="first", maintain_order=True)
        .sort("vehicle", "second", "code")
    )
    return kept.with_columns(value=_values(rng, kept["code"])).drop("start")


def _moments(rng: np.random.Generator, owned: Fleet, rate: float) -> tuple[Ints, Floats, Bools]:
    """Independent moments at `rate` in 28 days: whose, when, and the toss of a coin."""
    days = LAST_DAY + 1 - FIRST_DAY
    who = np.repeat(np.arange(len(owned.since)), rng.poisson(rate * owned.activity * days / WINDOW))
    second = (FIRST_DAY + rng.random(len(who)) * days) * DAY
    return who, second, rng.random(len(who)) < 0.5


def _sent(who: Ints, second: Floats, code: str) -> pl.DataFrame:
    return pl.DataFrame({"vehicle": who, "second": second.astype(np.int64), "code": code})


def _values(rng: np.random.Generator, codes: pl.Series) -> pl.Series:
    """Readings that say nothing about the risk; NaN becomes null where a code carries none."""
    noise, values = rng.normal(size=len(codes)), np.full(len(codes), np.nan)
    for code, (mean, spread, digits) in VALUES.items():
        of_code = (codes == code).to_numpy()
        values[of_code] = (mean + spread * noise[of_code]).round(digits)
    return pl.Series(values).fill_nan(None)


def signs(messages: pl.DataFrame) -> pl.DataFrame:
    """What the risk counts, at the moment it shows: `vehicle, second, pair, step, worry`.

    `pair` is +1 where the engine overheats within a day of low oil pressure, -1 the other way round; `step`
    is +1 where an undervoltage comes sooner after the last than that one after its own, -1 where later, both
    within 30 hours.
    """
    keys = ["vehicle", "second"]
    oil, heat = (messages.filter(pl.col("code") == code).select(keys) for code in (OIL, HEAT))
    pairs = [
        later.join_asof(
            earlier.with_columns(before="second"),
            on="second",
            by="vehicle",
            allow_exact_matches=False,
            tolerance=DAY,
            check_sortedness=False,
        )
        .filter(pl.col("before").is_not_null())
        .select(*keys, pair=pl.lit(sign))
        for earlier, later, sign in (
            (oil.sort("second"), heat.sort("second"), 1),
            (heat.sort("second"), oil.sort("second"), -1),
        )
    ]
    gap = pl.col("second").diff().over("vehicle")
    voltage = messages.filter(pl.col("code") == VOLTAGE).select(*keys, gap=gap)
    steps = voltage.with_columns(last=pl.col("gap").shift(1).over("vehicle")).filter(
        (pl.col("gap") <= 30 * HOUR) & (pl.col("last") <= 30 * HOUR)
    )
    step = steps.select(*keys, step=(pl.col("last") - pl.col("gap")).sign().cast(pl.Int32))
    notes = messages.filter(pl.col("worry").is_not_null()).select(*keys, "worry")
    return pl.concat([*pairs, step, notes], how="diagonal_relaxed").sort(keys)


def _cases(owned: Fleet, messages: pl.DataFrame) -> pl.DataFrame:
    """One row per vehicle and landmark, `probability` and what it follows from."""
    seen = signs(messages)
    frames = []
    for landmark in [int(day) for day in LANDMARKS]:
        window = seen.filter(
            (pl.col("second") > (landmark - WINDOW) * DAY) & (pl.col("second") <= landmark * DAY)
        )
        added = window.group_by("vehicle").agg(
            pair=pl.sum("pair"), pairs=pl.col("pair").abs().sum(),
            step=pl.sum("step"), steps=pl.col("step").abs().sum(),
            worry=pl.sum("worry"),
        )  # fmt: skip
        served: Ints = np.flatnonzero(owned.since + WINDOW <= landmark)
        frames.append(
            pl.DataFrame({"vehicle": served, "landmark": landmark}).join(added, on="vehicle", how="left")
        )
    cases = pl.concat(frames).fill_null(0).sort("landmark", "vehicle")
    vehicle = cases["vehicle"].to_numpy()
    years = (cases["landmark"].to_numpy() - owned.built[vehicle]) / 365.25
    wear = 0.10 * (np.minimum(years, 9) - 4.5) + 0.25 * (years * owned.km_a_year[vehicle] / 1e5 - 3.5) / 3
    logit = (
        _level(cases["pairs"].to_numpy(), cases["steps"].to_numpy())
        + PAIR * np.clip(cases["pair"].to_numpy(), -5, 5)
        + STEP * np.clip(cases["step"].to_numpy(), -9, 9)
        + WORRY * np.clip(cases["worry"].to_numpy(), -2, 2)
        + wear
    )
    return cases.with_columns(probability=pl.Series(sigmoid(logit)))


def _level(pairs: Floats, steps: Floats) -> Floats:
    """The base of the logit that makes the risk over all tosses AVERAGE, by the number of patterns.

    Without it the more patterns the wider the logit, and the wider the logit the higher the average risk.
    """
    spread = PAIR**2 * np.minimum(pairs, 8) + STEP**2 * 3.0 * np.minimum(steps, 12)
    nodes, weights = np.polynomial.hermite_e.hermegauss(21)
    weights = weights / weights.sum()
    low, high = np.full(len(spread), -12.0), np.full(len(spread), 4.0)
    for _ in range(40):
        middle = (low + high) / 2
        risk = sigmoid(middle[:, None] + np.sqrt(spread)[:, None] * nodes) @ weights
        low, high = np.where(risk < AVERAGE, middle, low), np.where(risk < AVERAGE, high, middle)
    return low


def _vehicles(rng: np.random.Generator, owned: Fleet, ids: pl.Series) -> pl.DataFrame:
    count = len(ids)
    return pl.DataFrame(
        {
            "vehicle_id": ids,
            "depot_id": [f"D{number:02d}" for number in rng.integers(1, 7, count)],
            "model": pick(rng, MODELS, count),
            "built_on": dates(owned.built),
            "in_service_on": dates(owned.since),
            "km_a_year": owned.km_a_year.astype(np.int64),
        }
    )


def _events(messages: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    return messages.select(
        event_id=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
        vehicle_id=ids.gather(messages["vehicle"]),
        event_at=pl.from_epoch("second", time_unit="s").cast(pl.Datetime("us")),
        code="code",
        value="value",
        note="text",
    )


def _breakdowns(rng: np.random.Generator, cases: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """Drawn from the probabilities; who overheats is towed more often."""
    probability = cases["probability"].to_numpy()
    second = (cases["landmark"].to_numpy() + rng.uniform(0.05, FORTNIGHT - 0.05, len(cases))) * DAY
    towed = rng.random(len(cases)) < sigmoid(0.2 + 0.4 * cases["pair"].to_numpy())
    cost = np.exp(rng.normal(6.6, 0.7, len(cases)) + 0.4 * towed).round(-1)
    happens = rng.random(len(cases)) < probability
    broken = pl.DataFrame(
        {
            "vehicle_id": ids.gather(cases["vehicle"]),
            "happened_at": timestamps(second.astype(np.int64) // 60 * 60),
            "towed": towed,
            "repair_cost": cost,
        }
    ).filter(pl.Series(happens & (second < (LAST_DAY + 1) * DAY)))
    ordered = broken.sort("happened_at", "vehicle_id")
    return ordered.select(identifiers("B", len(ordered), 5).alias("breakdown_id"), pl.all())
