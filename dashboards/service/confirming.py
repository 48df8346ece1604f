"""`/confirm/<token>`: a new reader says that a report is wanted (double opt-in). Only the button says it."""

from starlette.responses import Response

from dashboards.service import readers
from dashboards.service.asking import Ask
from dashboards.service.page import actions, button, message, whom
from dashboards.subscriptions.keeping.links import visit
from dashboards.subscriptions.readers import book
from dashboards.wording import say


def answer(ask: Ask) -> Response:
    settings = ask.settings
    subscription = visit(settings, "confirm", ask.token).subscription
    if ask.form.get("confirm") == "yes" and subscription.status == "pending":
        subscription = book.confirm(settings, subscription.id, who=readers.READER)
    _ = say(subscription.language)
    title, address = readers.title(settings, subscription), whom(subscription.email)
    if subscription.status == "pending":
        return message(
            settings,
            subscription.language,
            _("Get «{report}» by mail?").format(report=title),
            _("Somebody entered {address} for this report.").format(address=address),
            _("Nothing is sent unless you say yes here. If it was not you, just close this page."),
            actions=actions(button(_("Yes, send it to me"), {"confirm": "yes"}, "main", title)),
        )
    if subscription.status == "cancelled":
        return message(
            settings,
            subscription.language,
            _("This subscription has ended"),
            _("«{report}» is no longer sent to {address}.").format(report=title, address=address),
            status=410,
        )
    return message(
        settings,
        subscription.language,
        _("You get «{report}» by mail").format(report=title),
        _("Confirmed. It comes to {address} from now on.").format(address=address),
        _("Every issue has a link to change or to end it."),
    )
