"""Where the pages of the dashboard are found: what screens are called by and what mails link to."""

from collections.abc import Iterable, Sequence
from urllib.parse import quote, urlencode

from analytics.catalog import shipped_tasks
from pipelines.settings import Settings

CASE, VIEW, VERSION, LANGUAGE = "case", "view", "version", "lang"  # names in the address
ONLY = "only."  # before the name of a parameter: `only.depot=D01&only.depot=D05` cuts a page to these rows
MODEL = "model"  # the view of a task's model
QUALITY = "quality"  # the page on data quality


def page_of(task: str) -> str:
    """The page of a task: the first task of a shipped domain has the domain's, others have their own."""
    first: dict[str, str] = {}
    for each in shipped_tasks().values():
        first.setdefault(each.domain, each.name)
    domain = task.partition(".")[0]
    return domain if first.get(domain) == task else task.replace(".", "-")


def link_to_page(
    settings: Settings, task: str, attributes: Iterable[tuple[str, Sequence[str]]] = (), view: str = ""
) -> str:
    """The address of a task's page as it is seen from outside, cut to the rows of `attributes`, at a view.

    A parameter without any value cuts away all rows: it is in the address with an empty one. `view` is the
    query of a view (`View.query`).
    """
    page = f"{settings.public_url.rstrip('/')}/{quote(page_of(task))}"
    only = urlencode([(ONLY + name, value) for name, values in attributes for value in values or ("",)])
    query = "&".join(each for each in (only, view) if each)
    return f"{page}?{query}" if query else page


def link_to_model(settings: Settings, task: str, version: str) -> str:
    """The address of what is told of one version of a task's model."""
    return f"{link_to_page(settings, task)}?{urlencode({VIEW: MODEL, VERSION: version})}"


def link_to_quality(settings: Settings) -> str:
    """The address of the page on data quality."""
    return f"{settings.public_url.rstrip('/')}/{QUALITY}"


def spoken(settings: Settings, link: str, language: str) -> str:
    """The address of a page in a reader's language; the house's own need not be named."""
    if language == settings.language:
        return link
    return f"{link}{'&' if '?' in link else '?'}{urlencode({LANGUAGE: language})}"
