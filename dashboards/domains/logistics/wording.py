"""What the carrier's pages and reports are called and what they say of themselves."""

from dashboards.wording import Say


def title(_: Say) -> str:
    return _("Fleet daily")


def purpose(_: Say) -> str:
    """What the numbers are for, and what they are not."""
    return _(
        "The score is the probability that a shipment arrives after the promised time, from what is "
        "known at dispatch. It is meant for warning customers early and for choosing where to step in "
        "today. It says nothing about the work of a single driver."
    )
