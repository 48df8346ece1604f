"""How long an issue takes to make: four charts, a table of 1,000 rows, PDF and XLSX; no browser.

Warm: fonts, templates and libraries are loaded, the report is another one each time (other figures, another
period), so nothing that was made before helps. Beside it, in the same run, the same four charts through
Plotly's browser export: once with a browser started for a picture, as `to_image` does it, and once with a
browser that stays (both as PNG at the same size and density). `ratio` is that of the browser's warm time for
four charts to ours for the same four; `ratio_cold` that of one chart by a browser of its own to one of ours.
Prints JSON. Without Kaleido (requirements.bench.lock) or Chromium the comparison is null.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import polars as pl

from dashboards.charts import paper, screen
from dashboards.charts.chart import Chart
from dashboards.reports import html, pdf, sheets
from dashboards.reports.mail import Envelope, sealed
from dashboards.reports.printed import printed
from dashboards.reports.render import render
from dashboards.reports.report import Report
from tests.dashboards.charts.examples import every_kind
from tests.dashboards.reports.example import PERIOD, carriers, example

CHARTS = ("bands", "trend", "reliability", "reasons")
ROWS = 1_000
FORMATS = ("pdf", "xlsx")
ROUNDS = 7
AIM = 1.0  # second


def measured(rounds: int = ROUNDS) -> dict[str, Any]:
    """Medians over `rounds`, in seconds of the clock and of the processor."""
    reports = [report(number) for number in range(rounds + 1)]
    render(reports[-1], FORMATS)
    issues = [timed(partial(render, each, FORMATS)) for each in reports[:-1]]
    charts = reports[0].charts
    pictures = median(lambda: [paper.draw(chart, "en") for chart in charts], rounds)
    found: dict[str, Any] = {
        "charts": len(charts),
        "rows": ROWS,
        "seconds": round(statistics.median(wall for wall, _ in issues), 3),
        "processor_seconds": round(statistics.median(cpu for _, cpu in issues), 3),
        "slowest_seconds": round(max(wall for wall, _ in issues), 3),
        "aim_seconds": AIM,
        "parts": {
            "pictures": round(pictures, 3),
            "pdf": round(median(lambda: pdf.pdf(printed(report(99))), 1), 3),
            "xlsx": round(median(lambda: sheets.xlsx(reports[0]), rounds), 3),
            "text_and_html": round(median(lambda: pages(reports[0]), rounds), 3),
        },
        "mails": mails(reports[0]),
    }
    found["browser"] = browser(charts, pictures)
    return found


def report(number: int) -> Report:
    """The same report of another week: its charts and its table hold other figures."""
    charts = [chart for chart in every_kind(str) if chart.name in CHARTS]
    moved = [replace(chart, data=_moved(chart, 1 + number / 100)) for chart in charts]
    made = example("en", *moved, carriers(cases=ROWS + number, most=20))
    return replace(made, period=PERIOD + timedelta(weeks=number))


def _moved(chart: Chart, factor: float) -> pl.DataFrame:
    values = [name for name in (chart.y.column, chart.lower, chart.upper) if name]
    return chart.data.with_columns(pl.col(values).cast(pl.Float64) * factor)


def pages(made: Report) -> str:
    pictures = {chart.name: paper.Picture(b"", paper.WIDTH, paper.HEIGHT) for chart in made.charts}
    return html.whole_page(made, pictures, str)


def mails(made: Report) -> dict[str, Any]:
    """How fast an issue is filled in for its readers, once it is rendered."""
    of, count = sealed(render(made, FORMATS)), 3_000
    envelopes = [
        Envelope(
            "reports@bank.example",
            f"reader{number}@bank.example",
            f"<example.{number}@bank.example>",
            PERIOD,
            "<example.bank.example>",
            list_unsubscribe=f"https://bank.example/unsubscribe/{number:0150d}",
            preferences=f"https://bank.example/preferences/{number:0150d}",
            archive=f"https://bank.example/archive/{number:0150d}",
        )
        for number in range(count)
    ]
    size = len(of.mail(envelopes[0]))
    wall, _ = timed(lambda: [len(of.mail(envelope)) for envelope in envelopes])
    return {"bytes": size, "per_second": round(count / wall)}


def browser(charts: Sequence[Chart], ours: float) -> dict[str, Any] | None:
    """The same charts by Plotly and a browser."""
    chromium = os.environ.get("BROWSER_PATH") or shutil.which("chromium")
    if find_spec("kaleido") is None or chromium is None:
        return None
    os.environ["BROWSER_PATH"] = chromium
    kaleido = import_module("kaleido")
    figures = [screen.draw(chart, "en") for chart in charts]

    def export(count: int) -> None:
        for figure in figures[:count]:
            figure.to_image(format="png", width=paper.WIDTH, height=paper.HEIGHT, scale=paper.DENSITY)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cold = median(lambda: export(1), 3)
        kaleido.start_sync_server(silence_warnings=True)
        try:
            export(1)
            warm = median(lambda: export(len(figures)), 5)
        finally:
            kaleido.stop_sync_server(silence_warnings=True)
    return {
        "one_chart_cold_seconds": round(cold, 3),
        "charts_warm_seconds": round(warm, 3),
        "ratio": round(warm / ours, 2),
        "ratio_cold": round(cold / (ours / len(charts)), 1),
    }


def median(work: Callable[[], object], rounds: int) -> float:
    """Seconds of the clock."""
    return statistics.median(timed(work)[0] for _ in range(rounds))


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the clock and of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    print(json.dumps(measured(parser.parse_args().rounds), indent=1))


if __name__ == "__main__":
    main()
