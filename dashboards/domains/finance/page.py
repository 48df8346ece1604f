"""The bank's page: open loan applications by their risk of default."""

from analytics.task import Task
from dashboards import numbers
from dashboards.domains.finance.cases import LABELS
from dashboards.domains.finance.market import MARKET
from dashboards.domains.finance.portfolio import PORTFOLIO
from dashboards.domains.finance.wording import purpose, title, value_words
from dashboards.explore import figure
from dashboards.explore.figure import Figure
from dashboards.queries.finance import CURRENCY, EVENTS, FACTS, share_lost
from dashboards.screens.domain import DomainPage
from dashboards.screens.parts.columns import Shown
from dashboards.wording import Say
from pipelines.queries import exact_sum

_LOANS = "finance.loans"
_TASK = "finance.credit_default"
_LABELS = LABELS[_TASK]


def _figures(task: Task) -> tuple[Figure, ...]:
    def loss_help(_: Say) -> str:
        words = _("Probability of default times amount times the share that is lost ({share}), summed.")
        return words.format(share=numbers.percent(share_lost(task), "en", 0))

    return (
        figure.cases(lambda _: _("Applications, 90 days")),
        Figure("amount", exact_sum("amount_eur"), lambda _: _("Amount applied for"), "money", CURRENCY),
        figure.urgent(task),
        Figure(
            "expected_loss",
            exact_sum("expected_loss"),
            lambda _: _("Expected loss"),
            "money",
            CURRENCY,
            help=loss_help,
        ),
        figure.mean_score(task),
    )


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
    figures=_figures,
    entity=Shown("entity_id", _LOANS, "loan_id"),
    columns=(
        Shown("expected_loss", label=_LABELS["expected_loss"]),
        Shown("amount", _LOANS),
        Shown("currency", _LOANS),
        Shown("purpose", _LOANS),
        Shown("term_months", _LOANS),
        Shown("customer_id", _LOANS),
        Shown("full_name", "finance.customers"),
        Shown("applied_at", _LOANS),
    ),
    segments=(Shown("purpose", _LOANS), Shown("employment", _LOANS), Shown("channel", _LOANS)),
    more=(
        Shown("amount_eur", label=_LABELS["amount_eur"]),
        Shown("city", "finance.customers"),
    ),
    facts=FACTS,
    events=EVENTS,
    tabs=(PORTFOLIO,),
)
PAGES = (_PAGE,)
SCREENS = (MARKET,)
