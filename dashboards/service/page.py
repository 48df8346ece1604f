"""The pages that mails link to: a heading, cards, forms that need no script."""

from collections.abc import Mapping

import htpy as h
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from dashboards.numbers import day
from dashboards.service.style import HASH, SHEET
from dashboards.wording import TAGS, say
from pipelines.settings import Settings
from pipelines.store import Subscription

_POLICY = (
    f"default-src 'none'; style-src '{HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def page(settings: Settings, language: str, title: str, *content: h.Node, status: int = 200) -> Response:
    """A whole page; nothing in it comes from anywhere else, and nothing in it runs."""
    document = h.html(lang=TAGS[language])[
        h.head[
            h.meta(charset="utf-8"),
            h.meta(name="viewport", content="width=device-width, initial-scale=1"),
            h.meta(name="color-scheme", content="light dark"),
            h.title[f"{title} – {settings.name}"],
            h.style[Markup(SHEET)],  # noqa: S704 - a constant of this program
        ],
        h.body[h.header[h.p[settings.name]], h.main[content], h.footer[_whom_to_ask(settings, language)]],
    ]
    return HTMLResponse(str(document), status, {"Content-Security-Policy": _POLICY})


def message(
    settings: Settings,
    language: str,
    title: str,
    *sentences: h.Node,
    status: int = 200,
    actions: h.Node = None,
) -> Response:
    """A page that says one thing."""
    return page(
        settings,
        language,
        title,
        h.section(".card")[h.h1[title], (h.p[each] for each in sentences if each), actions],
        status=status,
    )


def note(kind: str, *sentences: h.Node) -> h.Element:
    """What has just happened (`fine`), or did not (`alert`); read out by screen readers."""
    role = "alert" if kind == "alert" else "status"
    return h.div(class_=f"note {kind}", role=role)[(h.p[each] for each in sentences if each)]


def button(words: str, fields: Mapping[str, str], kind: str = "", about: str = "") -> h.Element:
    """A form of one button; `about` tells those who do not see the page what it is for."""
    return h.form(method="post")[
        (h.input(type="hidden", name=name, value=value) for name, value in fields.items()),
        h.button(class_=kind or None, type="submit", aria_label=f"{words}: {about}" if about else None)[
            words
        ],
    ]


def actions(*buttons: h.Node) -> h.Element:
    """Buttons side by side; on a phone one below the other."""
    return h.div(".actions")[buttons]


def whom(address: str) -> str:
    """An address as it is shown to whoever holds a link: enough to know one's own, not to learn another's."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def until(settings: Settings, subscription: Subscription, moment: object) -> str:
    """A day as the reader writes it, in the reader's zone."""
    return day(moment, subscription.language, subscription.timezone or settings.timezone)  # type: ignore[arg-type]


def _whom_to_ask(settings: Settings, language: str) -> h.Node:
    if not settings.owner:
        return None
    _ = say(language)
    return h.p[_("Questions? Write to"), " ", h.a(href=f"mailto:{settings.owner}")[settings.owner]]
