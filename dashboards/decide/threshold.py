"""The threshold as charts and as a table: what it leads to now, and what it led to on the test cases."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from analytics.decisions.threshold import STEPS, Curve, Split
from analytics.task import Costs
from dashboards.charts.chart import Axis, Chart, Reference, Tone
from dashboards.decide.words import Deciding
from dashboards.models.decision import curve_of
from dashboards.models.subject import figure
from dashboards.numbers import number, percent
from dashboards.wording import say

_POINTS = 120  # of a curve
_NOBODY = 1e-9  # a share that is rounding


@dataclass(frozen=True)
class Happened:
    """What acting from a threshold on led to on the test cases, as shares of them all."""

    threshold: float
    acted: float
    found: float
    missed: float

    def cost(self, costs: Costs) -> float:
        """Of a case, on average."""
        return costs.miss * self.missed + costs.false_alarm * (self.acted - self.found)


def on_test_cases(metrics: Mapping[str, Any]) -> list[Happened]:
    """For each threshold that the version's figures hold, rising; [] where they hold no decision curve."""
    part = metrics.get("decision") or {}
    curve, miss, nobody = curve_of(part), figure(part.get("miss")), figure(part.get("act_on_none"))
    if curve is None or "missed" not in curve.columns or not miss or nobody is None:
        return []
    events = nobody / miss  # acting on nobody misses every event
    return [
        Happened(
            row["threshold"],
            events - row["missed"] + row["false_alarms"],
            events - row["missed"],
            row["missed"],
        )
        for row in curve.sort("threshold").iter_rows(named=True)
    ]


def nearest(happened: list[Happened], threshold: float) -> Happened | None:
    """What happened at the threshold that lies nearest to this one."""
    return min(happened, key=lambda each: abs(each.threshold - threshold), default=None)


def trade_off(curve: Curve, split: Split, best: Split | None, words: Deciding, language: str) -> Chart:
    """What is gained and what is given up, by the threshold; both as shares of all."""
    _ = say(language)
    splits, total = _splits(curve, split, best), curve.total
    if words.goes_ahead:
        lines = {
            words.rest: [each.rest.cases / max(total.cases, 1) for each in splits],
            words.loss if total.loss else words.missed: [
                each.rest.loss / total.loss if total.loss else each.rest.events / (total.events or 1)
                for each in splits
            ],
        }
    else:
        lines = {
            words.acted: [each.acted.cases / max(total.cases, 1) for each in splits],
            words.found: [each.acted.events / (total.events or 1) for each in splits],
        }
    first, second = (values[splits.index(split)] for values in lines.values())
    at = [each.threshold for each in splits]
    first_line, second_line = lines
    tones: dict[str, Tone] = {first_line: "plain", second_line: "alert" if words.goes_ahead else "watch"}
    return Chart(
        name="trade-off",
        kind="curve",
        title=_("What the threshold changes"),
        sentence=_(
            "From {threshold} on, «{first}»: {share}; «{second}»: {part}. Both are shares of all."
        ).format(
            threshold=percent(split.threshold, language),
            first=first_line,
            share=percent(first, language),
            second=second_line,
            part=percent(second, language),
        ),
        data=pl.concat(
            pl.DataFrame({"threshold": at, "share": values, "what": [name] * len(at)})
            for name, values in lines.items()
        ),
        x=Axis("threshold", words.threshold, "percent"),
        y=Axis("share", _("Share of all"), "percent"),
        group="what",
        tones=tones,
        reference=_marks(split, best, language),
    )


def cost_curve(
    curve: Curve,
    split: Split,
    best: Split,
    costs: Costs,
    happened: list[Happened],
    words: Deciding,
    language: str,
) -> Chart:
    """What a decision costs on average, by the threshold: as expected now, and on the test cases."""
    _ = say(language)
    splits, cases = _splits(curve, split, best), max(curve.total.cases, 1)
    expected, real = _("expected now"), _("on the test cases")
    top = splits[-1].threshold
    parts = [
        pl.DataFrame(
            {
                "threshold": [each.threshold for each in splits],
                "cost": [each.cost(costs) / cases for each in splits],
                "what": [expected] * len(splits),
            }
        )
    ]
    if shown := [each for each in happened if each.threshold <= top]:
        parts.append(
            pl.DataFrame(
                {
                    "threshold": [each.threshold for each in shown],
                    "cost": [each.cost(costs) for each in shown],
                    "what": [real] * len(shown),
                }
            )
        )
    return Chart(
        name="decision-costs",
        kind="curve",
        title=_("What the decisions cost"),
        sentence=(
            _("Least cost is expected from {best} on, as chosen: {least} a case on average.")
            if best.threshold == split.threshold
            else _(
                "Least cost is expected from {best} on: {least} a case on average. From {threshold} on it is "
                "{cost}."
            )
        ).format(
            best=percent(best.threshold, language),
            least=number(best.cost(costs) / cases, language),
            threshold=percent(split.threshold, language),
            cost=number(split.cost(costs) / cases, language),
        ),
        data=pl.concat(parts),
        x=Axis("threshold", words.threshold, "percent"),
        y=Axis("cost", _("Cost of a case"), "number"),
        group="what",
        tones={expected: "plain", real: "watch"},
        reference=_marks(split, best, language),
    )


def beside(
    split: Split, happened: Happened | None, costs: Costs | None, words: Deciding, language: str
) -> pl.DataFrame:
    """What is expected now beside what happened on the test cases, in 100 cases."""
    _ = say(language)
    columns = {_("Expected now"): _expected(split, costs)}
    if happened:
        columns[_("Test cases, what really happened")] = _real(happened, costs)
    rows = [words.acted, words.found, words.missed, words.effort, _("Cost of a case")][: 5 if costs else 4]
    return pl.DataFrame(
        {_("In 100 cases"): rows}
        | {name: pl.Series(values[: len(rows)], dtype=pl.Float64) for name, values in columns.items()}
    )


def _expected(split: Split, costs: Costs | None) -> list[float | None]:
    cases = max(split.cases, 1)
    return [
        100 * split.acted.cases / cases,
        100 * split.acted.events / cases,
        100 * split.rest.events / cases,
        split.acted.cases / split.acted.events if split.acted.events else None,
        split.cost(costs) / cases if costs else None,
    ]


def _real(happened: Happened, costs: Costs | None) -> list[float | None]:
    return [
        100 * happened.acted,
        100 * happened.found,
        100 * happened.missed,
        happened.acted / happened.found if happened.found > _NOBODY else None,
        happened.cost(costs) if costs else None,
    ]


def _splits(curve: Curve, *marked: Split | None) -> list[Split]:
    """The splits along the curve, those that are marked among them."""
    known = {each.threshold: each for each in marked if each}
    top = max([curve.highest, *known])
    for step in np.unique(np.linspace(0, round(top * STEPS), _POINTS).round().astype(int)).tolist():
        known.setdefault(step / STEPS, curve.at(step / STEPS))
    return [known[threshold] for threshold in sorted(known)]


def _marks(split: Split, best: Split | None, language: str) -> tuple[Reference, ...]:
    _ = say(language)
    if best and best.threshold == split.threshold:
        told = _("chosen, least cost: {threshold}")
        return (Reference(split.threshold, told.format(threshold=percent(split.threshold, language)), "x"),)
    marks = [
        Reference(
            split.threshold,
            _("chosen: {threshold}").format(threshold=percent(split.threshold, language)),
            "x",
        )
    ]
    if best:
        least = _("least cost: {threshold}").format(threshold=percent(best.threshold, language))
        marks.append(Reference(best.threshold, least, "x"))
    return tuple(marks)
