"""Our stock policy against fixed (s, S) policies through a year, costs compared at equal realised fill rate.

    python benchmarks/stock.py [--data sample,m4] [--series 40] [--seed 0]

Both face the same demand and the same drawn lead times in the simulator of `analytics.forecasting.simulation`
(review every day or week, lost sales), start with the same stock, and know the same distribution of lead
times. Each is swept through its service level; at a fill rate that both reached the cost of each is
interpolated between the neighbouring points of its sweep.

- `fixed`: s = mean L + z sd sqrt(L), S = s + EOQ, from the year before; stays for the year. Swept: z.
- `searched`: fixed too, but s (that z) and S - s (a multiple of the EOQ) of every article are those that
  would have cost least in the year before, by simulation: a stronger one. Swept: the cost of a unit short.
- `ours`: `policy.levels` for a stated fill rate, every evening from what was known then. Swept: that rate.
- `ours_from_costs`: the same from costs. Swept: the cost of a unit short that it is told (judged by the true
  one).

`sample`: the last year of logistics.demand of `sample_data/`, with the costs, packs and suppliers' lead times
of its articles. `m4`: weekly series of the M4 competition (../shared/data), a seeded choice of those with
five years and more, their last 52 weeks (13 of them the competition's test), each scaled to 500 units a week
in the year before; unit cost 10, holding 25 % a year, 50 an order, 5 a unit short, lead time 1, 2 or 3 weeks
(20, 60, 20 %). `at_fixed_best` compares where the plain fixed policy is cheapest, `cheapest` every policy at
the best point of its own sweep; `*_without_shortage` compares only what keeping and ordering cost.
"""

import argparse
import csv
import gzip
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from numpy.typing import NDArray

from analytics.forecasting.backtest import level_arrays, outlooks, trade_of
from analytics.forecasting.lead_times import LeadTime
from analytics.forecasting.policy import Terms
from analytics.forecasting.simulation import Cost, cost_of, simulate
from analytics.forecasting.stock_book import read_book, terms_of
from benchmarks.shared import ROOT, data_file
from pipelines.ingest import ingest
from pipelines.settings import Settings, load_settings

Array = NDArray[np.float64]
Points = list[tuple[str, float, Cost]]

MULTIPLES = (-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 11.0, 15.0, 20.0)
SHARES = (0.5, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.985, 0.99, 0.995, 0.998, 0.999)
TIMES_SHORTAGE = (0.03, 0.06, 0.1, 0.2, 0.4, 0.7, 1.0, 2.0, 5.0)
GAPS = (0.0, 0.3, 0.6, 0.8, 1.0, 1.3)  # of the EOQ
RATES = (0.9, 0.93, 0.95, 0.97, 0.98, 0.985, 0.99, 0.995)
SOURCES = ("carrier_depots", "carrier_articles", "carrier_demand", "carrier_stock", "carrier_supplier_orders")


@dataclass(frozen=True)
class World:
    """Demand (article, step) of which the steps from `begin` on count, with `warm` before them for all to
    settle. `year`: steps of a year; `season`: steps of the season that forecasts look at.
    """

    demand: Array
    begin: int
    warm: int
    year: int
    season: int
    leads: Sequence[LeadTime]
    terms: Sequence[Terms]

    @property
    def first(self) -> int:
        return self.begin - self.warm

    @property
    def past(self) -> Array:
        """The year before anything is simulated."""
        return self.demand[:, max(self.first - self.year, 0) : self.first]

    def drawn(self, seed: int, steps: int) -> NDArray[np.int64]:
        rng = np.random.default_rng(seed)
        return np.array([lead.draw(rng, steps) for lead in self.leads])


def cost_in(world: World, point: Array, top: Array) -> Cost:
    """What levels cost over the steps that count."""
    demand = world.demand[:, world.first :]
    trade, start = trade_of(world.terms), world.past.mean(axis=1) * (world.warm / 2)
    ledger = simulate(demand, point, top, world.drawn(0, demand.shape[1]), start, trade)
    return cost_of(ledger.since(world.warm), trade)


def textbook(world: World) -> tuple[Array, Array, Array]:
    """Mean demand over the lead time, its deviation, and the EOQ of every article from the year before."""
    mean, deviation = np.maximum(world.past.mean(axis=1), 0), world.past.std(axis=1)
    lead = np.maximum([lead.mean for lead in world.leads], 1)
    trade = trade_of(world.terms)
    return mean * lead, deviation * np.sqrt(lead), np.sqrt(2 * trade.order_cost * mean / trade.holding)


def fixed(world: World) -> Points:
    mean, deviation, eoq = (values[:, None] for values in textbook(world))
    levels = [(z, mean + z * deviation) for z in MULTIPLES]
    return [("z", z, cost_in(world, point, point + eoq)) for z, point in levels]


def searched(world: World) -> Points:
    """Tries every pair of z and gap on the year before; each article takes its cheapest one."""
    mean, deviation, eoq = textbook(world)
    trade, pairs = trade_of(world.terms), list(product(MULTIPLES, GAPS))
    drawn, keeping, short = world.drawn(1, world.past.shape[1]), [], []
    for z, gap in pairs:
        point = (mean + z * deviation)[:, None]
        ledger = simulate(world.past, point, point + gap * eoq[:, None], drawn, point[:, 0], trade)
        orders = (ledger.ordered > 0).sum(axis=1) * trade.order_cost
        keeping.append(np.maximum(ledger.on_hand, 0).sum(axis=1) * trade.holding + orders)
        short.append(ledger.lost.sum(axis=1) * trade.shortage)
    found: Points = []
    for times in TIMES_SHORTAGE:
        best = (np.array(keeping) + times * np.array(short)).argmin(axis=0)
        z, gap = np.array(pairs)[best].T
        point = (mean + z * deviation)[:, None]
        found.append(("times_shortage", times, cost_in(world, point, point + (gap * eoq)[:, None])))
    return found


def ours(world: World) -> tuple[Points, Points]:
    """For stated fill rates, and from costs."""
    days = range(world.first, world.demand.shape[1])
    evenings = outlooks(world.demand, world.season, days, lambda _: world.leads, world.terms, 1)
    stated: Points = []
    for share in SHARES:
        terms = [replace(of, service="fill", service_level=share) for of in world.terms]
        stated.append(("promised", share, cost_in(world, *level_arrays(evenings, terms))))
    costed: Points = []
    for times in TIMES_SHORTAGE:
        terms = [
            replace(of, service="costs", at_least=0.0, shortage=times * of.shortage) for of in world.terms
        ]
        costed.append(("times_shortage", times, cost_in(world, *level_arrays(evenings, terms))))
    return stated, costed


def at(points: Points, rate: float, part: str = "total") -> float | None:
    """A cost at a fill rate, on the line between the two points of the sweep around it; None beyond them."""
    known = sorted((cost.fill_rate, getattr(cost, part)) for _, _, cost in points)
    rates, costs = np.array(known).T
    return float(np.interp(rate, rates, costs)) if rates[0] <= rate <= rates[-1] else None


def compared(sweeps: dict[str, Points], rate: float) -> dict[str, Any]:
    """Costs at one fill rate, and what ours save of the fixed policies'."""
    costs = {name: at(points, rate) for name, points in sweeps.items()}
    found: dict[str, Any] = {"fill_rate": round(rate, 4)}
    found |= {name: None if cost is None else round(cost) for name, cost in costs.items()}
    for name, against in product(("ours", "ours_from_costs"), ("fixed", "searched")):
        mine, theirs = costs[name], costs[against]
        found[f"{name}_saves_of_{against}"] = round(1 - mine / theirs, 3) if mine and theirs else None
        mine, theirs = (kept_and_ordered(sweeps[each], rate) for each in (name, against))
        saved = round(1 - mine / theirs, 3) if mine and theirs else None
        found[f"{name}_saves_of_{against}_without_shortage"] = saved
    return found


def kept_and_ordered(points: Points, rate: float) -> float | None:
    holding, ordering = at(points, rate, "holding"), at(points, rate, "ordering")
    return holding + ordering if holding is not None and ordering is not None else None


def judged(world: World) -> dict[str, Any]:
    start = time.perf_counter()
    stated, costed = ours(world)
    sweeps = {"fixed": fixed(world), "searched": searched(world), "ours": stated, "ours_from_costs": costed}
    best = min((cost for _, _, cost in sweeps["fixed"]), key=lambda cost: cost.total)
    return {
        "articles": len(world.demand),
        "steps": world.demand.shape[1] - world.begin,
        "lead_time": round(float(np.mean([lead.mean for lead in world.leads])), 2),
        "at_fixed_best": compared(sweeps, best.fill_rate),
        "cheapest": {
            name: _row(*min(points, key=lambda point: point[2].total)) for name, points in sweeps.items()
        },
        "at_equal_fill_rate": [compared(sweeps, rate) for rate in RATES],
        "sweeps": {name: [_row(*point) for point in points] for name, points in sweeps.items()},
        "seconds": round(time.perf_counter() - start, 1),
    }


def _row(name: str, value: float, cost: Cost) -> dict[str, float]:
    money = {part: round(getattr(cost, part)) for part in ("holding", "ordering", "shortage", "total")}
    rate = {"fill_rate": round(cost.fill_rate, 4), "stock_out_days": cost.stock_out_days}
    return {name: value, **rate, **money}


def sample(home: Path) -> World:
    """The sample's demand and articles, as they are read from the lake."""
    os.environ |= {"SDA_CONFIG": str(ROOT / "sample_data" / "assistant.toml"), "SDA_HOME": str(home)}
    settings: Settings = load_settings()
    ingest(settings, SOURCES)
    book = read_book(settings)
    known = book.lead_times(book.as_of, settings.stock.lead_days)
    keys = book.items.select("sku", "depot_id", "supplier").iter_rows()
    terms = [terms_of(item, settings.stock) for item in book.items.iter_rows(named=True)]
    leads = [known.of(*key) for key in keys]
    return World(book.demand, book.demand.shape[1] - 365, 28, 365, 7, leads, terms)


def m4(series: int, seed: int) -> World:
    """Weekly series as demand."""
    parts = [
        _series(data_file("logistics", "m4_hourly_weekly", f"Weekly-{p}.csv.gz")) for p in ("train", "test")
    ]
    whole = {name: np.concatenate([values, parts[1][name]]) for name, values in parts[0].items()}
    long = sorted(name for name, values in whole.items() if len(values) >= 273)
    chosen = sorted(np.random.default_rng(seed).choice(long, series, replace=False))
    demand = np.array([whole[name][-273:] for name in chosen])
    begin, warm = 273 - 52, 8
    usual = demand[:, begin - warm - 52 : begin - warm].mean(axis=1, keepdims=True)
    terms = Terms(0.25 * 10 / 52, 50, 5, 0.95, unit_cost=10, longest_cover=26)
    lead = LeadTime(np.array([0, 0.2, 0.6, 0.2]))
    return World((demand / usual * 500).round(), begin, warm, 52, 1, [lead] * series, [terms] * series)


def _series(path: Path) -> dict[str, Array]:
    with gzip.open(path, "rt") as file:
        rows = list(csv.reader(file))[1:]
    return {row[0]: np.array([float(value) for value in row[1:] if value]) for row in rows}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--data", default="sample,m4")
    arguments.add_argument("--series", type=int, default=40)
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as home:
        for name in given.data.split(","):
            world = sample(Path(home)) if name == "sample" else m4(given.series, given.seed)
            found[name] = judged(world)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
