"""The carrier's delivery rounds: vans of two depots, the trips they drove, how late each stop was reached.

How it works underneath. The office plans with one speed for every street and hour and one time for every kind
of place. In truth the centre is slower than the outskirts and one quarter of each city slower than the rest,
in the rush hours more so; rain slows everything; parcels take time to unload, at some addresses more than at
others; some drivers are quick, and their form wanders from week to week; depots have days of bad traffic, and
each trip its luck. All of it adds up along the trip, so that a delay travels with the van; and now and then
something holds it up for long. The truth of a stop is the mean and the quantiles of the minutes late given
all that is settled when the van leaves: every trip is driven many times.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sample_data.orders import orders
from sample_data.streets import (
    CITIES_SERVED,
    PLACES,
    Addresses,
    addresses,
    dispatched,
    free_speed,
    kilometres,
    rush,
)
from sample_data.world import (
    EPOCH,
    Bools,
    Floats,
    Ints,
    Organisation,
    dates,
    day_number,
    identifiers,
    timestamps,
)

VANS = 10  # at each depot
ADDRESSES = 450  # of each depot
STOPS_A_VAN = 13.0
FIRST_DAY = day_number(date(2026, 8, 3))
LAST_DAY = day_number(date(2026, 10, 31))
NOW = LAST_DAY * 86_400 + 9 * 3_600  # the newest record: some vans are on their way
DRAWS = 400  # drives of each trip for the truth
PLANNED_KMH = 23.0
PLANNED_MINUTES = {"home": 4.0, "shop": 7.0, "office": 5.0, "site": 9.0}
UNLOADING = {"home": 2.6, "shop": 3.2, "office": 2.8, "site": 6.5}  # minutes before the first parcel
PARCELS = {"home": 0.6, "shop": 5.0, "office": 2.2, "site": 3.5}  # beyond the first, on average
KG_A_PARCEL = {"home": 6.0, "shop": 9.0, "office": 5.0, "site": 30.0}
SHIFTS = ((6.5, 15.5), (7.5, 16.5), (9.0, 18.0), (12.0, 20.5))  # local hours
MADE = (  # payload kg, volume l, EUR a day, EUR a km, g CO2 a km
    (1_150.0, 11_000.0, 62.0, 0.34, 245.0),
    (900.0, 8_000.0, 54.0, 0.29, 210.0),
    (780.0, 6_500.0, 58.0, 0.16, 0.0),  # electric
)


@dataclass(frozen=True)
class Trips:
    """Every trip, padded to the longest: shapes (trips,), (trips, stops). Moments: seconds since 1970."""

    depot: Ints  # index into CITIES_SERVED
    van: Ints
    day: Ints
    planned: Floats  # the second of leaving as planned
    left: Floats
    midnight: Floats  # the second at which the day begins at the depot
    rain: Bools
    temperature: Floats
    there: Bools  # whether the trip has such a stop
    address: Ints
    parcels: Ints
    leg_km: Floats
    kmh: Floats
    served: Floats  # minutes a stop takes on average with a usual driver
    standard: Floats  # minutes the office plans


def rounds(rng: np.random.Generator, scale: float, tables: Mapping[str, pl.DataFrame]) -> Organisation:
    """Vans, trips and the stops of the day to plan; the true minutes late of each stop of the past.

    `tables` holds the carrier's `vehicles`, some of which are the vans.
    """
    pools = [addresses(rng, city, ADDRESSES) for city in CITIES_SERVED]
    fleet = _fleet(rng, tables["vehicles"])
    trips = _trips(rng, pools, fleet, scale)
    quick = _form(rng, len(fleet))
    arrived, leaves = (times[..., 0] for times in _driven(rng, trips, quick, 1, shared=True))
    planned = _planned(trips)
    truth = _truth(rng, trips, quick, planned)
    ids, stop_ids = identifiers("R", len(trips.van), 5), identifiers("O", int(trips.there.sum()), 7)
    stops, windows = orders(rng, CITIES_SERVED, pools, fleet)
    made = {
        "fleet": fleet,
        "stops": stops,
        "stop_windows": windows,
        "trips": _trip_table(trips, fleet, ids, leaves),
        "trip_stops": _stop_table(rng, trips, pools, (ids, stop_ids), (planned, arrived, leaves)),
    }
    row, position = np.nonzero(trips.there)
    frame = pl.DataFrame(
        {
            "entity_id": ids.gather(row) + "/" + pl.Series(position + 1).cast(pl.String),
            "as_of": timestamps(trips.left[row]),
            **truth,
        }
    )
    return Organisation(made, {"logistics.stop_arrival": frame.filter(pl.Series(trips.left[row] <= NOW))})


def _fleet(rng: np.random.Generator, vehicles: pl.DataFrame) -> pl.DataFrame:
    """The vans of each depot: vehicles that have been in service longest, with shift, costs and equipment."""
    frames = []
    for city in CITIES_SERVED:
        own = vehicles.filter(pl.col("depot_id") == city.depot_id).sort("in_service_on", "vehicle_id")
        number = np.arange(min(VANS, len(own)))
        made = np.asarray(MADE)[rng.permutation(number % len(MADE))]
        shift = [SHIFTS[each] for each in rng.permutation(number % len(SHIFTS))]
        lift, cold = rng.random(len(number)) < 0.3, rng.random(len(number)) < 0.15
        lift[:2], cold[1:3] = True, True
        skills = ["|".join(np.asarray(["cold", "lift"])[[c, g]]) for c, g in zip(cold, lift, strict=True)]
        frames.append(
            pl.DataFrame(
                {
                    "vehicle_id": own["vehicle_id"].head(len(number)),
                    "depot_id": city.depot_id,
                    "capacity_kg": made[:, 0],
                    "capacity_l": made[:, 1],
                    "shift_start": [_clock(start) for start, _ in shift],
                    "shift_end": [_clock(end) for _, end in shift],
                    "most_hours": 9.0,
                    "most_km": np.where(made[:, 4] == 0, 160.0, 320.0),
                    "skills": [text or None for text in skills],
                    "fixed_cost": made[:, 2],
                    "cost_per_km": made[:, 3],
                    "cost_per_hour": 27.5,
                    "co2_g_per_km": made[:, 4],
                },
                schema_overrides={"skills": pl.String},
            )
        )
    return pl.concat(frames)


def _clock(hour: float) -> str:
    return f"{int(hour):02d}:{int(hour % 1 * 60):02d}"


def _trips(rng: np.random.Generator, pools: list[Addresses], fleet: pl.DataFrame, scale: float) -> Trips:
    """On working days most vans leave in the morning, fewer on Saturdays."""
    rows: list[dict[str, object]] = []
    depots = [city.depot_id for city in CITIES_SERVED]
    of_depot = [np.flatnonzero(fleet["depot_id"] == depot) for depot in depots]
    start_hour = (
        fleet["shift_start"].str.head(2).cast(pl.Float64)
        + fleet["shift_start"].str.tail(2).cast(pl.Float64) / 60
    )
    first = LAST_DAY - max(int((LAST_DAY - FIRST_DAY) * min(scale, 1.0)), 20)
    for day in range(first, LAST_DAY + 1):
        weekday = (day + 3) % 7
        if weekday == 6:
            continue
        for depot, (city, pool) in enumerate(zip(CITIES_SERVED, pools, strict=True)):
            vans = of_depot[depot][rng.random(len(of_depot[depot])) < (0.6 if weekday == 5 else 0.93)]
            if not len(vans):
                continue
            count = max(int(rng.poisson(STOPS_A_VAN * len(vans))), len(vans))
            chosen = rng.choice(len(pool), min(count, len(pool)), replace=False)
            rain, warm = rng.random() < 0.33, 27 - 0.16 * (day - FIRST_DAY) + rng.normal(0, 3)
            noon = datetime.fromordinal(EPOCH.toordinal() + day).replace(
                hour=12, tzinfo=ZoneInfo(city.timezone)
            )
            midnight = day * 86_400 - noon.utcoffset().total_seconds()  # type: ignore[union-attr]
            for van, order in zip(vans, dispatched(rng, pool.take(chosen), len(vans)), strict=True):
                planned = midnight + (start_hour[int(van)] + 0.5) * 3_600
                rows.append(
                    {"depot": depot, "van": van, "day": day, "planned": planned, "midnight": midnight,
                     "rain": rain, "temperature": round(warm + 5 * (depot == 1)), "stops": chosen[order]}
                )  # fmt: skip
    return _laid_out(rng, pools, rows)


def _laid_out(rng: np.random.Generator, pools: list[Addresses], rows: list[dict[str, object]]) -> Trips:
    """The trips as arrays, with what is settled before they leave."""
    stops: list[Ints] = [row["stops"] for row in rows]  # type: ignore[misc]
    longest = max(len(each) for each in stops)
    there = np.arange(longest) < np.asarray([len(each) for each in stops])[:, None]
    address = np.zeros(there.shape, dtype=np.int64)
    address[there] = np.concatenate(stops)
    depot = np.asarray([row["depot"] for row in rows])
    of = {name: _by_depot(pools, name, depot, address) for name in ("east", "north", "place", "effort")}
    start = np.zeros((len(rows), 1))
    east, north = np.hstack([start, of["east"]]), np.hstack([start, of["north"]])
    rough = np.exp(rng.normal(0, 0.08, there.shape))
    leg = (kilometres(east[:, :-1], north[:, :-1], east[:, 1:], north[:, 1:]) * rough).round(1)
    middle = (east[:, :-1] + east[:, 1:]) / 2, (north[:, :-1] + north[:, 1:]) / 2
    parcels = 1 + rng.poisson(_of_place(PARCELS, of["place"]))
    planned = np.asarray([row["planned"] for row in rows], dtype=float)
    kmh = np.where((depot == 0)[:, None], *(free_speed(city, *middle) for city in CITIES_SERVED))
    return Trips(
        depot=depot,
        van=np.asarray([row["van"] for row in rows]),
        day=np.asarray([row["day"] for row in rows]),
        planned=planned,
        left=planned + rng.gamma(1.3, 5.0, len(rows)).round() * 60,
        midnight=np.asarray([row["midnight"] for row in rows], dtype=float),
        rain=np.asarray([row["rain"] for row in rows]),
        temperature=np.asarray([row["temperature"] for row in rows], dtype=float),
        there=there,
        address=address,
        parcels=parcels,
        leg_km=leg,
        kmh=kmh,
        served=(_of_place(UNLOADING, of["place"]) + 0.8 * parcels) * of["effort"],
        standard=_of_place(PLANNED_MINUTES, of["place"]),
    )


def _by_depot(pools: list[Addresses], name: str, depot: Ints, address: Ints) -> NDArray[np.generic]:
    return np.stack([getattr(pool, name) for pool in pools])[depot[:, None], address]


def _of_place(table: dict[str, float], place: NDArray[np.generic]) -> Floats:
    """The number that goes with each kind of place."""
    number: Floats = np.select([place == each for each in PLACES], [table[each] for each in PLACES])
    return number


def _form(rng: np.random.Generator, vans: int) -> Floats:
    """How slow each driver is, as a logarithm: shape (vans, weeks)."""
    weeks = (LAST_DAY - FIRST_DAY) // 7 + 1
    form = np.zeros((vans, weeks))
    form[:, 0] = rng.normal(0, 0.05, vans)
    for week in range(1, weeks):
        form[:, week] = 0.85 * form[:, week - 1] + rng.normal(0, 0.03, vans)
    return form + rng.normal(0, 0.08, (vans, 1))


def _driven(
    rng: np.random.Generator, trips: Trips, quick: Floats, draws: int, *, shared: bool
) -> tuple[Floats, Floats]:
    """When each stop is reached and left, in `draws` drives: two arrays (trips, stops, draws), seconds.

    `shared`: the traffic of a day is the same for all trips of a depot, as in life; else each trip draws its
    own, which makes no difference to a trip looked at alone.
    """
    count = len(trips.van)
    week = np.maximum((trips.day - FIRST_DAY) // 7, 0)
    driver = quick[trips.van, week][:, None]
    traffic = rng.normal(0, 0.07, (count, draws))
    if shared:
        which = np.unique(np.stack([trips.depot, trips.day]), axis=1, return_inverse=True)[1].ravel()
        traffic = traffic[: which.max() + 1][which]
    pace = np.exp(driver + traffic + rng.normal(0, 0.09, (count, draws)) + 0.09 * trips.rain[:, None])
    saturday = ((trips.day + 3) % 7 == 5)[:, None]
    held = np.where(rng.random((count, draws)) < 0.03, rng.gamma(2.0, 14.0, (count, draws)), 0.0) * 60
    where = rng.integers(0, 1 + trips.there.sum(axis=1)[:, None], (count, draws))
    now = np.repeat(trips.left[:, None], draws, axis=1)
    arrived, leaves = [], []
    for stop in range(trips.there.shape[1]):
        hour = (now - trips.midnight[:, None]) / 3_600
        speed = trips.kmh[:, stop, None] * rush(hour, saturday)
        driving = trips.leg_km[:, stop, None] / speed * 3_600 + 40
        now = now + driving * pace * np.exp(rng.normal(0, 0.16, now.shape)) + held * (where == stop)
        arrived.append(now)
        service = trips.served[:, stop, None] * 60 * np.exp(0.6 * driver)
        now = now + service * np.exp(rng.normal(0, 0.35, now.shape))
        leaves.append(now)
    return np.stack(arrived, axis=1), np.stack(leaves, axis=1)


def _planned(trips: Trips) -> Floats:
    """The arrivals the office plans: one speed, one time for each kind of place."""
    driving = trips.leg_km / PLANNED_KMH * 60
    before = np.cumsum(driving + trips.standard, axis=1) - trips.standard
    return (trips.planned[:, None] / 60 + before).round() * 60


def _truth(
    rng: np.random.Generator, trips: Trips, quick: Floats, planned: Floats
) -> dict[str, NDArray[np.float32]]:
    """Of each stop the mean and the 5 % and 95 % quantile of the minutes late, known when the van leaves."""
    late = (_driven(rng, trips, quick, DRAWS, shared=False)[0] - planned[..., None]) / 60
    late = late[trips.there]
    low, high = np.quantile(late, (0.05, 0.95), axis=1)
    named = {"mean": late.mean(axis=1), "lower": low, "upper": high}
    return {name: value.astype(np.float32) for name, value in named.items()}


def _trip_table(trips: Trips, fleet: pl.DataFrame, ids: pl.Series, leaves: Floats) -> pl.DataFrame:
    last = trips.there.sum(axis=1) - 1
    rows = np.arange(len(ids))
    end = leaves[rows, last]
    home = (end + trips.leg_km[rows, 0] / trips.kmh[rows, 0] * 3_600) // 60 * 60
    returned = timestamps(home).set(pl.Series(home > NOW), None)
    return pl.DataFrame(
        {
            "trip_id": ids,
            "depot_id": [CITIES_SERVED[depot].depot_id for depot in trips.depot],
            "vehicle_id": fleet["vehicle_id"].gather(trips.van),
            "day": dates(trips.day),
            "left_at": timestamps(trips.left),
            "returned_at": returned,
            "weather": np.where(trips.rain, "rain", "dry"),
            "temperature_c": trips.temperature,
        }
    ).filter(pl.Series(trips.left <= NOW))


def _stop_table(
    rng: np.random.Generator,
    trips: Trips,
    pools: list[Addresses],
    ids: tuple[pl.Series, pl.Series],
    moments: tuple[Floats, Floats, Floats],
) -> pl.DataFrame:
    """The stops of every trip as they stand at NOW: what has not happened yet is empty.

    `ids` are those of trips and stops, `moments` those of the planned arrival, the arrival and the leaving.
    """
    row, stop = np.nonzero(trips.there)
    due, came, went = (times[row, stop] // 60 * 60 for times in moments)
    place = _by_depot(pools, "place", trips.depot, trips.address)[row, stop]
    parcels = trips.parcels[row, stop]
    weight = parcels * _of_place(KG_A_PARCEL, place) * np.exp(rng.normal(0, 0.35, len(row)))
    hours = rng.choice([1.0, 2.0], len(row))
    closes = (due // 3_600 + hours) * 3_600
    promised = rng.random(len(row)) < 0.45
    return pl.DataFrame(
        {
            "trip_id": ids[0].gather(row),
            "position": stop + 1,
            "stop_id": ids[1],
            "latitude": _by_depot(pools, "latitude", trips.depot, trips.address)[row, stop],
            "longitude": _by_depot(pools, "longitude", trips.depot, trips.address)[row, stop],
            "place": place,
            "parcels": parcels,
            "kg": np.maximum(weight.round(), 1.0),
            "leg_km": trips.leg_km[row, stop],
            "planned_at": timestamps(due),
            "planned_minutes": trips.standard[row, stop],
            "closes_at": timestamps(closes).set(pl.Series(~promised), None),
            "arrived_at": timestamps(came).set(pl.Series(came > NOW), None),
            "left_at": timestamps(went).set(pl.Series(went > NOW), None),
        }
    ).filter(pl.Series(trips.left[row] <= NOW))
