"""What acting on a score is called where it is done: a patient is called, a shipment flagged, a loan refused.

A domain says it in `deciding` of its `wording.py` (of its first task), `deciding_of_<task>` (of another one);
whoever does not gets the general words.
"""

from dataclasses import dataclass

from dashboards.domain_words import spoken_of
from dashboards.wording import Say


@dataclass(frozen=True)
class Deciding:
    """The words, all in the reader's language.

    `acted` and `rest` are the cases from the threshold on and below it, `found` and `missed` the events among
    them, `effort` how many are acted on for one event. Where the cases below `goes_ahead`, those are what one
    looks at: with the `loss` expected among them, and who was `turned_away` though no event would have come.
    """

    about: str
    threshold: str
    acted: str
    rest: str
    found: str
    missed: str
    effort: str
    capacity: str
    miss: str
    alarm: str
    to_list: str
    goes_ahead: bool = False
    loss: str = ""
    turned_away: str = ""


def deciding_of(task: str, _: Say) -> Deciding:
    """How one speaks of decisions on a task."""
    words = spoken_of(task, "deciding")
    return words(_) if words else general(_)


def general(_: Say) -> Deciding:
    """The words for any task."""
    return Deciding(
        about=_(
            "Cases at or above the threshold are acted on. Lower, and more events are found, with more "
            "effort and more false alarms; higher, and more are missed."
        ),
        threshold=_("Act from this score on"),
        acted=_("Cases acted on"),
        rest=_("Cases left alone"),
        found=_("Events found"),
        missed=_("Events missed"),
        effort=_("Cases acted on for one event"),
        capacity=_("Or: how many can be acted on?"),
        miss=_("A case passed unseen costs"),
        alarm=_("A false alarm costs"),
        to_list=_("Open the list of these cases"),
    )
