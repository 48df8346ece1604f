"""The store rooms of two depots: what is asked for day by day, what lies there, what was ordered when.

How it works underneath. Every article and depot has an intensity: a level that drifts, a week and a year;
demand is drawn from it with more spread than a Poisson has. Some articles are asked for once in weeks and
then by the dozen. One was never sold, one is new, one was given up. Of everything a little comes back. The
policy in use orders up to a level as soon as a point is reached; both follow from last year's mean and
deviation.
`truth` holds the intensity of the four weeks after the data end.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from sample_data.world import END, Floats, Ints, Organisation, dates, day_number, identifiers, pick

ARTICLES = 60
DEPOTS = ("D01", "D05")
FIRST_DAY = day_number(date(2024, 11, 1))
LAST_DAY = day_number(END) - 1  # the last complete day
AHEAD = 28
LAST_YEAR = day_number(date(2025, 11, 1)) - FIRST_DAY  # days the policy in use was set from
INTERMITTENT = 18
NEVER, NEW, GIVEN_UP = 57, 58, 59
WEEKDAYS = np.asarray([1.15, 1.05, 1.0, 1.05, 1.35, 0.75, 0.25])
FAMILIES = {  # name of a family -> its articles' names and the day of the year when most is asked for
    "packaging": ("Folding box", 330),
    "labels": ("Label roll", 320),
    "winter": ("Road salt", 15),
    "garden": ("Potting soil", 120),
    "cleaning": ("Cleaning agent", 90),
    "safety": ("Safety gloves", 250),
}
SUPPLIERS = {  # mean and spread of the lead time in days
    "Kartonwerk Nord": (5.0, 1.2),
    "Ligure Imballaggi": (8.0, 3.0),
    "Bohemia Chem": (12.0, 3.0),
    "Hafenlager (same day)": (0.0, 0.0),
}


@dataclass(frozen=True)
class Series:
    """One row for each article and depot; `intensity` has a column for each day and the days ahead."""

    article: Ints
    depot: Ints
    intensity: Floats
    quantity: Ints


def storeroom(rng: np.random.Generator, _scale: float = 1.0) -> Organisation:
    """Articles, demand, stock, orders to suppliers; the true mean demand of the days ahead.

    The same at every scale.
    """
    made = _series(rng, np.arange(ARTICLES))
    catalogue = _articles(rng, made)
    demand = _demand(made)
    stock, supplier_orders = _kept(rng, made, catalogue)
    days = np.arange(LAST_DAY + 1, LAST_DAY + 1 + AHEAD)
    row = np.repeat(np.arange(len(made.article)), AHEAD)
    truth = pl.DataFrame(
        {
            "sku": _skus(made.article[row]),
            "depot_id": np.asarray(DEPOTS)[made.depot[row]],
            "day": dates(np.tile(days, len(made.article))),
            "mean": made.intensity[:, -AHEAD:].ravel().astype(np.float32),
        }
    )
    tables = {
        "articles": catalogue,
        "demand": demand,
        "stock": stock,
        "supplier_orders": supplier_orders,
    }
    return Organisation(tables, {"logistics.demand": truth})


def _skus(article: Ints) -> list[str]:
    return [f"A-{number + 1:03d}" for number in article]


def _family(article: Ints) -> Ints:
    return article % len(FAMILIES)


def _series(rng: np.random.Generator, articles: Ints) -> Series:
    """The intensity of every article at every depot, and what was asked for."""
    article, depot = np.repeat(articles, len(DEPOTS)), np.tile(np.arange(len(DEPOTS)), len(articles))
    days = np.arange(FIRST_DAY, LAST_DAY + 1 + AHEAD)
    rows, shape = len(article), (len(article), len(days))
    level = np.exp(rng.normal(2.0, 0.8, rows)) * np.where(depot == 0, 1.0, 0.7)
    drift = np.cumsum(rng.normal(0, 0.006, shape), axis=1)
    peak = np.asarray([day for _, day in FAMILIES.values()])[_family(article)]
    swing = np.where(np.isin(_family(article), (2, 3)), 0.9, 0.25)
    year = swing[:, None] * np.cos(2 * np.pi * (days - peak[:, None] - FIRST_DAY + 305) / 365.25)
    week = WEEKDAYS[(days + 3) % 7] ** rng.uniform(0.4, 1.4, rows)[:, None]
    seldom = (article % 10 >= 10 - INTERMITTENT * 10 // ARTICLES) | (article >= NEVER)
    intensity = np.where(seldom[:, None], level[:, None] / 12, level[:, None] * np.exp(drift + year) * week)
    intensity[article == NEVER] = 0
    intensity[article == NEW] *= days >= LAST_DAY - 24
    intensity[article == GIVEN_UP] *= days < LAST_DAY - 120
    spread = np.where(seldom, 0.0, 0.12)[:, None]
    drawn = rng.poisson(intensity * np.exp(spread * rng.normal(size=shape) - spread**2 / 2))
    lot = rng.choice([4, 6, 10], rows)[:, None]
    lots = rng.poisson(intensity / lot) * lot
    asked = np.where(seldom[:, None], lots, drawn)[:, :-AHEAD]
    returned = rng.binomial(asked, 0.015)
    back = np.zeros_like(asked)
    back[:, 9:] = returned[:, :-9]
    return Series(article, depot, 0.985 * intensity, asked - back)


def _articles(rng: np.random.Generator, made: Series) -> pl.DataFrame:
    """The list of articles with the policy in use: one point and one level, for either depot."""
    articles = np.unique(made.article)
    count = len(articles)
    family = np.asarray(list(FAMILIES))[_family(articles)]
    supplier = pick(rng, list(SUPPLIERS), count, (0.4, 0.3, 0.2, 0.1))
    cost = np.exp(rng.normal(2.2, 0.8, count)).round(2)
    pack = rng.choice([1, 6, 12, 24], count, p=[0.4, 0.2, 0.2, 0.2])
    order_cost = rng.choice([15.0, 25.0, 40.0], count)
    lead, spread = np.asarray([SUPPLIERS[name] for name in supplier]).T
    past = made.quantity[:, :LAST_YEAR].astype(float)
    mean = np.asarray([past[made.article == each].mean() for each in articles])
    deviation = np.asarray([past[made.article == each].std(axis=1).mean() for each in articles])
    point = mean * (lead + 1) + 1.65 * np.sqrt(deviation**2 * (lead + 1) + (mean * spread) ** 2)
    batch = np.sqrt(2 * mean * 365 * order_cost / (0.25 * cost))
    return pl.DataFrame(
        {
            "sku": _skus(articles),
            "name": [
                f"{FAMILIES[name][0]} no. {number + 1}" for name, number in zip(family, articles, strict=True)
            ],
            "family": family,
            "supplier": supplier,
            "unit_cost": cost,
            "holding_rate": rng.choice([0.2, 0.25, 0.3], count),
            "order_cost": order_cost,
            "shortage_cost": (cost * rng.uniform(0.4, 1.2, count)).round(2),
            "service_level": pl.Series(rng.choice([0.9, 0.95, 0.98, np.nan], count)).fill_nan(None),
            "pack_size": pack,
            "least_order": pack * rng.choice([0, 1, 2], count),
            "reorder_point": np.ceil(point),
            "order_up_to": np.ceil(point + np.maximum(batch, pack)),
        }
    )


def _demand(made: Series) -> pl.DataFrame:
    """Only days on which something was asked for or came back."""
    row, day = np.nonzero(made.quantity)
    return pl.DataFrame(
        {
            "sku": _skus(made.article[row]),
            "depot_id": np.asarray(DEPOTS)[made.depot[row]],
            "day": dates(FIRST_DAY + day),
            "quantity": made.quantity[row, day],
        }
    )


def _kept(
    rng: np.random.Generator, made: Series, catalogue: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A year with the policy in use, day by day: the stock at its end and the orders on the way."""
    of = np.searchsorted(np.unique(made.article), made.article)
    point, level = (catalogue[name].to_numpy()[of] for name in ("reorder_point", "order_up_to"))
    pack, least = (catalogue[name].to_numpy()[of] for name in ("pack_size", "least_order"))
    lead, spread = np.asarray([SUPPLIERS[name] for name in catalogue["supplier"]])[of].T
    shape = lead**2 / np.maximum(spread, 0.01) ** 2
    on_hand, orders = level.astype(np.int64), []
    days = made.quantity.shape[1]
    arriving = np.zeros((len(of), days + 120), dtype=np.int64)
    on_order = np.zeros(len(of), dtype=np.int64)
    for day in range(LAST_YEAR, days):
        on_hand += arriving[:, day]
        on_order -= arriving[:, day]
        on_hand = np.maximum(on_hand - made.quantity[:, day], 0)  # what is not there is bought elsewhere
        for row in np.flatnonzero(on_hand + on_order <= point):
            if made.article[row] == GIVEN_UP and day > days - 120:
                continue
            wanted = max(level[row] - on_hand[row] - on_order[row], least[row], 1)
            quantity = int(-(-wanted // pack[row]) * pack[row])
            takes = 0 if lead[row] == 0 else 1 + int(rng.gamma(shape[row], lead[row] / shape[row]))
            orders.append((row, day, day + takes, quantity))
            if takes == 0:
                on_hand[row] += quantity
            else:
                arriving[row, day + takes] += quantity
                on_order[row] += quantity
    of_row, ordered, received, bought = (np.asarray(each) for each in zip(*orders, strict=True))
    frame = pl.DataFrame(
        {
            "order_id": identifiers("P", len(orders), 5),
            "sku": _skus(made.article[of_row]),
            "depot_id": np.asarray(DEPOTS)[made.depot[of_row]],
            "ordered_on": dates(FIRST_DAY + ordered),
            "received_on": dates(FIRST_DAY + received).set(pl.Series(received >= days), None),
            "quantity": bought,
        }
    )
    stock = pl.DataFrame(
        {
            "sku": _skus(made.article),
            "depot_id": np.asarray(DEPOTS)[made.depot],
            "day": dates(np.full(len(of), LAST_DAY)),
            "on_hand": on_hand,
            "on_order": on_order,
        }
    )
    return stock, frame
