"""`/archive/<token>`: the past issues of a subscription, to read and to save, as they were sent.

Only while the subscription lasts: a link in an old mail opens nothing more for who has left or was taken off
the list (paused ones still have it). And only what it may see today: issues made for a role that saw more, or
from rows that lie outside its present ones, are named but not shown.
"""

import re
from base64 import b64encode
from collections.abc import Iterator

import htpy as h
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from connectors.errors import AssistantError
from dashboards.numbers import moment
from dashboards.reports.enclosed import size_in_words
from dashboards.reports.personal import Personal
from dashboards.reports.render import GAP
from dashboards.service import readers
from dashboards.service.asking import Ask
from dashboards.service.downloads import streamed, whole
from dashboards.service.page import message, page
from dashboards.subscriptions.keeping import archive
from dashboards.subscriptions.keeping.archive import Past
from dashboards.subscriptions.keeping.kept import Kept
from dashboards.subscriptions.keeping.links import links_for, visit
from dashboards.wording import say
from pipelines.settings import Settings
from pipelines.store import Subscription

_ON_A_PAGE = 50
_NUMBER = re.compile(r"[0-9]{1,9}")
# The mail's own HTML: shown, and able to do nothing but to follow a link and to save a file.
_READING = (
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-downloads; default-src 'none'; img-src data:; "
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def listing(ask: Ask) -> Response:
    """The issues, newest first."""
    settings, subscription = ask.settings, visit(ask.settings, "archive", ask.token).subscription
    if closed := _closed(settings, subscription):
        return closed
    given = ask.query.get("from", "0")
    start = int(given) if _NUMBER.fullmatch(given) else 0
    past = archive.of_subscription(settings, subscription.id, start, _ON_A_PAGE + 1)
    _ = say(subscription.language)
    title = readers.title(settings, subscription)
    rows = [_row(settings, subscription, ask.token, each) for each in past[:_ON_A_PAGE]]
    older = h.a(href=f"?from={start + _ON_A_PAGE}")[_("Older issues")] if len(past) > _ON_A_PAGE else None
    return page(
        settings,
        subscription.language,
        _("Past issues of «{report}»").format(report=title),
        h.section(".card")[
            h.h1[_("Past issues of «{report}»").format(report=title)],
            h.p(".quiet")[_("Issues are kept for {days} days.").format(days=settings.mail.archive_days)],
        ],
        h.section(".card")[
            h.ul(".issues")[rows] if rows else h.p[_("There is none yet.")],
            h.p[older] if older else None,
        ],
    )


def reading(ask: Ask) -> Response:
    """One issue as it looked in the mail."""
    subscription, past, kept = _chosen(ask)
    letter = kept.letter
    links = links_for(ask.settings, subscription, past.delivery.period)
    personal = Personal(subscription.email, links.unsubscribe, links.preferences, links.archive)
    html = letter.html.replace(GAP, personal.in_html(letter.language))
    for name, png in letter.pictures.items():
        html = html.replace(f"cid:{name}", f"data:image/png;base64,{b64encode(png).decode()}")
    return HTMLResponse(html, headers={"Content-Security-Policy": _READING})


def mail(ask: Ask) -> Response:
    """The mail itself, to the byte."""
    subscription, past, _kept = _chosen(ask)
    try:
        content = archive.mail(ask.settings, past.delivery.id)
    except AssistantError:
        _ = say(subscription.language)
        return message(
            ask.settings,
            subscription.language,
            _("This mail cannot be made again as it was"),
            _("Something it depends on was changed since. Its page and its files are as they were sent."),
            status=409,
        )
    return whole(f"{subscription.report}-{past.delivery.period:%Y-%m-%d}.eml", content)


def attachment(ask: Ask) -> Response:
    """One file of an issue."""
    _subscription, _past, kept = _chosen(ask)
    number = _number(ask, "file")
    if number >= len(kept.files):
        raise HTTPException(404)
    file = kept.files[number]
    return streamed(file.name, kept.pieces(file.name), file.size)


def _number(ask: Ask, name: str) -> int:
    """A number in the address; 404 for what is none, or one that no database keeps."""
    given = str(ask.path[name])
    if not _NUMBER.fullmatch(given):
        raise HTTPException(404)
    return int(given)


def _chosen(ask: Ask) -> tuple[Subscription, Past, Kept]:
    """The issue in the address, if it is one of this subscription that may be shown; else 404."""
    subscription = visit(ask.settings, "archive", ask.token).subscription
    number = _number(ask, "delivery")
    is_open = subscription.status != "cancelled"
    past = archive.of_delivery(ask.settings, number) if is_open else None
    if (
        past is None
        or past.delivery.subscription_id != subscription.id
        or not past.is_kept
        or not past.may_be_seen_by(subscription)
    ):
        raise HTTPException(404)
    return subscription, past, archive.issue(ask.settings, past.delivery.issue_key)


def _closed(settings: Settings, subscription: Subscription) -> Response | None:
    if subscription.status != "cancelled":
        return None
    _ = say(subscription.language)
    return message(
        settings,
        subscription.language,
        _("This archive is closed"),
        _("The subscription has ended, and its past issues are shown here no more."),
        _("If you left by mistake, the link «Unsubscribe» in a mail also leads back."),
        status=410,
    )


def _row(settings: Settings, subscription: Subscription, token: str, past: Past) -> h.Element:
    language = subscription.language
    when = moment(past.delivery.period, language, subscription.timezone or settings.timezone)
    return h.li[
        h.h2[when],
        h.p(".quiet")[past.entry.title] if past.entry else None,
        h.div(".files")[_ways(settings, subscription, token, past)],
    ]


def _ways(settings: Settings, subscription: Subscription, token: str, past: Past) -> Iterator[h.Node]:
    """The links to one issue, or why there are none."""
    _ = say(subscription.language)
    if past.entry is None or not past.is_kept:
        yield h.span(".quiet")[_("No longer kept.")]
        return
    if not past.may_be_seen_by(subscription):
        yield h.span(".quiet")[_("Not shown: it was made for somebody who may see more.")]
        return
    place = f"{token}/{past.delivery.id}"
    yield h.a(href=f"{place}/read")[_("Read")]
    if past.delivery.digest:
        yield h.a(href=f"{place}/mail")[_("As an e-mail (.eml)")]
    try:
        files = archive.issue(settings, past.entry.key).files
    except AssistantError:
        yield h.span(".quiet")[_("Its files are damaged.")]
        return
    for number, file in enumerate(files):
        size = size_in_words(file.size, subscription.language)
        yield h.a(href=f"{place}/file/{number}")[f"{file.name} ({size})".replace(" ", "\N{NO-BREAK SPACE}")]
