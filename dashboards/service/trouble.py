"""Pages for links that do not work: each says what is wrong and what to do, and nothing about anybody."""

import htpy as h
from starlette.responses import Response

from dashboards.service.page import message, until
from dashboards.subscriptions.keeping.links import meant
from dashboards.subscriptions.keeping.tokens import ExpiredTokenError, ForgedTokenError
from dashboards.wording import say
from pipelines.settings import Settings


def unknown(settings: Settings, language: str) -> Response:
    """A link that is not ours, is cut off, or is meant for another page."""
    _ = say(language)
    return message(
        settings,
        language,
        _("This link is not valid"),
        _("Perhaps it was cut off on its way. Open the link in the mail again, or copy all of it."),
        status=404,
    )


def expired(settings: Settings, language: str, error: ExpiredTokenError) -> Response:
    """A link of ours whose time is over."""
    when = None
    try:
        subscription = meant(settings, error.subject)
    except ForgedTokenError:
        _ = say(language)
    else:
        language = subscription.language
        _ = say(language)
        when = until(settings, subscription, error.expired_at)
    title = _("This link has expired")
    ended = _("It worked until {day}.").format(day=when) if when else None
    advice = _("Every mail brings new links: open the newest one you have.")
    ask = _("If you have none, write to the address below and ask for a new link.")
    return message(settings, language, title, ended, advice, ask if settings.owner else None, status=410)


def too_many(settings: Settings, language: str, wait: int) -> Response:
    """Too many links that are none, from one place."""
    _ = say(language)
    response = message(
        settings,
        language,
        _("Too many attempts"),
        _("Many links that are not valid were opened from here. Wait a minute and try again."),
        status=429,
    )
    response.headers["Retry-After"] = str(wait)
    return response


def refused(settings: Settings, language: str, status: int) -> Response:
    """What cannot be answered: no such page, another method, a form too large or too slow."""
    _ = say(language)
    titles = {
        404: _("There is no such page"),
        405: _("This page is used in another way"),
        408: _("That took too long"),
        413: _("That was too much at once"),
    }
    advice = _("Go back to the mail and open its link again.")
    return message(
        settings, language, titles.get(status, _("This was not understood")), advice, status=status
    )


def unexpected(settings: Settings, language: str, number: str) -> Response:
    """An error nobody expected."""
    _ = say(language)
    return message(
        settings,
        language,
        _("Something went wrong here"),
        _("Nothing is lost. Try again in a moment."),
        h.fragment[_("If it happens again, tell this number:"), " ", h.code[number]],
        status=500,
    )
