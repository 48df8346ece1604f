"""Learned speeds judged on trips that came later, beside one speed for all.

    python benchmarks/speeds.py [--days 21]

Loads the sample's trips into a home of its own. For each depot speeds are learned from all trips before the
last `--days` days and foretell the legs driven since; so does one speed (and one detour) learned from the
same trips, and the great circle x detour at the speed of the settings. Prints JSON: mean and median absolute
error of a leg's seconds, the sum of what was foretold over that of what was driven, and the spread of their
log ratio. Takes about a quarter of a minute.
"""

import argparse
import json
import os
import sys
import tempfile
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import duckdb
import numpy as np
from numpy.typing import NDArray

from analytics.routing.geography import cells
from analytics.routing.past_legs import Legs, past_legs
from analytics.routing.problem import Place
from analytics.routing.speeds import AREA_KM, Speeds, learn
from benchmarks.shared import ROOT
from pipelines.ingest import ingest
from pipelines.settings import RoutingSettings, load_settings
from pipelines.warehouse import Warehouse

SOURCES = ["carrier_depots", "carrier_vehicles", "carrier_trips", "carrier_trip_stops"]
Array = NDArray[np.float64]


def measured(days: int) -> dict[str, Any]:
    """By depot: what was learned, and how well each way of foretelling did."""
    settings = load_settings(ROOT / "sample_data" / "assistant.toml")
    ingest(settings, SOURCES)
    warehouse = Warehouse(settings)
    [(newest,)] = warehouse.query("SELECT max(left_at) FROM logistics.trips").rows()
    cut, end = newest - timedelta(days=days), newest + timedelta(days=1)
    depots = warehouse.query(
        "SELECT DISTINCT depot_id, latitude, longitude, timezone FROM logistics.depots "
        "WHERE depot_id IN (SELECT depot_id FROM logistics.trips) ORDER BY depot_id"
    ).rows()
    before = {name: legs_near(warehouse, Place(*at), cut, timezone) for name, *at, timezone in depots}
    warehouse.write(partial(without_trips_before, cut))
    figures = {}
    for name, *at, timezone in depots:
        speeds = learn(before[name])
        if speeds is None:
            sys.exit(f"Too few trips of {name} before {cut}.")
        later = legs_near(warehouse, Place(*at), end, timezone)
        figures[name] = judged(speeds, before[name], later, settings.routing)
    return {"learned_before": str(cut), "depots": figures}


def without_trips_before(cut: datetime, lake: duckdb.DuckDBPyConnection) -> None:
    lake.execute("DELETE FROM logistics.trips WHERE left_at < ?", [cut])


def legs_near(warehouse: Warehouse, place: Place, before: datetime, timezone: str) -> Legs:
    """The legs of the trips from near the place."""
    with warehouse.reading() as connection:
        return past_legs(connection, [place], before, timezone)


def judged(speeds: Speeds, past: Legs, later: Legs, routing: RoutingSettings) -> dict[str, Any]:
    """How near each way comes to the seconds of later legs, knowing no more than where they lead and when."""
    detour, pace = past.metres.sum() / past.straight.sum(), past.seconds.sum() / past.metres.sum()
    foretold = {
        "learned": by(speeds, later),
        "one_learned_speed": later.straight * detour * pace,
        "speed_of_the_settings": later.straight * routing.detour * 3.6 / routing.speed_kmh,
    }
    return {
        "legs": {"learned_from": len(past), "foretold": len(later)},
        "overhead_s": round(speeds.overhead, 1),
        "access_m": round(speeds.access, 1),
        **{name: errors(seconds, later.seconds) for name, seconds in foretold.items()},
    }


def by(speeds: Speeds, legs: Legs) -> Array:
    """The seconds that learned speeds foretell, as `Speeds.travel` takes them."""
    areas = cells(*legs.middle, AREA_KM)
    metres = speeds.by_road(legs.straight, speeds.log_road(areas))
    driving: Array = metres * np.exp(speeds.log_pace(areas, legs.hour, legs.weekend))
    return speeds.starting(metres) + driving


def errors(foretold: Array, driven: Array) -> dict[str, float]:
    away = np.abs(foretold - driven)
    ratio = np.log(np.maximum(foretold, 1) / driven)
    return {
        "mean_error_s": round(float(away.mean()), 1),
        "median_error_s": round(float(np.median(away)), 1),
        "sum": round(float(foretold.sum() / driven.sum()), 3),
        "log_spread": round(float(ratio.std()), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=int, default=21)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        os.environ["SDA_HOME"] = home
        print(json.dumps(measured(given.days), indent=2))


if __name__ == "__main__":
    main()
