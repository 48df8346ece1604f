"""A small report that needs no warehouse: every kind of section, and the names that people really have."""

from datetime import UTC, date, datetime

import polars as pl

from dashboards.charts.chart import Axis, Chart
from dashboards.reports.report import (
    Column,
    Fact,
    Headline,
    Headlines,
    Paragraph,
    Report,
    Section,
    Table,
)
from tests.dashboards.charts.examples import every_kind

PERIOD = datetime(2026, 11, 23, 7, tzinfo=UTC)
NAMES = (
    'O\'Brien, "Rob" & Söhne',
    "<script>alert(1)</script>",
    "مؤسسة النور (دبي)",
    "שלום בע״מ!",
    "🚚 Fast 👩‍👩‍👧 Freight",
    '=HYPERLINK("http://x.example")',
    "唐桂英, 解放路 5 号",
    "Zoë\u202eevil\u202c",
)
_COLUMNS = {
    "en": ("Carrier", "Score", "Amount", "Seen", "Reasons"),
    "zh": ("承运人", "评分", "金额", "日期", "原因"),
}


def example(language: str = "en", *sections: Section, cases: int = 30) -> Report:
    """A report of `sections`, by default of all kinds of them."""
    return Report(
        name="example",
        title={"en": "Example, weekly", "zh": "示例周报"}[language],
        summary={
            "en": "12 of 30 carriers need a look: EUR 1,204 is at stake.",
            "zh": "30 家承运人中有 12 家需要查看。",
        }[language],
        organisation="Nord & Süd",
        language=language,
        timezone="Europe/Berlin",
        period=PERIOD,
        as_of=datetime(2026, 11, 22, 23, 59, 59),
        snapshot=42,
        model_version="20261101-1",
        link="http://127.0.0.1:8501/logistics?only.depot=D01",
        model_link="http://127.0.0.1:8501/logistics?view=model",
        facts=(Fact("Snapshot", "42"), Fact("Model", "logistics.late 20261101-1")),
        sections=sections or _every_section(language, cases),
    )


def carriers(language: str = "en", cases: int = 30, most: int = 10) -> Table:
    """A table of `cases` rows with every kind of value."""
    carrier, score, amount, seen, why = _COLUMNS[language]
    frame = pl.DataFrame(
        {
            "carrier": [NAMES[number % len(NAMES)] for number in range(cases)],
            "score": [0.9 - 0.8 * number / max(1, cases) for number in range(cases)],
            "lower": [0.85 - 0.8 * number / max(1, cases) for number in range(cases)],
            "upper": [0.95 - 0.8 * number / max(1, cases) for number in range(cases)],
            "amount": [None if number % 7 == 3 else 1234.5 * (number + 1) for number in range(cases)],
            "seen": [date(2026, 11, 1 + number % 20) for number in range(cases)],
            "why": ["Late twice, far away; rain" if number % 2 else "很远；下雨" for number in range(cases)],
        },
        schema_overrides={"amount": pl.Float64},
    )
    columns = (
        Column("carrier", carrier),
        Column("score", score, "percent", lower="lower", upper="upper"),
        Column("amount", amount, "number", unit="EUR"),
        Column("seen", seen, "date"),
        Column("why", why, wraps=True),
    )
    return Table("carriers", {"en": "Carriers", "zh": "承运人"}[language], columns, frame, most)


def _every_section(language: str, cases: int) -> tuple[Section, ...]:
    charts = {chart.name: chart for chart in every_kind(str)}
    return (
        Paragraph("First of all", 'This is no diagnosis: 5 < 6 & "so on".', "notice"),
        Headlines(
            (
                Headline("Carriers", "30", "+2"),
                Headline("At stake", "EUR 1,204"),
                Headline("Late", "12.3%", "−0.4"),
            ),
            "Changes since Nov 15, 2026",
        ),
        charts["bands"],
        charts["trend"],
        carriers(language, cases),
        Chart(
            "nothing",
            "bar",
            "Nothing yet",
            "There is none.",
            pl.DataFrame(schema={"x": pl.String, "y": pl.Int64}),
            Axis("x", "X", "text"),
            Axis("y", "Y", "integer"),
        ),
        Paragraph("What it is for", "Call them today.\nThen write."),
    )
