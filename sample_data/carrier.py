"""The sample carrier: shipments from six depots, and how likely each is to miss its promise.

How it works underneath. Carriers have a reliability that wanders from week to week and depots have hours
when more leaves than they can handle. Neither is a column anywhere; it shows in how late the shipments before
were. What is known at dispatch (the slack in the promise, the queue at the depot, service, distance, day of
the week, what was packed) does the rest.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from sample_data.world import (
    CITIES,
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
    sigmoid,
    spoken,
    timestamps,
)

SHIPMENTS = 24_000
FIRST_DAY = day_number(date(2025, 5, 1))
LAST_DAY = day_number(END)
DAY = 86_400
HOME = (0, 3, 6, 10, 12, 17)  # cities with a depot
TIMEZONES = (
    "Europe/Berlin", "Europe/Berlin", "Europe/Prague", "Europe/Warsaw", "Europe/Rome", "Europe/Amsterdam",
)  # fmt: skip
CARRIERS = (
    ("Nordfracht", "road", 0.10),
    ("Alpen Express", "road", -0.15),
    ("Moravia Trans", "road", 0.35),
    ("Danube Rail", "rail", 0.25),
    ("SkyParcel", "air", -0.45),
    ("StadtBote", "parcel", -0.20),
    ("PaketPlus", "parcel", 0.15),
    ("Wisła Cargo", "road", 0.00),
)
SERVICES = ("express", "standard", "economy")
KM_A_DAY = {"road": 520.0, "rail": 430.0, "air": 1500.0, "parcel": 480.0}


@dataclass(frozen=True)
class Journeys:
    """One row per shipment, in the order of dispatch; days and seconds since 1970."""

    depot: Ints
    carrier: Ints
    service: Texts
    town: Ints
    distance: Floats
    ordered: Ints
    dispatched: Ints
    promised: Ints
    lines: Ints
    weight: Floats
    hazardous: Bools
    trouble: Bools


def carrier(rng: np.random.Generator, scale: float = 1.0) -> Organisation:
    """The clean tables of the carrier and the true probability of every dispatched shipment to be late."""
    count = max(int(SHIPMENTS * scale), 500)
    capacity = np.asarray([13, 9, 7, 8, 6, 11]) * max(scale, 0.2)
    journeys = _journeys(rng, count)
    probability = _risk(rng, journeys, capacity)
    late = rng.random(count) < probability
    delivered = _deliveries(rng, journeys, late)
    ids = identifiers("S", count, 7)
    shipments = _shipments(rng, journeys, delivered, ids)
    tables = {
        "depots": _depots(capacity),
        "carriers": _carriers(),
        "shipments": shipments,
        "shipment_items": _items(rng, journeys, ids),
        "tracking_events": _events(rng, journeys, delivered, ids),
    }
    truth = pl.DataFrame(
        {
            "entity_id": ids,
            "as_of": timestamps(journeys.dispatched),
            "probability": probability.astype(np.float32),
        }
    )
    left = truth.filter(pl.col("as_of") < timestamps(np.array([(LAST_DAY + 1) * DAY]))[0])
    return Organisation(tables, {"logistics.late_delivery": left})


def _journeys(rng: np.random.Generator, count: int) -> Journeys:
    """Orders arrive through the day, more before Christmas and at the start of the week."""
    days = np.arange(FIRST_DAY, LAST_DAY + 1)
    weekday, month = (days + 3) % 7, pl.Series(dates(days)).dt.month().to_numpy()
    demand = np.asarray([1.2, 1.1, 1.0, 1.0, 1.05, 0.45, 0.3])[weekday] * np.where(month >= 11, 1.5, 1.0)
    day = np.sort(rng.choice(days, count, p=demand / demand.sum()))
    ordered = day * DAY + rng.integers(6 * 60, 22 * 60, count) * 60
    service = pick(rng, SERVICES, count, (0.25, 0.55, 0.20))
    trouble = rng.random(count) < 0.09  # something was missing at picking
    handling = rng.gamma(3.0, np.where(service == "express", 1.3, 3.0), count) + trouble * rng.gamma(
        3, 4, count
    )
    dispatched = ordered + (handling * 3600).astype(np.int64) // 60 * 60
    depot = rng.choice(len(HOME), count, p=[0.24, 0.17, 0.13, 0.15, 0.11, 0.20])
    mode_taste = np.where(service == "express", 1.4, 0.0)[:, None] * np.asarray(
        [0, 0.3, 0, -2, 2.0, 0.8, 0.4, 0]
    )
    carrier_of = np.argmax(mode_taste + rng.gumbel(size=(count, len(CARRIERS))), axis=1)
    town = rng.integers(0, len(CITIES), count)
    latitude, longitude = _coordinates()
    home = np.asarray(HOME)[depot]
    distance = 25 + 1.25 * _great_circle(latitude[home], longitude[home], latitude[town], longitude[town])
    distance = distance * np.exp(rng.normal(0, 0.06, count))
    speed = np.asarray([KM_A_DAY[mode] for _, mode, _ in CARRIERS])[carrier_of]
    usual = distance / speed + np.select([service == "express", service == "standard"], [0.9, 1.9], 3.2)
    promise = np.ceil(usual + rng.choice([-0.6, 0.0, 0.6, 1.2], count, p=[0.15, 0.4, 0.3, 0.15]))
    promised_day = ordered // DAY + np.maximum(promise, 1).astype(np.int64)
    promised = promised_day * DAY + np.where(service == "express", 12, 18) * 3600
    promised = np.maximum(promised, dispatched + 4 * 3600)
    order = np.argsort(dispatched, kind="stable")
    lines = 1 + rng.poisson(0.6, count)
    return Journeys(
        depot=depot[order],
        carrier=carrier_of[order],
        service=service[order],
        town=town[order],
        distance=distance.round(1)[order],
        ordered=ordered[order],
        dispatched=dispatched[order],
        promised=promised[order],
        lines=lines[order],
        weight=(rng.gamma(1.2, 9.0, count) * lines)[order],
        hazardous=(rng.random(count) < 0.05)[order],
        trouble=trouble[order],
    )


def _risk(rng: np.random.Generator, journeys: Journeys, capacity: Floats) -> Floats:
    """The true probability of arriving after the promise."""
    weeks = (LAST_DAY - FIRST_DAY) // 7 + 8
    week = (journeys.dispatched // DAY - FIRST_DAY) // 7
    wander = np.zeros((weeks, len(CARRIERS)))
    for step in range(1, weeks):
        wander[step] = 0.93 * wander[step - 1] + rng.normal(0, 0.17, len(CARRIERS))
    reliability = (
        np.asarray([bias for _, _, bias in CARRIERS])[journeys.carrier] + wander[week, journeys.carrier]
    )
    day = journeys.dispatched // DAY
    leaving = (
        pl.DataFrame({"depot": journeys.depot, "day": day, "at": journeys.dispatched})
        .select(ahead=pl.col("at").rank("ordinal").over("depot", "day"))["ahead"]
        .to_numpy()
    )
    load = leaving / capacity[journeys.depot]
    mode = np.asarray([mode for _, mode, _ in CARRIERS])[journeys.carrier]
    speed = np.vectorize(KM_A_DAY.__getitem__)(mode)
    needed = journeys.distance / speed + np.where(journeys.service == "express", 0.35, 0.8)
    slack = (journeys.promised - journeys.dispatched) / DAY - needed
    country = np.asarray([row[1] for row in CITIES])
    border = country[np.asarray(HOME)[journeys.depot]] != country[journeys.town]
    weekday = (day + 3) % 7
    month = dates(day).dt.month().to_numpy()
    return sigmoid(
        -2.15
        - 1.35 * np.tanh((slack - 0.9) / 0.9)
        + 1.15 * reliability
        + 0.9 * np.clip(load - 0.9, 0, 1.2)
        + 0.35 * (weekday == 4)
        + 0.45 * np.isin(month, (11, 12))
        + 0.35 * (np.isin(month, (12, 1, 2)) & (mode == "road"))
        + 0.30 * border
        + 0.45 * journeys.hazardous * (mode != "road")
        + 0.25 * journeys.trouble
        + 0.20 * np.log1p(journeys.weight / 30)
    )


def _deliveries(rng: np.random.Generator, journeys: Journeys, late: Bools) -> Floats:
    """Seconds of delivery that agree with the fate drawn; a few of the late never arrive (NaN)."""
    window = journeys.promised - journeys.dispatched
    early = journeys.dispatched + window * (0.35 + 0.65 * rng.beta(3.0, 1.4, len(late)))
    overdue = journeys.promised + 60 + rng.gamma(1.2, 14 * 3600, len(late))
    lost = late & (rng.random(len(late)) < 0.02)
    return np.where(lost, np.nan, np.where(late, overdue, early) // 60 * 60)


def _shipments(
    rng: np.random.Generator, journeys: Journeys, delivered: Floats, ids: pl.Series
) -> pl.DataFrame:
    """The shipment table as it stands at the end of the data: what has not happened yet is empty."""
    count = len(ids)
    names = full_names(rng, pick(rng, ("female", "male"), count))
    latitude, longitude = _coordinates()
    cities = [CITIES[index] for index in journeys.town]
    end = (LAST_DAY + 1) * DAY
    left, arrived = journeys.dispatched < end, np.nan_to_num(delivered, nan=np.inf) < end
    return pl.DataFrame(
        {
            "shipment_id": ids,
            "depot_id": [f"D{index + 1:02d}" for index in journeys.depot],
            "carrier_id": [f"K{index + 1:02d}" for index in journeys.carrier],
            "service": journeys.service,
            "ordered_at": timestamps(journeys.ordered),
            "dispatched_at": timestamps(journeys.dispatched).set(pl.Series(~left), None),
            "promised_at": timestamps(journeys.promised),
            "delivered_at": timestamps(np.nan_to_num(delivered)).set(pl.Series(~arrived), None),
            "consignee": [spoken(*name) for name in names],
            "destination_city": [city for city, _, _, _ in cities],
            "destination_postal_code": [f"{10_000 + 3_000 * int(town)}" for town in journeys.town],
            "destination_country": [country for _, country, _, _ in cities],
            "destination_latitude": (latitude[journeys.town] + rng.normal(0, 0.04, count)).round(2),
            "destination_longitude": (longitude[journeys.town] + rng.normal(0, 0.06, count)).round(2),
            "distance_km": journeys.distance,
            "declared_value": (np.exp(rng.normal(4.6, 0.9, count)) / 5).round() * 5,
        }
    )


def _items(rng: np.random.Generator, journeys: Journeys, ids: pl.Series) -> pl.DataFrame:
    """One row per line; the lines of a shipment share its weight."""
    row = np.repeat(np.arange(len(ids)), journeys.lines)
    share = rng.gamma(4.0, 1.0, len(row))
    share = share / np.bincount(row, share)[row]
    weight = np.maximum((journeys.weight[row] * share).round(1), 0.1)
    line = np.arange(len(row)) - np.r_[0, np.cumsum(journeys.lines)[:-1]][row] + 1
    return pl.DataFrame(
        {
            "shipment_id": ids.gather(row),
            "line": line,
            "sku": [f"SKU-{number:03d}" for number in rng.integers(1, 240, len(row))],
            "quantity": 1 + rng.poisson(0.8, len(row)),
            "weight_kg": weight,
            "volume_l": (weight * 4).round(),
            "hazardous": journeys.hazardous[row],
        }
    )


def _events(rng: np.random.Generator, journeys: Journeys, delivered: Floats, ids: pl.Series) -> pl.DataFrame:
    """Scans: goods missing at picking, packed, a hub on the way, delivered; not every parcel is scanned."""
    count = len(ids)
    handling = journeys.dispatched - journeys.ordered
    travel = np.nan_to_num(delivered, nan=0) - journeys.dispatched
    scanned = rng.random(count) < 0.58
    far = (journeys.distance > 400) & (rng.random(count) < 0.4)
    steps = (
        ("pick_exception", journeys.trouble, journeys.ordered + handling * 0.3),
        ("packed", scanned, journeys.ordered + handling * 0.8),
        ("hub_in", far, np.where(travel > 0, journeys.dispatched + travel * 0.5, np.inf)),
        ("delivered", scanned & ~np.isnan(delivered), np.nan_to_num(delivered)),
    )
    frames = []
    for kind, happens, second in steps:
        row = np.flatnonzero(happens & np.isfinite(second))
        at = (second[row] // 60 * 60).astype(np.int64)
        delay = np.where(rng.random(len(row)) < 0.06, rng.integers(30, 900, len(row)), 0) * 60
        frames.append(
            pl.DataFrame(
                {
                    "shipment_id": ids.gather(row),
                    "event_type": kind,
                    "occurred_at": timestamps(at),
                    "recorded_at": timestamps(at + delay),
                    "location": [f"D{index + 1:02d}" for index in journeys.depot[row]]
                    if kind in ("pick_exception", "packed")
                    else [CITIES[index][0] for index in journeys.town[row]],
                }
            )
        )
    end = timestamps(np.array([(LAST_DAY + 1) * DAY]))[0]
    events = (
        pl.concat(frames).filter(pl.col("recorded_at") < end).sort("recorded_at", "shipment_id", "event_type")
    )
    return events.select(identifiers("E", len(events), 1).alias("event_id"), pl.all())


def _depots(capacity: Floats) -> pl.DataFrame:
    cities = [CITIES[index] for index in HOME]
    return pl.DataFrame(
        {
            "depot_id": [f"D{number:02d}" for number in range(1, len(HOME) + 1)],
            "name": [f"{city} depot" for city, _, _, _ in cities],
            "city": [city for city, _, _, _ in cities],
            "country": [country for _, country, _, _ in cities],
            "latitude": [latitude for _, _, latitude, _ in cities],
            "longitude": [longitude for _, _, _, longitude in cities],
            "daily_capacity": np.ceil(capacity).astype(np.int64),
            "opened_on": [date(2009 + 2 * index, 3, 1) for index in range(len(HOME))],
            "timezone": TIMEZONES,
        }
    )


def _carriers() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "carrier_id": [f"K{number:02d}" for number in range(1, len(CARRIERS) + 1)],
            "name": [name for name, _, _ in CARRIERS],
            "mode": [mode for _, mode, _ in CARRIERS],
            "contact_email": [f"dispatch{number}@example.com" for number in range(1, len(CARRIERS) + 1)],
            "since": [date(2012 + number, 1, 1) for number in range(len(CARRIERS))],
        }
    )


def _coordinates() -> tuple[Floats, Floats]:
    return np.asarray([row[2] for row in CITIES]), np.asarray([row[3] for row in CITIES])


def _great_circle(latitude: Floats, longitude: Floats, to_latitude: Floats, to_longitude: Floats) -> Floats:
    """Kilometres between points in degrees (haversine, radius 6371 km)."""
    phi, to_phi = np.radians(latitude), np.radians(to_latitude)
    half = np.sin((to_phi - phi) / 2) ** 2
    half += np.cos(phi) * np.cos(to_phi) * np.sin(np.radians(to_longitude - longitude) / 2) ** 2
    distance: Floats = 2 * 6371 * np.arcsin(np.sqrt(half))
    return distance
