"""One chart of every kind, in the words of a language: what the painters are held against."""

from datetime import date, datetime, timedelta

import polars as pl

from dashboards.charts.chart import Axis, Chart, Reference
from dashboards.wording import Say


def every_kind(_: Say) -> list[Chart]:
    """A chart of each kind with plausible data."""
    rate = Axis("rate", "违约率 Default rate", "percent")
    months = [date(2025, month, 1) for month in range(1, 13)]
    share = [0.031, 0.034, 0.029, 0.036, 0.041, 0.038, 0.035, 0.033, 0.037, 0.04, 0.044, 0.042]
    bands = {"Low": "calm", "Medium": "watch", "High": "alert"}
    return [
        Chart(
            "bands",
            "bar",
            "Applications by band",
            "One in ten is high.",
            pl.DataFrame({"band": list(bands), "cases": [8123, 1204, 312]}),
            Axis("band", "Band", "text"),
            Axis("cases", "Applications", "integer"),
            group="band",
            tones=bands,
        ),
        Chart(
            "segments",
            "ranked",
            "按用途划分的违约率",
            "«汽车» 最高。",
            pl.DataFrame(
                {
                    "purpose": [
                        "汽车",
                        "房屋",
                        "教育",
                        "A name of a segment that is far too long to be read",
                    ],
                    "rate": [0.12, 0.08, 0.05, 0.01],
                }
            ),
            Axis("purpose", "Purpose", "text"),
            rate,
        ),
        Chart(
            "stack",
            "stacked",
            "Bands by month",
            "Steady.",
            pl.DataFrame(
                {
                    "month": [m for m in months for _band in bands],
                    "band": list(bands) * 12,
                    "cases": [80, 20, 5] * 12,
                }
            ),
            Axis("month", "Month", "month"),
            Axis("cases", "Applications", "integer"),
            group="band",
            tones=bands,
        ),
        Chart(
            "trend",
            "line",
            "Default rate by month",
            "It rose.",
            pl.DataFrame(
                {
                    "month": months,
                    "rate": share,
                    "low": [s - 0.006 for s in share],
                    "high": [s + 0.006 for s in share],
                }
            ),
            Axis("month", "Month", "month"),
            rate,
            lower="low",
            upper="high",
            reference=Reference(0.036, "全年平均 3.6%"),
        ),
        Chart(
            "scores",
            "histogram",
            "Distribution of scores",
            "Most are low.",
            pl.DataFrame(
                {
                    "start": [i / 20 for i in range(20)],
                    "end": [(i + 1) / 20 for i in range(20)],
                    "cases": [3000 // (i + 1) for i in range(20)],
                }
            ),
            Axis("start", "Score", "percent"),
            Axis("cases", "Applications", "integer"),
            x_end="end",
        ),
        Chart(
            "pairs",
            "scatter",
            "Income and amount",
            "They rise together.",
            pl.DataFrame(
                {
                    "income": [1500.0, 2300, 3100, 4800],
                    "amount": [4000.0, 9000, 12000, 30000],
                    "kind": ["a", "a", "b", "b"],
                }
            ),
            Axis("income", "Income", "number", "EUR"),
            Axis("amount", "Amount", "number", "EUR"),
            group="kind",
        ),
        Chart(
            "reliability",
            "reliability",
            "Promised and observed",
            "The scores keep their promise.",
            pl.DataFrame(
                {
                    "predicted": [0.02, 0.06, 0.12, 0.25],
                    "observed": [0.018, 0.064, 0.13, 0.24],
                    "low": [0.01, 0.05, 0.1, 0.19],
                    "high": [0.03, 0.08, 0.16, 0.3],
                }
            ),
            Axis("predicted", "Predicted", "percent"),
            Axis("observed", "Observed", "percent"),
            lower="low",
            upper="high",
        ),
        Chart(
            "reasons",
            "contributions",
            "Why",
            "Arrears weigh most.",
            pl.DataFrame(
                {
                    "reason": ["近期欠款 Recent arrears: 3", "Income: 2,100 EUR", "Years with us: 12"],
                    "weight": [0.82, 0.31, -0.44],
                    "side": ["up", "up", "down"],
                }
            ),
            Axis("reason", "Reason", "text"),
            Axis("weight", "Weight", "signed"),
            group="side",
            tones={"up": "alert", "down": "calm"},
        ),
        Chart(
            "bounds",
            "interval",
            "Scores with bounds",
            "The first is the surest.",
            pl.DataFrame(
                {"case": ["L-1", "L-2"], "score": [0.7, 0.6], "low": [0.66, 0.4], "high": [0.74, 0.75]}
            ),
            Axis("case", "Case", "text"),
            Axis("score", "Score", "percent"),
            lower="low",
            upper="high",
        ),
        Chart(
            "costs",
            "curve",
            "What a decision costs",
            "Least at one sixth.",
            pl.DataFrame(
                {
                    "threshold": [0.1, 0.2, 0.3, 0.1, 0.2, 0.3],
                    "cost": [0.4, 0.3, 0.35, 0.5, 0.5, 0.5],
                    "way": ["model", "model", "model", "none", "none", "none"],
                }
            ),
            Axis("threshold", "Act from", "percent"),
            Axis("cost", "Cost"),
            group="way",
            reference=Reference(1 / 6, "16.7%", "x"),
        ),
        Chart(
            "onset",
            "survival",
            "First diagnosis by age",
            "The older ones sooner.",
            pl.DataFrame(
                {
                    "months": [0.0, 3, 7, 14, 0, 2, 9, 14],
                    "share": [0.0, 0.02, 0.05, 0.05, 0, 0.06, 0.15, 1.0],
                    "low": [0.0, 0.01, 0.02, 0.02, 0, 0.03, 0.1, None],
                    "high": [0.0, 0.05, 0.1, 0.1, 0, 0.12, 0.25, None],
                    "left": [900, 900, 620, 310, 411, 411, 300, 1],
                    "age": ["young <b>"] * 4 + ["75岁以上 with a name too long for its row"] * 4,
                }
            ),
            Axis("months", "Months"),
            Axis("share", "Diagnosed so far", "percent"),
            group="age",
            lower="low",
            upper="high",
            at_risk="left",
        ),
        Chart(
            "demand",
            "band",
            "Demand and forecast",
            "It goes on as before.",
            pl.DataFrame(
                {
                    "day": [date(2026, 10, day) for day in range(1, 15)],
                    "units": [12.0, 9, 14, 11, 0, 3, 12, 10, 11, 12, 10, 9, 11, 12],
                    "low": [None] * 8 + [4.0] * 6,
                    "high": [None] * 8 + [19.0] * 6,
                    "part": ["known"] * 8 + ["expected"] * 6,
                }
            ),
            Axis("day", "Day", "date"),
            Axis("units", "Units", "number"),
            group="part",
            lower="low",
            upper="high",
            tones={"known": "muted", "expected": "plain"},
        ),
        steps_to_a_score(),
        Chart(
            "vintages",
            "heat",
            "Defaults by months on book",
            "The second is worse.",
            pl.DataFrame(
                {
                    "cohort": ["2025 Q1"] * 3 + ["2025 Q2"] * 2,
                    "months": [3, 6, 12, 3, 6],
                    "rate": [0.01, 0.034, None, 0.02, 0.061],
                }
            ),
            Axis("months", "Months on book", "integer"),
            rate,
            group="cohort",
        ),
        map_of_routes(),
        timeline_of_vehicles(),
    ]


def steps_to_a_score() -> Chart:
    """From 6 % up and down to 31 %; the axis is in log-odds, its ticks are shares."""
    rows = [
        ("Average case", -2.75, -2.75, "6.0%", "level"),
        ("Spending to income: 1.9 <b>", -2.75, -1.5, "+12.3", "raises"),
        ("期限 Term: 48 months", -1.5, -1.8, "-4.0", "lowers"),
        ("The 22 others", -1.8, -0.8, "+16.8", "raises"),
        ("This case", -0.8, -0.8, "31.0%", "level"),
    ]
    return Chart(
        "why",
        "waterfall",
        "Why this score",
        "Spending to income moves it most.",
        pl.DataFrame(rows, schema=("reason", "begins", "ends", "written", "side"), orient="row"),
        Axis("reason", "Reason", "text"),
        Axis("ends", "Score", "percent"),
        lower="begins",
        upper="ends",
        label="written",
        told="reason",
        group="side",
        tones={"raises": "alert", "lowers": "calm", "level": "plain"},
        ticks=((-2.944, "5%"), (-1.386, "20%")),
    )


def map_of_routes(routes: int = 8) -> Chart:
    """Routes like the petals of a flower around a depot, one stop late, one not served."""
    rows = []
    for route in range(routes):
        name = f"V-{route} 车"
        rows.append((name, 51.5, 7.0, "depot", "", "Depot"))
        for position in range(1, 5):
            north, east = 51.5 + 0.02 * position * (route - 3), 7.0 + 0.03 * position * (1 - route % 3)
            mark = "late" if (route, position) == (2, 3) else "stop"
            rows.append((name, north, east, mark, str(position), f"Stop {position} <b>\n车 {route}"))
        rows.append((name, 51.5, 7.0, "depot", "", "Depot"))
    rows.append(("not served", 51.62, 7.1, "unserved", "", "Stop X"))
    columns = ("route", "latitude", "longitude", "mark", "position", "told")
    return Chart(
        "routes",
        "map",
        "Routes 路线",
        "One stop is late.",
        pl.DataFrame(rows, schema=columns, orient="row"),
        Axis("longitude", "Longitude"),
        Axis("latitude", "Latitude"),
        group="route",
        mark="mark",
        label="position",
        told="told",
    )


def timeline_of_vehicles() -> Chart:
    """Three vehicles that drive, wait and serve within their shifts; one span is late."""
    day, rows = datetime(2026, 11, 2), []
    for place in range(3):
        row = f"V-{place} 车"
        begin = day + timedelta(hours=7 + place)
        rows.append((row, begin - timedelta(minutes=30), begin + timedelta(hours=8), "shift", None, None))
        for step, what in enumerate(("driving", "waiting", "service", "late" if place == 1 else "service")):
            at = begin + timedelta(hours=step)
            bounds = (at - timedelta(minutes=9), at + timedelta(minutes=20)) if step == 2 else (None, None)
            rows.append((row, at, at + timedelta(minutes=50), what, *bounds))
    columns = ("vehicle", "begin", "end", "what", "lower", "upper")
    return Chart(
        "timeline",
        "gantt",
        "Vehicles and shifts",
        "One stop is late.",
        pl.DataFrame(rows, schema=columns, orient="row"),
        Axis("begin", "Time of day", "clock"),
        Axis("vehicle", "Vehicle", "text"),
        x_end="end",
        group="what",
        lower="lower",
        upper="upper",
        ground=("shift",),
        tones={"shift": "muted", "driving": "calm", "waiting": "watch", "service": "plain", "late": "alert"},
    )
