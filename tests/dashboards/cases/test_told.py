"""What is told of a case: words, figures and the sheet, against what they were made of."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from analytics.cases import Cases
from analytics.evaluation import wilson
from analytics.steps import Step, Way
from analytics.task import Feature, Kind, Meaning, Task
from dashboards.cases.sheet import Told, sheet
from dashboards.cases.similar import what_became
from dashboards.cases.spoken import outcome_words
from dashboards.cases.timeline import MOST_KINDS, timeline
from dashboards.cases.why import how_to_read, why
from dashboards.reasons import reasons_of
from dashboards.reports.pdf import pages, pdf

WORDS = {"en": "x", "zh": "x"}
HTML = "<b>Bold</b> *x* [link](https://example.com) $y$"
WAY = Way(
    base=0.06,
    place=-2.75,
    steps=(
        Step("income", 1_200.0, None, -2.75, -1.5, 0.18),
        Step("city", HTML, None, -1.5, -1.8, 0.14),
        Step("fault", 0.9, 2.5, -1.8, -1.2, 0.23),
        Step("", None, None, -1.2, -0.8, 0.31),
    ),
    others=12,
    marks=((-2.944, 0.05), (-2.9, 0.052), (-1.386, 0.2)),
)


def task(kind: Kind = "binary") -> Task:
    info = {
        "income": Feature({"en": "Income", "zh": "收入"}, "EUR"),
        "spent": Feature({"en": "Spent of income", "zh": "支出占比"}, "1"),
        "way": Feature({"en": "Way", "zh": "路程"}, "min"),
    }
    events = {"fault": Feature({"en": "Brake fault", "zh": "刹车故障"}, "bar")}
    meaning = Meaning(WORDS, WORDS, WORDS)
    return Task("t.t", kind, meaning, "", "", "", "", feature_info=info, event_info=events)


def test_the_numbers_beside_the_steps_add_up_to_the_score() -> None:
    chart = why(task(), WAY, frozenset(), "en")
    rows = chart.data.rows(named=True)
    first, *steps, last = [float(row["moved"].rstrip("%").replace("−", "-")) for row in rows]
    assert (first, last) == (6.0, 31.0)
    assert first + sum(steps) == pytest.approx(last, abs=0.05 * len(steps))
    assert [row["reason"] for row in rows] == [
        "An average case",
        "Income: 1,200 EUR",
        f"city: {HTML}",
        "Brake fault, 2.5 days before: 0.900 bar",
        "12 other facts together",
        "This case",
    ]
    assert "6.0% → 18.0% (+12.0 points)" in rows[1]["told"]
    assert [text for _place, text in chart.ticks] == ["5%", "20%"]  # none so near that it cannot be read
    assert "percentage points" in how_to_read(task(), "en")


def test_ratios_are_told_in_percent_and_units_in_the_readers_language() -> None:
    def told(feature: str, value: float, language: str) -> str:
        stored = json.dumps([{"feature": feature, "value": value, "contribution": 1.0}])
        return reasons_of(stored, task(), language)[0].text

    assert [told("spent", value, "en") for value in (0.371, 1.766, 0.0)] == [
        "Spent of income: 37.1%",
        "Spent of income: 177%",
        "Spent of income: 0.0%",
    ]
    assert (told("way", 7, "en"), told("way", 7, "zh")) == ("Way: 7 min", "路程：7 分钟")


def test_values_that_a_role_may_not_see_are_not_told() -> None:
    chart = why(task(), WAY, frozenset({"city"}), "zh")
    assert "Bold" not in "".join(chart.data["reason"]) + "".join(chart.data["told"]) + chart.sentence
    assert "•••" in "".join(chart.data["reason"])


def pool(labels: Sequence[object]) -> Cases:
    keys = pl.DataFrame({"entity_id": [str(n) for n in range(len(labels))]})
    return Cases(keys, pl.DataFrame({"a": range(len(labels))}), pl.Series(labels))


def test_what_became_of_similar_cases_is_counted_with_its_interval() -> None:
    found = pl.DataFrame({"label": [1] * 6 + [0] * 24})
    said = what_became(task(), found, pool([1] * 10 + [0] * 90), "en")
    low, high = wilson(0.2, 30)
    assert "Of the 30 most similar past cases 6 had the event (20%" in said
    assert f"from {low:.0%} to {high:.0%}" in said
    assert "looked through 10% had it" in said


def test_of_values_their_spread_and_of_classes_their_counts_are_told() -> None:
    values = pl.DataFrame({"label": np.arange(11.0)})
    said = what_became(task("regression"), values, pool(list(np.arange(101.0))), "en")
    assert "came to 5 or more, eight in ten to between 1 and 9" in said
    assert "looked through came to 50 or more" in said
    classes = pl.DataFrame({"label": ["red", "red", "blue"]})
    assert "red 2, blue 1" in what_became(task("multiclass"), classes, pool(["red"]), "en")


@pytest.mark.parametrize(
    ("days", "most"), [(20, 25), (200, 35), (1_200, 45), (5_000, 60), (20_000, 60)], ids=str
)
def test_thousands_of_events_become_few_bars_and_none_is_lost(days: int, most: int) -> None:
    random = np.random.default_rng(days)
    start, kinds = datetime(1970, 3, 5), [f"kind {n}" for n in range(15)]
    events = pl.DataFrame(
        {
            "at": [start + timedelta(days=int(day)) for day in [0, days, *random.integers(0, days, 3_000)]],
            "kind": random.choice(kinds, 3_002),
            "events": random.integers(1, 4, 3_002),
        }
    )
    chart = timeline(events, "en")
    assert chart.data["events"].sum() == events["events"].sum()
    assert len(chart.groups) == MOST_KINDS
    assert chart.data["period"].n_unique() <= most
    assert chart.data["period"].is_sorted()
    steps = chart.data["period"].unique().sort().diff().drop_nulls().dt.total_days().to_list()
    assert max(steps) <= 1.1 * min(steps) + 3  # no period is left out


def test_no_event_is_an_empty_chart() -> None:
    nothing = pl.DataFrame(schema={"at": pl.Datetime("us"), "kind": pl.String, "events": pl.Int64})
    assert timeline(nothing, "zh").is_empty


@pytest.mark.parametrize("long", [f"{HTML} " * 5, "short", "很长的文字" * 20], ids=["html", "short", "zh"])
def test_the_sheet_is_one_page_however_much_there_is_to_tell(long: str) -> None:
    told = Told(
        title=f"Customer {HTML}",
        subtitle="Credit default, as of Oct 30, 2026",
        figures=(("Score", "31.0%", "place 3 of 900"), ("Plausible", "20% to 40%", ""), ("Band", "High", "")),
        notices=("This is no diagnosis. " * 5,),
        why=why(task(), WAY, frozenset(), "en"),
        how_to_read=how_to_read(task(), "en"),
        facts=[(long, long)] * 60,
        similar="Of the 30 most similar past cases 6 had the event. " * 4,
        events=[("Oct 30, 2026 12:00", long, long, long)] * 60,
        foot="Scored on Nov 22, 2026 by model v1 from snapshot 3 of the data. " * 2,
    )
    document = sheet(told, "Acme", "en", datetime(2026, 11, 22))
    assert len(pages(document, ppi=20)) == 1
    assert pdf(document).startswith(b"%PDF")


@pytest.mark.parametrize(
    ("kind", "classes", "outcome", "told"),
    [
        ("binary", (), 1, "the event came"),
        ("binary", (), "0", "the event did not come"),
        ("binary", (), True, "the event came"),
        ("binary", ("paid", "late"), "late", "the event came"),
        ("binary", ("paid", "late"), 0, "the event did not come"),
        ("binary", ("1", "0"), "0", "the event came"),  # people call their classes as they like
        ("binary", (), "perhaps", "perhaps"),
        ("multiclass", ("a", "b"), "b", "b"),
        ("regression", (), "12.5", "12.5"),
        ("regression", (), "unknown", "unknown"),
        ("regression", (), None, "–"),
    ],
)
def test_an_outcome_is_said_one_way(kind: Kind, classes: tuple[str, ...], outcome: object, told: str) -> None:
    assert outcome_words(replace(task(kind), classes=classes), outcome, "en") == told
    assert outcome_words(None, "1", "en") == "1"
