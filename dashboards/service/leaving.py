"""`/unsubscribe/<token>`: leaving with one click (RFC 8058), and the way back.

Opening the page changes nothing: programs that check links open them too. The mail program's own button posts
`List-Unsubscribe=One-Click`, and so does the button of the page: no cookie, no login, no redirect.
"""

from starlette.responses import Response

from connectors.errors import AssistantError
from dashboards.service import readers
from dashboards.service.asking import Ask
from dashboards.service.page import actions, button, message, whom
from dashboards.subscriptions.keeping.links import visit
from dashboards.wording import say
from pipelines.settings import Settings
from pipelines.store import Subscription

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
_AGAIN = {"Subscribe": "Again"}


def answer(ask: Ask) -> Response:
    subscription = visit(ask.settings, "unsubscribe", ask.token).subscription
    if ask.is_post and ask.form.get("List-Unsubscribe") == "One-Click":
        return _left(ask.settings, readers.leave(ask.settings, subscription))
    if ask.is_post and ask.form.get("Subscribe") == "Again":
        return _back(ask.settings, subscription)
    if subscription.status == "cancelled":
        return _left(ask.settings, subscription)
    return _question(ask.settings, subscription, 400 if ask.is_post else 200)


def _question(settings: Settings, subscription: Subscription, status: int) -> Response:
    _ = say(subscription.language)
    title = readers.title(settings, subscription)
    return message(
        settings,
        subscription.language,
        _("Leave «{report}»?").format(report=title),
        _("{address} gets this report by mail.").format(address=whom(subscription.email)),
        _("After you leave, nothing more of it is sent to you. Your other reports stay."),
        status=status,
        actions=actions(button(_("Unsubscribe"), ONE_CLICK, "main", title)),
    )


def _left(settings: Settings, subscription: Subscription) -> Response:
    _ = say(subscription.language)
    title = readers.title(settings, subscription)
    may_return = readers.may_come_back(settings, subscription)
    return message(
        settings,
        subscription.language,
        _("You have left «{report}»").format(report=title),
        _("Nothing more of it is sent to {address}.").format(address=whom(subscription.email)),
        _("Was that a mistake? You can have it back at once.") if may_return else None,
        actions=actions(button(_("Subscribe again"), _AGAIN, "", title)) if may_return else None,
    )


def _back(settings: Settings, subscription: Subscription) -> Response:
    _ = say(subscription.language)
    title = readers.title(settings, subscription)
    if subscription.status == "cancelled":
        if not readers.may_come_back(settings, subscription):
            return _left(settings, subscription)
        try:
            subscription = readers.come_back(settings, subscription)
        except AssistantError:  # the report is gone, or the plan has no room
            return message(
                settings,
                subscription.language,
                _("«{report}» cannot be had at the moment").format(report=title),
                _("Nothing was changed. Whoever runs this service can tell you more."),
                status=409,
            )
    return message(
        settings,
        subscription.language,
        _("You get «{report}» again").format(report=title),
        _("The next issue comes to {address} as before.").format(address=whom(subscription.email)),
    )
