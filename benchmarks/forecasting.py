"""Forecasts of M4 series: ours against AutoETS, AutoARIMA, Theta and seasonal naive on the same series.

A seeded subset of the hourly (season 24, 48 steps) and weekly (season 52, 13 steps) series; MASE as the
organisers define it (in-sample naive error with m = 24 hourly, 1 weekly), mean over the series. The peers are
those of statsforecast with the season of the series; an AutoARIMA that does not end in time is run again
without season, and counted. Seed 4 draws the series that are reported; every other seed draws from the rest,
on which our methods were developed.
"""

import argparse
import json
import multiprocessing as processes
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import polars as pl

from analytics.forecasting.forecast import forecast
from benchmarks.shared import Array, data_file

LEVELS = (0.9, 0.8)
SEED, REPORTED = 4, 40


@dataclass(frozen=True)
class Kind:
    name: str
    season: int
    horizon: int
    lag: int  # of the naive error that scales


KINDS = {"hourly": Kind("Hourly", 24, 48, 24), "weekly": Kind("Weekly", 52, 13, 1)}
# The name of the peer: the class of statsforecast.models, and whether it may take long.
PEERS = {"SeasonalNaive": False, "Theta": False, "AutoTheta": False, "AutoETS": False, "AutoARIMA": True}


def series_of(kind: Kind, part: str) -> dict[str, Array]:
    """The series of one file, by id."""
    path = data_file("logistics", "m4_hourly_weekly", f"{kind.name}-{part}.csv.gz")
    rows = pl.read_csv(path, infer_schema=False).iter_rows()
    return {row[0]: np.array([float(value) for value in row[1:] if value]) for row in rows}


def subset(kind: Kind, count: int, seed: int) -> tuple[dict[str, Array], dict[str, Array]]:
    """History and truth of `count` series."""
    history, truth = series_of(kind, "train"), series_of(kind, "test")
    ids = _drawn(sorted(history), REPORTED, SEED)
    if seed != SEED:
        ids = sorted(history.keys() - set(ids))
    chosen = _drawn(ids, count, seed)
    return {name: history[name] for name in chosen}, {name: truth[name] for name in chosen}


def _drawn(ids: list[str], count: int, seed: int) -> list[str]:
    order = np.random.default_rng(seed).permutation(len(ids))
    return sorted(ids[at] for at in order[:count])


def mase(truth: Array, predicted: Array, history: Array, lag: int) -> float:
    """The organisers' mean absolute scaled error."""
    return float(np.abs(truth - predicted).mean() / np.abs(history[lag:] - history[:-lag]).mean())


def ours(
    kind: Kind, history: Mapping[str, Array], truth: Mapping[str, Array], seconds: float
) -> dict[str, Any]:
    """Our forecast, its error, and how often its intervals held the truth."""
    frame = pl.concat(
        pl.DataFrame({"unique_id": name, "ds": np.arange(len(values)), "y": values})
        for name, values in history.items()
    )
    begun = time.monotonic()
    made = forecast(frame, kind.season, kind.horizon, seconds, LEVELS)
    took = time.monotonic() - begun
    errors, held = [], {level: [] for level in LEVELS}
    for name, values in truth.items():
        rows = made.frame.filter(pl.col("unique_id") == name)
        errors.append(mase(values, rows["mean"].to_numpy(), history[name], kind.lag))
        for level, suffix in zip(LEVELS, ("", "_80"), strict=True):
            low, high = (rows[f"{side}{suffix}"].to_numpy() for side in ("lower", "upper"))
            held[level].append(float(((values >= low) & (values <= high)).mean()))
    return {
        "mase": round(float(np.mean(errors)), 4),
        "seconds": round(took, 1),
        "coverage": {f"{level:g}": round(float(np.mean(shares)), 4) for level, shares in held.items()},
        "cross_validated": {
            "mase": round(made.mase(), 4),
            "coverage": {f"{level:g}": round(made.coverage(level), 4) for level in LEVELS},
        },
        "methods": made.scores.to_dicts(),
        "notes": made.notes,
        "by_series": dict(zip(truth, (round(error, 4) for error in errors), strict=True)),
    }


def _fit(answer: Any, peer: str, season: int, values: Array, horizon: int) -> None:
    from statsforecast import models

    answer.send(getattr(models, peer)(season_length=season).forecast(y=values, h=horizon)["mean"])


def in_time(peer: str, season: int, values: Array, horizon: int, seconds: float) -> tuple[Array, bool]:
    """The forecast, from a process that is ended when time is up; then without season. Whether it was."""
    for period, limit in ((season, seconds), (1, None)):
        context = processes.get_context("spawn")
        here, there = context.Pipe(duplex=False)
        child = context.Process(target=_fit, args=(there, peer, period, values, horizon))
        child.start()
        there.close()
        try:
            if here.poll(limit):
                return np.asarray(here.recv()), period == season
        except EOFError:
            pass  # it failed: once more without season
        finally:
            child.terminate()
            child.join()
    return np.full(horizon, values[-1]), False


def peer(
    name: str, kind: Kind, history: Mapping[str, Array], truth: Mapping[str, Array], seconds: float, jobs: int
) -> dict[str, Any]:
    """A peer's error over the same series."""
    from statsforecast import models

    begun = time.monotonic()
    if PEERS[name]:
        one = partial(in_time, name, kind.season, horizon=kind.horizon, seconds=seconds)
        with ThreadPoolExecutor(jobs) as pool:
            found = list(pool.map(one, history.values()))
    else:
        model = getattr(models, name)
        found = [
            (model(season_length=kind.season).forecast(y=values, h=kind.horizon)["mean"], True)
            for values in history.values()
        ]
    errors = [
        mase(truth[name], predicted, history[name], kind.lag)
        for name, (predicted, _) in zip(history, found, strict=True)
    ]
    return {
        "mase": round(float(np.mean(errors)), 4),
        "seconds": round(time.monotonic() - begun, 1),
        "without_season": sum(not seasonal for _, seasonal in found),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kinds", default="hourly,weekly")
    arguments.add_argument("--series", type=int, default=40)
    arguments.add_argument("--seed", type=int, default=SEED)
    arguments.add_argument("--seconds", type=float, default=300, help="of our forecast, for each kind")
    arguments.add_argument("--arima-seconds", type=float, default=120, help="of one AutoARIMA with season")
    arguments.add_argument("--jobs", type=int, default=2, help="AutoARIMAs at once")
    arguments.add_argument("--peers", default=",".join(PEERS))
    given = arguments.parse_args()
    report: dict[str, Any] = {"seed": given.seed, "series": given.series}
    for kind in (KINDS[name] for name in given.kinds.split(",")):
        history, truth = subset(kind, given.series, given.seed)
        found = {"ours": ours(kind, history, truth, given.seconds)}
        for name in filter(None, given.peers.split(",")):
            found[name] = peer(name, kind, history, truth, given.arima_seconds, given.jobs)
        report[kind.name.lower()] = found
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
