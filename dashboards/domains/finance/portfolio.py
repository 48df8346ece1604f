"""The tab `portfolio` of the bank's page: how the loans granted fare, and where what may be lost lies."""

from datetime import datetime

from analytics.task import Task
from dashboards.domains.finance.portfolio_bands import show_bands
from dashboards.domains.finance.portfolio_concentration import show_concentration
from dashboards.domains.finance.portfolio_loss import show_loss
from dashboards.domains.finance.portfolio_rolls import show_rolls
from dashboards.domains.finance.portfolio_vintages import show_vintages
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import choose_part
from dashboards.screens.tab import Tab
from dashboards.wording import Say

_PARTS = {
    "vintages": show_vintages,
    "rolls": show_rolls,
    "bands": show_bands,
    "loss": show_loss,
    "concentration": show_concentration,
}


def _title(_: Say) -> str:
    return _("Portfolio")


def _draw(here: Here, task: Task, as_of: datetime) -> None:
    _ = here.say
    titles = {
        "vintages": _("Vintages"),
        "rolls": _("Roll rates"),
        "bands": _("Promised and kept"),
        "loss": _("Expected loss"),
        "concentration": _("Concentration"),
    }
    _PARTS[choose_part(here, titles)](here, task, as_of)


PORTFOLIO = Tab("portfolio", _title, ":material/donut_small:", _draw)
