"""Where the pages of the dashboard are found: what screens are called by and what mails link to."""

from urllib.parse import quote, urlencode

from analytics.catalog import shipped_tasks
from pipelines.settings import Settings

CASE, VIEW, VERSION = "case", "view", "version"  # names in the address
MODEL = "model"  # the view of a task's model


def page_of(task: str) -> str:
    """The page of a task: the first task of a shipped domain has the domain's, others have their own."""
    first: dict[str, str] = {}
    for each in shipped_tasks().values():
        first.setdefault(each.domain, each.name)
    domain = task.partition(".")[0]
    return domain if first.get(domain) == task else task.replace(".", "-")


def link_to_page(settings: Settings, task: str) -> str:
    """The address of a task's page as it is seen from outside."""
    return f"{settings.public_url.rstrip('/')}/{quote(page_of(task))}"


def link_to_model(settings: Settings, task: str, version: str) -> str:
    """The address of what is told of one version of a task's model."""
    return f"{link_to_page(settings, task)}?{urlencode({VIEW: MODEL, VERSION: version})}"
