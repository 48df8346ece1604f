"""The decision in charts, tables and words: their numbers are those of the cases."""

from dataclasses import fields

import numpy as np
import polars as pl
import pytest

from analytics.catalog import shipped_tasks
from analytics.decision import decision
from analytics.decisions.credit_loss import Portfolio, simulated
from analytics.decisions.stress import Outcome
from analytics.decisions.threshold import Curve
from analytics.task import Costs, Lever, Shock
from dashboards.charts.paper import draw as on_paper
from dashboards.charts.screen import draw as on_screen
from dashboards.decide import losses, stress, threshold
from dashboards.decide.words import Deciding, deciding_of
from dashboards.wording import say

COSTS = Costs(miss=5, false_alarm=1)
BINARY = [name for name, task in shipped_tasks().items() if task.kind == "binary"]


def _judged(cases: int = 4_000) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    scores = random.beta(1, 6, cases)
    return (random.random(cases) < scores).astype(float), scores


def _curve(scores: np.ndarray, stake: float = 100.0) -> Curve:
    steps, counts = np.unique(np.floor(scores * 10_000).astype(int), return_counts=True)
    events = [scores[np.floor(scores * 10_000).astype(int) == step].sum() for step in steps]
    return Curve.of(
        steps.tolist(), counts.tolist(), events, [stake * each for each in events], (stake * counts).tolist()
    )


def test_what_happened_on_the_test_cases_is_what_was_counted_there() -> None:
    labels, scores = _judged()
    happened = threshold.on_test_cases({"decision": decision(labels, scores, COSTS)})
    for at in (0.0, 0.1, 0.17, 0.4, 1.0):
        told = threshold.nearest(happened, at)
        assert told is not None
        acted = scores >= told.threshold
        assert told.threshold == pytest.approx(at, abs=0.005)
        assert told.acted == pytest.approx(acted.mean())
        assert told.found == pytest.approx((labels * acted).mean())
        assert told.missed == pytest.approx((labels * ~acted).mean())
        missed, alarms = (labels * ~acted).mean(), ((1 - labels) * acted).mean()
        assert told.cost(Costs(7, 2)) == pytest.approx(7 * missed + 2 * alarms)


@pytest.mark.parametrize("metrics", [{}, {"decision": {}}, {"decision": None}, {"decision": {"miss": 5}}])
def test_a_version_without_a_decision_curve_has_nothing_to_tell(metrics: dict[str, object]) -> None:
    assert threshold.on_test_cases(metrics) == []
    assert threshold.nearest([], 0.2) is None


def test_a_curve_over_missing_figures_is_cut_to_those_that_are_there() -> None:
    labels, scores = _judged(500)
    given = decision(labels, scores, COSTS)
    given["curve"]["missed"][3] = None
    assert len(threshold.on_test_cases({"decision": given})) == 100


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_domain_has_its_words_and_both_painters_draw_the_threshold(name: str, language: str) -> None:
    words = deciding_of(name, say(language))
    only_of_grants = {"goes_ahead", "loss", "turned_away"}
    for field in fields(Deciding):
        assert bool(getattr(words, field.name)) == (words.goes_ahead or field.name not in only_of_grants)
    labels, scores = _judged(800)
    curve = _curve(scores)
    split, best = curve.at(0.3), curve.cheapest(COSTS)
    happened = threshold.on_test_cases({"decision": decision(labels, scores, COSTS)})
    charts = [
        threshold.trade_off(curve, split, best, words, language),
        threshold.cost_curve(curve, split, best, COSTS, happened, words, language),
    ]
    for chart in charts:
        assert [reference.value for reference in chart.references] == [0.3, best.threshold]
        assert on_screen(chart, language).data
        assert on_paper(chart, language).png
    table = threshold.beside(split, threshold.nearest(happened, 0.3), COSTS, words, language)
    assert table.shape == (5, 3)


def test_lines_of_the_trade_off_are_shares_of_all() -> None:
    _labels, scores = _judged(800)
    curve = _curve(scores)
    words = deciding_of("medical.disease_onset", say("en"))
    chart = threshold.trade_off(curve, curve.at(0.25), None, words, "en")
    at = chart.data.filter(pl.col("threshold") == 0.25)
    acted = scores >= 0.25
    shares = dict(zip(at["what"], at["share"], strict=True))
    assert shares[words.acted] == pytest.approx(acted.mean())
    assert shares[words.found] == pytest.approx(scores[acted].sum() / scores.sum())
    loans = deciding_of("finance.credit_default", say("en"))
    chart = threshold.trade_off(curve, curve.at(0.25), None, loans, "en")
    at = chart.data.filter(pl.col("threshold") == 0.25)
    assert at["share"].to_list() == pytest.approx([(~acted).mean(), scores[~acted].sum() / scores.sum()])


def test_a_threshold_at_the_best_point_bears_one_mark() -> None:
    curve = _curve(_judged(300)[1])
    best = curve.cheapest(COSTS)
    words = deciding_of("own.task", say("en"))
    assert len(threshold.trade_off(curve, curve.at(best.threshold), best, words, "en").references) == 1


def _outcome() -> Outcome:
    task = shipped_tasks()["finance.credit_default"]
    random = np.random.default_rng(1)
    names = [band.name for band in task.bands]
    frame = pl.DataFrame(
        {
            "entity_id": [str(n) for n in range(300)],
            "before": random.uniform(0.01, 0.5, 300),
            "after": random.uniform(0.1, 0.7, 300),
            "band_before": random.choice(names, 300),
            "band_after": random.choice(names, 300),
            "purpose": random.choice(["car", "debt_consolidation"], 300),
        }
    )
    return Outcome(frame, 300, ("stated_income",), ("payment_to_income",), ("purpose",))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_stress_is_drawn_and_counted(language: str) -> None:
    task, found = shipped_tasks()["finance.credit_default"], _outcome()
    for chart in (
        stress.distribution(found, language),
        stress.bands(found, task, language),
        stress.movers(found, "purpose", task, language),
    ):
        assert on_screen(chart, language).data
        assert on_paper(chart, language).png
    bands = stress.bands(found, task, language).data
    assert bands.group_by("when").agg(pl.sum("cases"))["cases"].to_list() == [300, 300]
    counted = stress.moves(found, task, language)
    assert counted.select(counted.columns[1:]).sum().sum_horizontal().item() == 300
    places = {band.name: place for place, band in enumerate(task.bands)}
    risen = [
        places[row["band_after"]] > places[row["band_before"]] for row in found.cases.iter_rows(named=True)
    ]
    assert stress.rising(found, task) == pytest.approx(np.mean(risen))


def test_shocks_are_said_with_sign_and_unit() -> None:
    levers = [
        Lever("income", {"en": "Income", "zh": "收入"}, ("a",), "EUR"),
        Lever("rate", {"en": "Rate", "zh": "利率"}, ("b",), "%"),
    ]
    shocks = [Shock("income", "share", -0.1), Shock("rate", "step", 2.0)]
    assert stress.shocks_in_words(shocks, levers, "en") == "Income -10%, Rate +2 %"
    assert stress.shocks_in_words(shocks, levers, "zh") == "收入 -10%、利率 +2 %"


@pytest.mark.parametrize(("loss", "unit"), [(10.0, "EUR"), (10_000.0, "thousand EUR"), (1e6, "million EUR")])
def test_losses_are_drawn_in_a_unit_that_can_be_read(loss: float, unit: str) -> None:
    found = simulated(Portfolio(np.array([50]), np.array([0.1]), np.array([loss])), 0.1, 2_000)
    chart = losses.distribution(found, "EUR", "en")
    assert chart.x.unit == unit
    assert len(chart.references) == 5
    assert chart.data["end"].max() < 1_000
    assert on_paper(chart, "en").png
    assert losses.table(found, "EUR", "zh").shape == (3, 3)
    assert losses.figures(found, "EUR", "en").row(0)[1] == found.tail(losses.LEVELS[0]).value_at_risk
