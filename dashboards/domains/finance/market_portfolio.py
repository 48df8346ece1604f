"""How to divide money on the market page: the efficient frontier, and what would really have come of it."""

import polars as pl
import streamlit as st

from analytics.market.frontier import AIMS, Aim, Portfolio, held
from analytics.market.returns import DAYS_A_YEAR, yearly
from analytics.market.value_at_risk import FEWEST, METHODS, risk
from dashboards import numbers
from dashboards.charts.chart import Tone
from dashboards.domains.finance.market_charts import frontier_chart, growth_chart, weight_chart
from dashboards.domains.finance.market_choice import Chosen, comparable
from dashboards.domains.finance.market_words import method_words
from dashboards.domains.finance.parts import explain, show_rows
from dashboards.queries.market_risk import Portfolios, portfolios
from dashboards.reports.report import Column
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import choose
from dashboards.screens.parts.figure import show_figure
from dashboards.wording import Say

_LEVEL = 0.99  # of the value at risk of the portfolio
_Point = tuple[float, float, str, str | None]  # volatility, return, what it is, the name beside it


def show_portfolio(here: Here, chosen: Chosen) -> None:
    """The frontier with its test, and the portfolio of the aim that a person chose."""
    _ = here.say
    chosen = comparable(here, chosen)
    if len(chosen.names) < 2:
        st.info(
            _(
                "Dividing money needs at least two instruments with more than a year of prices. Choose more "
                "instruments or a longer period."
            ),
            icon=":material/call_split:",
        )
        return
    with st.spinner(_("Looking for the best portfolios, and testing them on the months that followed …")):
        found = here.ask(portfolios, chosen.names, chosen.since)
    if found.returns.height < FEWEST:
        st.info(_("There are too few days on which all of them have a price."), icon=":material/inbox:")
        return
    aim = _aim(here)
    _show_frontier(here, chosen, found, aim)
    _show_test(here, chosen, found)
    _show_chosen(here, chosen, found, aim)
    _explain(here)


def aim_words(_: Say) -> dict[Aim, str]:
    """What a portfolio is made for, in words."""
    return {
        "least_risk": _("least risk"),
        "best_ratio": _("most return for its risk"),
        "equal": _("equal parts"),
    }


def _aim(here: Here) -> Aim:
    _ = here.say
    return choose("aim", _("The portfolio with"), aim_words(_))


def _show_frontier(here: Here, chosen: Chosen, found: Portfolios, aim: Aim) -> None:
    """In hindsight: the frontier, each instrument alone, the chosen portfolio; and what really came of it."""
    _ = here.say
    name = aim_words(_)[aim]
    line, alone = _("frontier, in hindsight"), _("one instrument alone")
    seen, came = _("{aim}, in hindsight").format(aim=name), _("{aim}, really").format(aim=name)
    rows: list[_Point] = [(each.volatility, each.gain, line, None) for each in found.frontier]
    rows += [(*_yearly(found.returns[each]), alone, each) for each in found.names]
    rows.append((found.hindsight[aim].volatility, found.hindsight[aim].gain, seen, None))
    if found.walked[aim].height:
        rows.append((*_yearly(found.walked[aim]["return"]), came, None))
    tones: dict[str, Tone] = {line: "calm", alone: "muted", seen: "plain", came: "alert"}
    points = pl.DataFrame(rows, schema=["volatility", "gain", "what", "name"], orient="row")
    sentence = _(
        "The frontier shows the most return for each risk that {days} past days would have allowed: nobody "
        "knew that beforehand. What really came stands beside it."
    ).format(days=numbers.integer(found.returns.height, here.language))
    show_figure(here, frontier_chart(points, tones, sentence, here.language), told=chosen.told)
    if found.left_out:
        st.caption(
            _(
                "On {days} days at least one of them had no price: those days are left out, and the next "
                "return spans them."
            ).format(days=numbers.integer(found.left_out, here.language))
        )


def _show_test(here: Here, chosen: Chosen, found: Portfolios) -> None:
    """What each aim promised in hindsight beside what it brought month after month."""
    _ = here.say
    words = aim_words(_)
    grown = [
        days.select(
            "day",
            (100 * (1 + pl.col("return")).cum_prod()).alias("value"),
            pl.lit(words[aim]).alias("what"),
        )
        for aim, days in found.walked.items()
        if days.height
    ]
    if not grown:
        st.info(
            _("There is no more than a year of common days: too few to test the portfolios on later months."),
            icon=":material/hourglass_empty:",
        )
        return
    show_figure(here, growth_chart(pl.concat(grown), here.language), told=chosen.told)
    rows = pl.DataFrame([_beside(words[aim], found.hindsight[aim], found.walked[aim]) for aim in AIMS])
    columns = (
        Column("aim", _("Portfolio")),
        Column("gain", _("Return a year, in hindsight"), "percent"),
        Column("came", _("Return a year, really"), "percent"),
        Column("volatility", _("Volatility, in hindsight"), "percent"),
        Column("swung", _("Volatility, really"), "percent"),
    )
    show_rows(here, "walked", _("In hindsight and really"), columns, rows, chosen.told)
    st.caption(
        _(
            "Really: each portfolio was made from the year before, held for a month, and made anew. Trust "
            "this column. Costs of trading are not taken off."
        )
    )


def _beside(name: str, seen: Portfolio, days: pl.DataFrame) -> dict[str, object]:
    swung, came = _yearly(days["return"])
    return {
        "aim": name,
        "gain": seen.gain,
        "came": came,
        "volatility": seen.volatility,
        "swung": swung,
    }


def _show_chosen(here: Here, chosen: Chosen, found: Portfolios, aim: Aim) -> None:
    """The weights of the portfolio of the aim, and its value at risk."""
    _, portfolio = here.say, found.hindsight[aim]
    told = [*chosen.told, aim_words(_)[aim]]
    show_figure(here, weight_chart(portfolio, here.language), told=told)
    daily = held(found.returns, portfolio.weights)
    ways = method_words(_)
    risks = {method: risk(daily, _LEVEL, method) for method in METHODS}
    rows = pl.DataFrame(
        [
            {"method": ways[method], "risk": 100 * each.value_at_risk, "shortfall": 100 * each.shortfall}
            for method, each in risks.items()
        ]
    )
    columns = (
        Column("method", _("Method")),
        Column("risk", _("Value at risk, 99% of days"), "number", "%"),
        Column("shortfall", _("Expected shortfall"), "number", "%"),
    )
    show_rows(here, "portfolio-risk", _("What this portfolio may lose in a day"), columns, rows, told)


def _yearly(daily: pl.Series) -> tuple[float, float]:
    """Volatility and return of a year."""
    values = daily.to_numpy()
    return float(values.std(ddof=1)) * float(DAYS_A_YEAR**0.5), yearly(float(values.mean()))


def _explain(here: Here) -> None:
    _ = here.say
    explain(
        here,
        {
            _("Efficient frontier"): _(
                "The portfolios that had the least risk for their return (Markowitz 1952). All money is "
                "invested and nothing is sold that is not owned."
            ),
            _("In hindsight"): _(
                "Fitted to the very days it is shown for. It flatters itself: the winners are known."
            ),
            _("Shrinkage"): _(
                "How instruments move together is estimated after Ledoit and Wolf (2004), which keeps chance "
                "in few days from looking like a rule."
            ),
        },
    )
