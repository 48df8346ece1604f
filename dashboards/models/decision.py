"""From which score on it pays to act: the threshold that stated costs lead to, and what acting is worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from dashboards.charts.chart import Axis, Chart, Reference
from dashboards.models.subject import Subject, figure, known
from dashboards.numbers import number, percent
from dashboards.reports.report import Paragraph, Section
from dashboards.wording import together

_WORTH_SAYING = 0.05  # true alarms in 100 cases


@dataclass(frozen=True)
class Choice:
    """The costs of a decision, and what they lead to: the score to act from and the cost of a case then.

    `curve` holds `threshold, expected_cost`; `everyone` and `nobody` are the costs of a case when acting on
    all or on none (None where unknown).
    """

    miss: float
    false_alarm: float
    threshold: float
    cost: float
    curve: pl.DataFrame
    everyone: float | None
    nobody: float | None


def stated(subject: Subject) -> Choice | None:
    """The choice under the costs that the task states; None where this version has no such figures."""
    part = subject.part("decision")
    curve = curve_of(part)
    numbers = [figure(part.get(name)) for name in ("miss", "false_alarm", "threshold", "expected_cost")]
    miss, false_alarm, threshold, cost = numbers
    if curve is None or miss is None or false_alarm is None or threshold is None or cost is None:
        return None
    everyone, nobody = figure(part.get("act_on_all")), figure(part.get("act_on_none"))
    return Choice(miss, false_alarm, threshold, cost, curve, everyone, nobody)


def with_costs(subject: Subject, miss: float, false_alarm: float) -> Choice | None:
    """The choice under other costs (above 0); None where the version does not hold the shares for it.

    The cost of a case at a threshold is `miss` times the share of cases missed there plus `false_alarm`
    times the share alarmed for nothing. The threshold is that of theory, as in `analytics.decision`.
    """
    found = stated(subject)
    if found is None or "missed" not in found.curve.columns:
        return None
    cost = miss * pl.col("missed") + false_alarm * pl.col("false_alarms")
    curve = found.curve.with_columns(cost.alias("expected_cost"))
    threshold = false_alarm / (false_alarm + miss)
    there = curve.sort((pl.col("threshold") - threshold).abs()).row(0, named=True)
    everyone = _scaled(found.everyone, found.false_alarm, false_alarm)
    nobody = _scaled(found.nobody, found.miss, miss)
    return Choice(miss, false_alarm, threshold, there["expected_cost"], curve, everyone, nobody)


def _scaled(cost: float | None, stated_at: float, now_at: float) -> float | None:
    """A cost that rises with one of the two costs alone; None where that cannot be told."""
    return None if cost is None or not stated_at else cost / stated_at * now_at


def curve_of(part: Mapping[str, Any]) -> pl.DataFrame | None:
    """`threshold, expected_cost` of a version's figures, with `missed, false_alarms` (shares of all cases)
    where it holds them; None without.
    """
    given = part.get("curve") or {}
    names = [name for name in ("threshold", "expected_cost", "missed", "false_alarms") if given.get(name)]
    if names[:2] != ["threshold", "expected_cost"] or len({len(given[name]) for name in names}) != 1:
        return None
    kept = names if len(names) == 4 else names[:2]
    return pl.DataFrame({name: known(given[name]) for name in kept}).drop_nulls()


def sections(subject: Subject) -> list[Section]:
    """The threshold in words, the cost curve, and what acting by the model is worth."""
    choice = stated(subject)
    shown: list[Section] = []
    if choice is not None:
        _ = subject.say
        shown = [
            Paragraph(_("From which score on to act"), in_words(subject, choice)),
            cost_curve(subject, choice),
        ]
    return [*shown, *net_benefit(subject)]


def in_words(subject: Subject, choice: Choice) -> str:
    """The costs, the threshold they lead to, and what it costs beside acting on everyone or nobody."""
    _, language = subject.say, subject.language
    sentence = _(
        "If letting a case pass unseen costs {miss} and a false alarm {alarm}, it pays to act from a score "
        "of {threshold} on; a case then costs {cost} on average."
    ).format(
        miss=number(choice.miss, language),
        alarm=number(choice.false_alarm, language),
        threshold=percent(choice.threshold, language),
        cost=number(choice.cost, language),
    )
    if choice.everyone is None or choice.nobody is None:
        return sentence
    beside = _("Acting on everyone would cost {all}, acting on nobody {none}.")
    rest = beside.format(all=number(choice.everyone, language), none=number(choice.nobody, language))
    return together((sentence, rest), language)


def cost_curve(subject: Subject, choice: Choice) -> Chart:
    """What a case costs on average, by the score to act from."""
    _, language = subject.say, subject.language
    threshold = percent(choice.threshold, language)
    least = choice.curve.row(int(choice.curve["expected_cost"].arg_min() or 0), named=True)
    return Chart(
        name="costs",
        kind="curve",
        title=_("What a decision costs"),
        sentence=_(
            "On the test cases acting cost least from {least} on; the costs alone say {threshold}. Were they "
            "far apart, it would mean that the scores do not hold."
        ).format(least=percent(least["threshold"], language, 0), threshold=threshold),
        data=choice.curve.sort("threshold"),
        x=Axis("threshold", _("Act from this score on"), "percent"),
        y=Axis("expected_cost", _("Cost of a case"), "number"),
        reference=Reference(choice.threshold, threshold, "x"),
    )


def net_benefit(subject: Subject) -> list[Section]:
    """The decision curve after Vickers and Elkin (2006), where the version holds one."""
    given = subject.part("decision").get("net_benefit") or {}
    if not all(given.get(name) for name in ("threshold", "model", "all")):
        return []
    _ = subject.say
    names = {"model": _("act by the model"), "all": _("act on everyone"), "none": _("act on nobody")}
    wide = pl.DataFrame({name: known(given[name]) for name in ("threshold", "model", "all")})
    wide = wide.drop_nulls().with_columns(none=pl.lit(0.0)).sort("threshold")
    ceiling = float(wide["model"].max() or 0.0)  # type: ignore[arg-type]
    # Acting on everyone falls without end: what lies far below nothing is left out.
    long = (
        wide.unpivot(index="threshold", variable_name="way", value_name="benefit")
        .filter(pl.col("benefit") >= -0.2 * max(ceiling, 1e-6))
        .with_columns((100 * pl.col("benefit")).alias("benefit"), pl.col("way").replace(names))
    )
    return [
        Chart(
            name="benefit",
            kind="curve",
            title=_("What acting by the model is worth"),
            sentence=_benefit_in_words(subject, wide),
            data=long,
            x=Axis("threshold", _("Act from this score on"), "percent"),
            y=Axis("benefit", _("Net true alarms in 100 cases"), "number"),
            group="way",
            tones={names["model"]: "plain", names["all"]: "watch", names["none"]: "muted"},
        )
    ]


def _benefit_in_words(subject: Subject, wide: pl.DataFrame) -> str:
    """The gain at the threshold of the stated costs (else where it is largest)."""
    _, language = subject.say, subject.language
    gains = wide.with_columns(
        gain=100 * (pl.col("model") - pl.max_horizontal("all", "none")),
    )
    choice = stated(subject)
    wanted = (
        choice.threshold if choice else gains.row(int(gains["gain"].arg_max() or 0), named=True)["threshold"]
    )
    row = gains.sort((pl.col("threshold") - wanted).abs()).row(0, named=True)
    if row["gain"] < _WORTH_SAYING:
        return _(
            "Acting from {threshold} on, the model is worth no more than the better of acting on everyone "
            "and on nobody."
        ).format(threshold=percent(wanted, language))
    return _(
        "Acting from {threshold} on, the model is worth {gain} more true alarms in 100 cases than the better "
        "of acting on everyone and on nobody; false alarms are already taken off."
    ).format(threshold=percent(wanted, language), gain=number(row["gain"], language, 1))
