"""The bank's page: open loan applications by their risk of default."""

from typing import Any

from dashboards import numbers
from dashboards.domains.finance.market import MARKET
from dashboards.domains.finance.portfolio import PORTFOLIO
from dashboards.domains.finance.wording import purpose, title, value_words
from dashboards.queries.finance import CURRENCY, EVENTS, FACTS, applications_sql, headline, share_lost
from dashboards.screens.domain import DomainPage
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import Shown
from dashboards.screens.parts.headline import Headline
from dashboards.wording import Say
from pipelines.words import words

_LOANS = "finance.loans"
_TASK = "finance.credit_default"


def _headlines(here: Here, row: dict[str, Any]) -> list[Headline]:
    _, language = here.say, here.language
    return [
        Headline(_("Open applications"), numbers.integer(row["cases"], language)),
        Headline(_("Amount applied for"), numbers.money(row["amount"], CURRENCY, language)),
        Headline(_("In the upper bands"), numbers.integer(row["urgent"], language)),
        Headline(
            _("Expected loss"),
            numbers.money(row["expected_loss"], CURRENCY, language),
            _("Probability of default times amount times the share that is lost ({share}), summed.").format(
                share=numbers.percent(share_lost(here.tasks[_TASK]), language, 0)
            ),
        ),
    ]


def _outcome(_: Say) -> str:
    return _("Defaults within 12 months, by month of application")


_PAGE = DomainPage(
    name="finance",
    order=1,
    task=_TASK,
    title=title,
    icon=":material/account_balance:",
    about=purpose,
    outcome=_outcome,
    value_words=value_words,
    cases=applications_sql,
    entity=Shown("entity_id", _LOANS, "loan_id"),
    columns=(
        Shown("expected_loss", label=words("Expected loss, EUR", "预期损失（EUR）")),
        Shown("customer_id", _LOANS),
        Shown("full_name", "finance.customers"),
        Shown("amount", _LOANS),
        Shown("currency", _LOANS),
        Shown("term_months", _LOANS),
        Shown("purpose", _LOANS),
        Shown("applied_at", _LOANS),
    ),
    segments=(Shown("purpose", _LOANS), Shown("employment", _LOANS), Shown("channel", _LOANS)),
    headline=headline,
    headlines=_headlines,
    facts=FACTS,
    events=EVENTS,
    tabs=(PORTFOLIO,),
)
PAGES = (_PAGE,)
SCREENS = (MARKET,)
