"""Short mails beside the issues: one is held, a plan has come to its end, a subscription is to be confirmed.

They look like the issues and have the same footer; `seal(notice).mail(envelope)` makes the mail.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import htpy as h

from dashboards.numbers import day, moment
from dashboards.reports.mail import Letter
from dashboards.reports.page import banner, button, page, paragraph, row
from dashboards.wording import say
from pipelines.store import Subscription


@dataclass(frozen=True)
class About:
    """Whom a notice goes to, and the report (by its `title`) and house it speaks of."""

    subscription: Subscription
    title: str
    organisation: str

    @property
    def language(self) -> str:
        return self.subscription.language


def held(about: About, period: datetime) -> Letter:
    """The issue of `period` waits until its data and its model can be trusted again."""
    _ = say(about.language)
    when = moment(period, about.language, about.subscription.timezone)
    return _letter(
        about,
        _("Held: {title}").format(title=about.title),
        _("This issue comes later"),
        (
            _("The issue of {moment} is held: the data or the model behind it are being checked.").format(
                moment=when
            ),
            _("It is sent as soon as they can be relied on. There is nothing for you to do."),
        ),
    )


def plan(about: About, why: str, contact: str = "") -> Letter:
    """No issues for now; `why` says in words what is the matter with the plan, `contact` whom to ask."""
    _ = say(about.language)
    asking = _("Questions? Write to {contact}.").format(contact=contact) if contact else ""
    return _letter(
        about,
        _("Paused: {title}").format(title=about.title),
        _("No issues for now"),
        (why, _("Your subscription stays as it is and goes on when the plan allows it."), asking),
    )


def confirmation(about: About, link: str, until: datetime, rhythm: str = "") -> Letter:
    """Whether a subscription is wanted; `rhythm` says in words when issues come."""
    _ = say(about.language)
    zone = about.subscription.timezone
    asked = _("{organisation} was asked to send you the report «{title}».").format(
        organisation=about.organisation, title=about.title
    )
    return _letter(
        about,
        _("Please confirm: {title}").format(title=about.title),
        _("Do you want this report?"),
        (
            asked,
            rhythm,
            _("If you did not ask for it, do nothing: nothing more will come."),
        ),
        action=(_("Yes, send it to me"), link),
        after=_("The link works until {day}.").format(day=day(until, about.language, zone)),
        why=_("You get this mail because {address} was given for this report."),
    )


def test(about: About, at: datetime) -> Letter:
    """Whether mails arrive at all."""
    _ = say(about.language)
    when = moment(at, about.language, about.subscription.timezone)
    return _letter(
        about,
        _("Test: {title}").format(title=about.title),
        _("This is a test"),
        (
            _("It was sent on {moment}. Issues of «{title}» will reach you the same way.").format(
                moment=when, title=about.title
            ),
        ),
    )


def _letter(
    about: About,
    subject: str,
    title: str,
    texts: tuple[str, ...],
    *,
    action: tuple[str, str] | None = None,
    after: str = "",
    why: str = "",
) -> Letter:
    said = [text for text in texts if text]
    sheet: list[h.Node] = [
        banner(about.organisation, title, about.title),
        *(row(paragraph(text)) for text in said),
        row(button(*action)) if action else None,
        row(paragraph(after)) if after else None,
        h.tr[h.td(style="padding:0 0 16px")],
    ]
    pressed = [f"{action[0]}: {action[1]}"] if action else []
    plain = "\n\n".join([title, about.title, *said, *pressed, *([after] if after else [])])
    content = page(subject, said[0], about.language, sheet)
    key = hashlib.sha256(f"{content}\0{plain}".encode()).hexdigest()[:24]
    return Letter(subject, about.organisation, about.language, content, plain, key, {}, why=why)
