"""What an issue is called: by its report, and where it is about a view of the cases by that view too.

The title is the subject of a mail and a line in its reader's inbox, so it is one short line.
"""

import unicodedata

from dashboards.addresses import page_of
from dashboards.explore.saved import name_of
from dashboards.explore.subscribed import ATTRIBUTE as VIEW
from dashboards.explore.view import view_of
from dashboards.reports import viewed
from dashboards.reports.declared import report_settings, title_of
from dashboards.reports.foreign import shortened
from dashboards.reports.reader import attributes_of
from dashboards.wording import with_value
from pipelines.settings import Settings
from pipelines.store import Subscription

_LONGEST = 60  # letters of a view in a title: what an inbox shows of a subject on a wide screen


def titled(title: str, view: str, language: str) -> str:
    """`Credit portfolio: High band, Lyon`; the title alone without a view."""
    return with_value(title, shortened(_line(view), _LONGEST), language)


def view_name(settings: Settings, entry: Subscription) -> str:
    """What the house named the view of a subscription; "" where nobody did, or there is no view.

    The names are the house's own words: readers of an account, who are outside of it, never see them.
    """
    text = next(iter(dict(attributes_of(entry.attributes)).get(VIEW, ())), "")
    task = report_settings(settings, entry.report).task
    return name_of(settings, page_of(task), view_of(text)) if text and task and not entry.account else ""


def title_for(settings: Settings, entry: Subscription) -> str:
    """What the reader of a subscription knows its issues by."""
    language, task = entry.language, report_settings(settings, entry.report).task
    view = view_name(settings, entry)
    view = view or viewed.told(settings, task, attributes_of(entry.attributes), language)
    return titled(title_of(settings, entry.report, language), view, language)


def _line(text: str) -> str:
    """Without what breaks a line, is not seen, or turns round what follows (Unicode's «other» letters)."""
    seen = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    return " ".join(seen.split())
