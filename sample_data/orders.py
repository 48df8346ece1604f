"""The stops of the day to plan: what the customers of two depots ordered for Monday, and the plan in use.

That plan is the dispatcher's: slices of the map, driven to the next nearest, with an eye on equipment and
none on hours. A few orders ask for what nobody can do: a window in the night, a weight above every van, a
crane; and some are optional and far away.
"""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from sample_data.streets import Addresses, City, dispatched, to_the_nearest
from sample_data.world import (
    Bools,
    Ints,
    Texts,
    day_number,
    full_names,
    identifiers,
    pick,
    spoken,
    timestamps,
)

DAY = date(2026, 11, 2)  # a Monday
STOPS = 110  # of each depot
PICKUPS, PAIRS, OPTIONAL = 6, 3, 6
KG = {"home": 16.0, "shop": 110.0, "office": 45.0, "site": 220.0}
MINUTES = {"home": 4.0, "shop": 7.0, "office": 5.0, "site": 9.0}
# Local hours by kind of place; a shop closes over noon, so it has two.
WINDOWS = {
    "home": (((8, 12),), ((12, 16),), ((15, 19),)),
    "shop": (((7.5, 10),), ((8, 12), (14, 17.5)), ((9, 12.5), (15, 18))),
    "office": (((9, 12),), ((9, 16.5),), ((13, 17),)),
    "site": (((7, 10),), ((7, 12),), ((7, 15),)),
}
ASKS_FOR_HOURS = {"home": 0.45, "shop": 0.75, "office": 0.6, "site": 0.6}
STREETS = (
    "Lindenweg",
    "Hafenstraße",
    "Via Roma",
    "Marktplatz",
    "Corso Italia",
    "Bahnhofstraße",
    "Via Mazzini",
)


def orders(
    rng: np.random.Generator, cities: Sequence[City], pools: list[Addresses], fleet: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`stops` and `stop_windows` of the day."""
    stops, windows = [], []
    for number, (city, pool) in enumerate(zip(cities, pools, strict=True)):
        ids = identifiers("N", STOPS, 5, start=1 + number * 1_000)
        vans = fleet.filter(pl.col("depot_id") == city.depot_id)
        chosen = pool.take(rng.choice(len(pool), STOPS, replace=False))
        frame = _ordered(rng, city, chosen, ids)
        frame, asked = _troubles(frame, _windows(rng, city, frame), city, number)
        stops.append(_assigned(rng, frame, chosen, vans))
        windows.append(asked)
    return pl.concat(stops), pl.concat(windows)


def _ordered(rng: np.random.Generator, city: City, chosen: Addresses, ids: pl.Series) -> pl.DataFrame:
    """Deliveries mostly, some pickups for the depot, a few goods brought from one customer to another."""
    count = len(ids)
    names = full_names(rng, pick(rng, ("female", "male"), count))
    mean = np.asarray([KG[place] for place in chosen.place])
    kg = np.maximum((mean * rng.gamma(2.2, 1 / 2.2, count)).round(), 1.0)
    minutes = np.asarray([MINUTES[place] for place in chosen.place]) + (kg / 40).round()
    kind = np.where(np.arange(count) < PICKUPS + PAIRS, "pickup", "delivery")
    source = np.full(count, None, dtype=object)
    source[PICKUPS + PAIRS : PICKUPS + 2 * PAIRS] = ids[PICKUPS : PICKUPS + PAIRS].to_list()
    kg[PICKUPS + PAIRS : PICKUPS + 2 * PAIRS] = kg[PICKUPS : PICKUPS + PAIRS]
    lift = (chosen.place == "site") & (rng.random(count) < 0.5) | (kg > 250)
    cold = (chosen.place == "shop") & (rng.random(count) < 0.25)
    optional = np.arange(count) >= count - OPTIONAL
    ordered = day_number(DAY) * 86_400 - rng.integers(14 * 60, 5 * 24 * 60, count) * 60
    litres = (kg * rng.uniform(4, 9, count)).round()
    litres[PICKUPS + PAIRS : PICKUPS + 2 * PAIRS] = litres[PICKUPS : PICKUPS + PAIRS]
    return pl.DataFrame(
        {
            "stop_id": ids,
            "depot_id": city.depot_id,
            "day": DAY,
            "kind": kind,
            "picked_up_at": pl.Series(list(source), dtype=pl.String),
            "customer": [spoken(*name) for name in names],
            "street": [f"{pick(rng, STREETS, 1)[0]} {rng.integers(1, 120)}" for _ in range(count)],
            "latitude": chosen.latitude,
            "longitude": chosen.longitude,
            "place": chosen.place,
            "parcels": np.maximum((kg / 14).round(), 1).astype(np.int64),
            "kg": kg,
            "litres": litres,
            "service_minutes": minutes,
            "skills": _skills(cold, lift),
            "priority": np.where(chosen.place == "shop", 1, np.where(rng.random(count) < 0.2, 3, 2)),
            "prize": pl.Series(np.where(optional, rng.integers(12, 45, count), np.nan)).fill_nan(None),
            "ordered_at": timestamps(ordered),
        }
    )


def _skills(cold: Bools, lift: Bools) -> pl.Series:
    named = {(True, True): "cold|lift", (True, False): "cold", (False, True): "lift"}
    return pl.Series(
        [named.get((bool(c), bool(g))) for c, g in zip(cold, lift, strict=True)], dtype=pl.String
    )


def _windows(rng: np.random.Generator, city: City, stops: pl.DataFrame) -> pl.DataFrame:
    """The hours some stops ask for: one row for each window."""
    rows = []
    for stop_id, place in stops.select("stop_id", "place").iter_rows():
        if rng.random() < ASKS_FOR_HOURS[place]:
            choice = WINDOWS[place][rng.integers(len(WINDOWS[place]))]
            rows += [(stop_id, *_moments(city, *hours)) for hours in choice]
    return pl.DataFrame(rows, schema=["stop_id", "opens_at", "closes_at"], orient="row")


def _moments(city: City, opens: float, closes: float) -> tuple[datetime, datetime]:
    """Local hours of the day as naive UTC."""
    midnight = datetime.combine(DAY, datetime.min.time(), ZoneInfo(city.timezone))
    utc = midnight.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
    seconds = timestamps(np.asarray([opens, closes]) * 3_600) - timestamps(np.zeros(1))[0]
    first, last = (utc + each for each in seconds)
    return first, last


def _troubles(
    stops: pl.DataFrame, windows: pl.DataFrame, city: City, number: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Orders that cannot be served, each for a reason of its own; the second city has half of them."""
    base = PICKUPS + 2 * PAIRS
    ids = stops["stop_id"]
    night, heavy, crane, far = (ids[base + step] for step in range(4))
    changes = {heavy: {"kg": 2_400.0, "litres": 9_000.0}}
    if number == 0:
        changes |= {
            crane: {"skills": "crane"},
            far: {"prize": 2.0, "latitude": city.latitude + 0.38, "longitude": city.longitude + 0.45},
        }
        windows = pl.concat(
            [
                windows.filter(pl.col("stop_id") != night),
                pl.DataFrame([(night, *_moments(city, 2, 4))], schema=windows.schema, orient="row"),
            ]
        ).sort("stop_id", "opens_at")
    for stop_id, values in changes.items():
        of_stop = pl.col("stop_id") == stop_id
        stops = stops.with_columns(
            pl.when(of_stop).then(pl.lit(value)).otherwise(name).alias(name) for name, value in values.items()
        )
    return stops, windows


def _assigned(
    rng: np.random.Generator, stops: pl.DataFrame, chosen: Addresses, vans: pl.DataFrame
) -> pl.DataFrame:
    """The plan in use; what no van can take or nobody equips is on no van."""
    owned = [set((text or "").split("|")) - {""} for text in vans["skills"]]
    needs = [set((text or "").split("|")) - {""} for text in stops["skills"]]
    kg, most = stops["kg"].to_numpy(), float(vans["capacity_kg"].max())  # type: ignore[arg-type]
    able = np.asarray(
        [weight <= most and any(need <= own for own in owned) for weight, need in zip(kg, needs, strict=True)]
    )
    left = np.flatnonzero(able)
    slices = dispatched(rng, chosen.take(left), len(vans))
    van = np.full(len(stops), -1)
    for number, part in enumerate(slices):
        van[left[part]] = number
    for stop in left:  # to the next van with the equipment
        if not needs[stop] <= owned[van[stop]]:
            van[stop] = min(
                (v for v, own in enumerate(owned) if needs[stop] <= own),
                key=lambda other: (abs(other - van[stop]), other),
            )
    source = {name: row for row, name in enumerate(stops["stop_id"])}
    for row, name in enumerate(stops["picked_up_at"]):
        if name is not None:
            van[row] = van[source[name]]  # the van the goods are on
    position = _positions(stops, chosen, van, source)
    names: Texts = vans["vehicle_id"].to_numpy()
    return stops.with_columns(
        assigned_vehicle=pl.Series([names[v] if v >= 0 else None for v in van], dtype=pl.String),
        assigned_position=pl.Series([int(p) if p else None for p in position], dtype=pl.Int64),
    )


def _positions(stops: pl.DataFrame, chosen: Addresses, van: Ints, source: dict[str, int]) -> Ints:
    """1, 2, … along each van's round; what is brought from another customer comes after it was fetched."""
    position = np.zeros(len(stops), dtype=np.int64)
    brought = stops["picked_up_at"].is_not_null().to_numpy()
    for number in range(int(van.max()) + 1):
        own = np.flatnonzero(van == number)
        order = list(to_the_nearest(chosen, own[~brought[own]])) if len(own) else []
        for stop in own[brought[own]]:
            order.insert(order.index(source[stops["picked_up_at"][int(stop)]]) + 1, stop)
        position[order] = np.arange(1, len(order) + 1)
    return position
