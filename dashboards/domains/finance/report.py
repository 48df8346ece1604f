"""The report `credit-portfolio`: where the recent loan applications stand, and which to look at first."""

from collections.abc import Iterator

from dashboards.domains.finance.wording import title, value_words
from dashboards.queries import finance
from dashboards.queries.finance import CURRENCY
from dashboards.reports import changes, standard
from dashboards.reports.desk import Blueprint, Scored
from dashboards.reports.report import Column, Headline, Headlines, Section, Table
from dashboards.reports.standard import Figures
from dashboards.wording import say
from pipelines.finance.contracts import CUSTOMERS, LOANS


def portfolio(desk: Scored) -> tuple[Figures, Figures | None]:
    """The figures of the applications of the last ninety days, now and in the issue before.

    Amounts are looked up only where the model did not predict what may be lost.
    """
    found = standard.measured(desk)
    if all(each is None or not each["unpriced"] for each in found):
        return found
    return standard.at_both_moments(desk, finance.headline)


def summary(desk: Scored) -> str:
    """How many are urgent, and what may be lost."""
    _ = desk.say
    now, _before = desk.once(portfolio)
    return _("{high} of {all} recent applications stand in the upper bands; expected loss {loss}.").format(
        high=desk.count(now["urgent"]),
        all=desk.count(now["cases"]),
        loss=desk.money(now["expected_loss"] or 0.0, CURRENCY),
    )


def values(desk: Scored) -> dict[str, float]:
    """The figures by name."""
    return standard.values(desk, desk.once(portfolio)[0])


def _figures(desk: Scored) -> Iterator[Section]:
    _ = desk.say
    now, before = desk.once(portfolio)
    common = standard.common_headlines(desk, now, before, _("Applications, 90 days"))
    loss = now["expected_loss"] or 0.0
    change = _signed_money(desk, loss - (before["expected_loss"] or 0.0)) if before else ""
    expected = Headline(_("Expected loss"), desk.money(loss, CURRENCY), change)
    yield Headlines((*common.figures, expected), common.since)


def _signed_money(desk: Scored, amount: float) -> str:
    _ = desk.say
    if round(amount) == 0:  # the same cases summed in another order differ by a hair
        return _("no change")
    return ("+" if amount > 0 else "−") + desk.money(abs(amount), CURRENCY)


def _outcomes(desk: Scored) -> Iterator[Section]:
    _ = desk.say
    return standard.outcomes(desk, _("Defaults within 12 months, by month of application"))


def _segments(desk: Scored) -> Iterator[Section]:
    _ = desk.say
    cases = finance.purposes_sql(desk.task)
    return standard.segments(desk, cases, "purpose", _("Mean score by purpose"), _("Purpose"), value_words(_))


def _ranking(desk: Scored) -> Iterator[Table]:
    _ = desk.say
    yield standard.ranking(
        desk,
        _("Applications with the highest scores"),
        Column("entity_id", _("Application")),
        Column("amount_eur", _("Amount"), "integer", CURRENCY),
        Column("purpose", _("Purpose"), wraps=True),
        words={"purpose": value_words(_)},
    )


REPORT = Blueprint(
    name="credit-portfolio",
    title=lambda language: title(say(language)),
    summary=summary,
    figures=standard.FIGURES,
    values=values,
    sections={
        "figures": _figures,
        "changes": changes.sections,
        "bands": standard.bands,
        "scores": standard.scores,
        "outcomes": _outcomes,
        "reliability": standard.reliability,
        "segments": _segments,
        "reasons": standard.reasons,
        "ranking": _ranking,
        "purpose": standard.purpose,
    },
    domain="finance",
    task="finance.credit_default",
    cases=finance.applications_sql,
    contracts=(LOANS, CUSTOMERS),
    parameters={
        "channel": "finance.loans.channel",
        "city": "finance.customers.city",
        "currency": "finance.loans.currency",
        "purpose": "finance.loans.purpose",
    },
    defaults={"schedule": "0 7 * * 1"},
)
