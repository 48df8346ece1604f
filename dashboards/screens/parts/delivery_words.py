"""The states of deliveries and subscriptions as people say them, and what each of them means."""

from dashboards.queries.deliveries import BOUNCED
from dashboards.screens.here import Here

STATES = ("sent", BOUNCED, "failed", "unknown", "held", "queued", "claimed", "sending", "skipped")


def state_in_words(here: Here, state: str) -> str:
    """What became of a delivery, in a word or two."""
    _ = here.say
    words = {
        "sent": _("sent"),
        BOUNCED: _("came back"),
        "failed": _("failed"),
        "unknown": _("unclear"),
        "held": _("held back"),
        "queued": _("waiting"),
        "claimed": _("being made"),
        "sending": _("on its way"),
        "skipped": _("left out"),
    }
    return words.get(state, state)


def state_explained(here: Here, state: str) -> str:
    """What a state means for the reader, and what there is to do."""
    _ = here.say
    words = {
        "sent": _("It was handed over. What became of it after that, only a bounce would tell."),
        BOUNCED: _("It left, and came back: the reader did not get it. What their server said stands below."),
        "failed": _(
            "It did not leave, and nobody tries again by itself. Put the cause right, then send it again."
        ),
        "unknown": _(
            "The connection broke just as the mail was handed over: it may have arrived or not. Nothing is "
            "sent twice by itself, so ask the reader, and send it again only if nothing came."
        ),
        "held": _(
            "It waits, because its data, its model or its plan do not allow it now; the reason stands below. "
            "It leaves by itself when that is over."
        ),
        "queued": _("It leaves with the next sending."),
        "claimed": _("A sender is writing it just now."),
        "sending": _("It is being handed to the mail server just now."),
        "skipped": _("It was left out on purpose; the reason stands below."),
    }
    return words.get(state, "")


def kind_in_words(here: Here, kind: str) -> str:
    """What was sent: an issue, or one of the short mails."""
    _ = here.say
    words = {"issue": _("issue"), "notice": _("short notice"), "confirmation": _("question to confirm")}
    return words.get(kind, kind)


def status_in_words(here: Here, status: str) -> str:
    """How a subscription stands."""
    _ = here.say
    words = {
        "pending": _("waits for the reader's yes"),
        "active": _("active"),
        "paused": _("paused"),
        "cancelled": _("ended"),
    }
    return words.get(status, status)


def role_in_words(here: Here, role: str) -> str:
    """A role by what it sees."""
    _ = here.say
    words = {
        "caseworker": _("case worker: with names and contacts"),
        "analyst": _("analyst: numbers of people, no names"),
        "subscriber": _("reader: numbers of people, no names"),
        "engineer": _("engineer: nothing about persons"),
    }
    return words.get(role, role)


def reason_in_words(here: Here, reason: str) -> str:
    """Why nothing is sent to an address."""
    _ = here.say
    words = {
        "bounce": _("mails came back for good"),
        "complaint": _("the reader reported a mail as unwanted"),
        "person": _("put here by a person"),
    }
    return words.get(reason, reason)
