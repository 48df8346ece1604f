"""What plans and order proposals say of themselves, in words: shared by the carrier's pages and reports.

`plans.unserved.detail` holds the numbers a reason quotes (JSON; moments are ISO 8601 in UTC, places of the
clock are told in the depot's zone). A number that is absent is left out of the sentence:

| binds    | numbers                                                                  |
| -------- | ------------------------------------------------------------------------ |
| window   | `earliest`: the first moment any vehicle can be there; `closes`          |
| capacity | `dimension`, `needs`, `most`: what the largest vehicle holds             |
| skill    | `missing`: names of the equipment                                        |
| shift    | `back`: the earliest return; `ends`: the end of the latest shift         |
| distance | `needs_km`, `most_km`                                                    |
| fleet    | `vehicles`: how many are out that day                                    |
| prize    | `prize`, `cost`: what it is worth and what the way there would add       |

`forecasts.proposals.why` is one of `below_point`, `runs_out`, `covers`, `budget`, `nothing_sold`.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboards.numbers import integer, number
from dashboards.wording import Say, say

Row = Mapping[str, Any]


def unserved_reason(binds: str, detail: str | None, language: str, zone: str) -> str:
    """Why a stop cannot be served, as one sentence with the numbers that bind."""
    _ = say(language)
    numbers: dict[str, Any] = json.loads(detail) if detail else {}
    words = _WITH_NUMBERS.get(binds, _no_sentence)(_, numbers, language, zone)
    return words or plain_reason(binds, _)


def plain_reason(binds: str, _: Say) -> str:
    """The reason without its numbers."""
    return {
        "window": _("No vehicle can be there within its time window."),
        "capacity": _("No vehicle can carry it."),
        "skill": _("No vehicle has the equipment it needs."),
        "shift": _("No vehicle would be back before its shift ends."),
        "distance": _("It is farther than any vehicle may drive."),
        "fleet": _("Every vehicle is taken up by other stops."),
        "prize": _("The way there would cost more than serving it is worth."),
    }.get(binds, _("It did not fit into the plan."))


def kind_of_reason(binds: str, _: Say) -> str:
    """The rule that binds, in a word or two: for filters and counts."""
    return {
        "window": _("time window"),
        "capacity": _("capacity"),
        "skill": _("equipment"),
        "shift": _("shift"),
        "distance": _("longest route"),
        "fleet": _("too few vehicles"),
        "prize": _("not worth the way"),
    }.get(binds, binds)


def _window(_: Say, numbers: Row, _language: str, zone: str) -> str:
    if not {"earliest", "closes"} <= numbers.keys():
        return ""
    return _("No vehicle can be there before {earliest}, and it closes at {closes}.").format(
        earliest=clock(numbers["earliest"], zone), closes=clock(numbers["closes"], zone)
    )


def _capacity(_: Say, numbers: Row, language: str, _zone: str) -> str:
    if not {"dimension", "needs", "most"} <= numbers.keys():
        return ""
    return _("It needs {needs} {unit}; the largest vehicle holds {most} {unit}.").format(
        needs=number(numbers["needs"], language),
        most=number(numbers["most"], language),
        unit=numbers["dimension"],
    )


def _skill(_: Say, numbers: Row, language: str, _zone: str) -> str:
    if not numbers.get("missing"):
        return ""
    return _("No vehicle has what it needs: {missing}.").format(
        missing=equipment(numbers["missing"], language)
    )


def _shift(_: Say, numbers: Row, _language: str, zone: str) -> str:
    if not {"back", "ends"} <= numbers.keys():
        return ""
    return _("A vehicle would be back at {back} at the earliest; the last shift ends at {ends}.").format(
        back=clock(numbers["back"], zone), ends=clock(numbers["ends"], zone)
    )


def _distance(_: Say, numbers: Row, language: str, _zone: str) -> str:
    if not {"needs_km", "most_km"} <= numbers.keys():
        return ""
    return _("There and back are {needs} km; no vehicle may drive more than {most} km.").format(
        needs=number(numbers["needs_km"], language), most=number(numbers["most_km"], language)
    )


def _fleet(_: Say, numbers: Row, language: str, _zone: str) -> str:
    if "vehicles" not in numbers:
        return ""
    return _("It would fit alone, but all {vehicles} vehicles are taken up by other stops.").format(
        vehicles=integer(numbers["vehicles"], language)
    )


def _prize(_: Say, numbers: Row, language: str, _zone: str) -> str:
    if not {"prize", "cost"} <= numbers.keys():
        return ""
    return _("The way there would cost {cost}; serving it is worth {prize}.").format(
        cost=number(numbers["cost"], language, 2), prize=number(numbers["prize"], language, 2)
    )


def _no_sentence(_: Say, _numbers: Row, _language: str, _zone: str) -> str:
    return ""


_WITH_NUMBERS: Mapping[str, Callable[[Say, Row, str, str], str]] = {
    "window": _window,
    "capacity": _capacity,
    "skill": _skill,
    "shift": _shift,
    "distance": _distance,
    "fleet": _fleet,
    "prize": _prize,
}


def equipment(names: str | list[str], language: str) -> str:
    """Skills as a person reads them: `tail_lift|cooled` -> `tail lift, cooled`."""
    listed = names.split("|") if isinstance(names, str) else names
    return ("、" if language == "zh" else ", ").join(name.replace("_", " ") for name in listed)


def clock(moment: str | datetime, zone: str) -> str:
    """The time of day of a moment (UTC) on the clocks of `zone`."""
    value = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return f"{aware.astimezone(ZoneInfo(zone)):%H:%M}"


def proposal(row: Row, name: str, language: str) -> str:
    """A row of `forecasts.proposals` as a sentence: what to order of the article `name` today, and why."""
    _ = say(language)
    words = (
        _("Order {quantity} of {name} today, because {because}.")
        if row["quantity"]
        else _("Order no {name} today, because {because}.")
    )
    return words.format(
        quantity=integer(row["quantity"], language), name=name, because=because(row, language)
    )


def because(row: Row, language: str) -> str:
    """The reason of a proposal as a clause, for a sentence or a column of its own."""
    _ = say(language)
    words = {
        "below_point": _(
            "{on_hand} on hand and {on_order} on order are below the reorder point of {point}; "
            "{demand} are expected to be asked for before an order of tomorrow arrives"
        ),
        "runs_out": _(
            "the {on_hand} on hand and {on_order} on order are gone in {days} days at the expected demand; "
            "an order takes {lead} days"
        ),
        "covers": _(
            "{on_hand} on hand and {on_order} on order cover the {demand} expected "
            "before an order of tomorrow arrives"
        ),
        "budget": _("the day's budget goes to articles that run out sooner"),
        "nothing_sold": _("nothing of it was ever asked for"),
    }.get(row["why"], _("the forecast and the stock say so"))
    return words.format(
        on_hand=number(row["on_hand"], language, 0),
        on_order=number(row["on_order"], language, 0),
        point=number(row["reorder_point"], language, 0),
        demand=number(row["expected_demand"], language, 0),
        days=number(row["days_left"], language, 1),
        lead=number(row["lead_days"], language, 1),
    )


def plan_in_use(how: str, _: Say) -> str:
    """What a plan is compared with."""
    return {
        "assigned": _("the plan in use"),
        "nearest neighbour": _("today's assignment, each vehicle driving to the nearest stop next"),
    }.get(how, _("what is done today"))


def kind_of_stop(kind: str, _: Say) -> str:
    return {"delivery": _("deliver"), "pickup": _("fetch")}.get(kind, kind)


def place(kind: str | None, _: Say) -> str:
    """The kind of place a stop is at."""
    return {
        "home": _("private home"),
        "shop": _("shop"),
        "office": _("office"),
        "site": _("building site"),
    }.get(kind or "", "")
