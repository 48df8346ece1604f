"""What a portfolio may lose, as a chart and as a table."""

import polars as pl

from analytics.decisions.credit_loss import LEVELS, Losses
from dashboards.charts.chart import Axis, Chart, Reference
from dashboards.numbers import money, percent
from dashboards.wording import say


def distribution(losses: Losses, unit: str, language: str) -> Chart:
    """How often the portfolio loses how much, with what is expected and what is rarely exceeded."""
    _ = say(language)
    tails = [losses.tail(level) for level in LEVELS]
    expected, bins = losses.portfolio.expected, losses.histogram()
    size, unit_shown = _scale(float(bins["end"].max() or 0.0), unit, language)  # type: ignore[arg-type]
    marks = [Reference(expected / size, _("Expected loss"), "x")]
    marks += [
        Reference(tail.value_at_risk / size, _("VaR {level}").format(level=_level(tail.level, language)), "x")
        for tail in tails
    ]
    middle = tails[1]
    worse = _("Shortfall {level}").format(level=_level(middle.level, language))
    marks.append(Reference(middle.shortfall / size, worse, "x"))
    return Chart(
        name="losses",
        kind="histogram",
        title=_("How much the portfolio may lose"),
        sentence=_(
            "{expected} are expected to be lost. In {level} of the scenarios the loss stays below {loss}; in "
            "the others it is {shortfall} on average."
        ).format(
            expected=money(expected, unit, language),
            level=_level(middle.level, language),
            loss=money(middle.value_at_risk, unit, language),
            shortfall=money(middle.shortfall, unit, language),
        ),
        data=bins.with_columns(pl.col("start", "end") / size),
        x=Axis("start", _("Loss"), "number", unit_shown),
        y=Axis("share", _("Share of scenarios"), "percent"),
        x_end="end",
        reference=tuple(marks),
    )


def table(losses: Losses, unit: str, language: str) -> pl.DataFrame:
    """Value at risk and expected shortfall at each level with their standard errors; written cells."""
    _ = say(language)
    tails = [losses.tail(level) for level in LEVELS]

    def cell(value: float, error: float) -> str:
        return _("{value} ± {margin}").format(
            value=money(value, unit, language), margin=money(error, unit, language)
        )

    return pl.DataFrame(
        {
            _("Level"): [_level(tail.level, language) for tail in tails],
            _("Loss not exceeded (value at risk)"): [
                cell(tail.value_at_risk, tail.value_at_risk_error) for tail in tails
            ],
            _("Mean of the worse scenarios (expected shortfall)"): [
                cell(tail.shortfall, tail.shortfall_error) for tail in tails
            ],
        }
    )


def figures(losses: Losses, unit: str, language: str) -> pl.DataFrame:
    """The same as numbers, the standard errors in columns of their own."""
    _ = say(language)
    tails = [losses.tail(level) for level in LEVELS]
    risk, shortfall = (
        f"{words}, {unit}"
        for words in (
            _("Loss not exceeded (value at risk)"),
            _("Mean of the worse scenarios (expected shortfall)"),
        )
    )
    error = _("{what}, standard error")
    return pl.DataFrame(
        {
            _("Level"): [tail.level for tail in tails],
            risk: [tail.value_at_risk for tail in tails],
            error.format(what=risk): [tail.value_at_risk_error for tail in tails],
            shortfall: [tail.shortfall for tail in tails],
            error.format(what=shortfall): [tail.shortfall_error for tail in tails],
        }
    )


def _scale(top: float, unit: str, language: str) -> tuple[float, str]:
    """By what large amounts are divided, and the unit that is left: axes of seven digits cannot be read."""
    _ = say(language)
    if top >= 2e6:
        return 1e6, _("million {unit}").format(unit=unit)
    return (1e3, _("thousand {unit}").format(unit=unit)) if top >= 2e4 else (1.0, unit)


def _level(level: float, language: str) -> str:
    return percent(level, language, 1 if level > 0.99 else 0)
