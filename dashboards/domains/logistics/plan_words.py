"""What plans and order proposals say of themselves, in words: shared by the carrier's pages and reports.

`plans.unserved.detail` holds the numbers that a reason quotes (JSON; moments are ISO 8601 in UTC, told on the
clocks of the depot); `analytics.routing.unserved` says which.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from dashboards.numbers import integer, number
from dashboards.wording import Say, say, together, with_commas

Row = Mapping[str, Any]

_MOMENTS = ("earliest", "opens", "closes", "back", "ends", "arrives")
_AMOUNTS = (
    "needs",
    "most",
    "free",
    "needs_km",
    "most_km",
    "over_km",
    "needs_hours",
    "most_hours",
    "cost",
    "prize",
)


def unserved_reason(binds: str, detail: str | None, language: str, zone: str) -> str:
    """Why a stop cannot be served, with the numbers that bind: the fullest sentence they suffice for."""
    _ = say(language)
    numbers: dict[str, Any] = json.loads(detail) if detail else {}
    values = _written(numbers, language, zone)
    for sentence in (*_sentences(binds, _), plain_reason(binds, _)):
        if {name for _text, name, _format, _as in Formatter().parse(sentence) if name} <= values.keys():
            return together([sentence.format(**values), *_further(numbers, language)], language)
    raise AssertionError("the plain reason names no number")


def plain_reason(binds: str, _: Say) -> str:
    """The reason without its numbers."""
    return {
        "window": _("It cannot be reached in its time window."),
        "capacity": _("There is not room enough for it."),
        "skill": _("The equipment it needs is not at hand."),
        "shift": _("It does not fit into a shift."),
        "distance": _("The way there is too long."),
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
        "duration": _("longest duty"),
    }.get(binds, binds)


def _sentences(binds: str, _: Say) -> tuple[str, ...]:
    """Sentences for a reason, each for other numbers: no vehicle could, or none whose other stops let it."""
    return {
        "window": (
            _("No vehicle can be there before {earliest}, and it closes at {closes}."),
            _("Served between {opens} and {closes}, no vehicle would be back by {ends}."),
            _("{vehicle}, where it fits best, would be there at {arrives}, outside its time window."),
        ),
        "capacity": (
            _("It needs {needs} {dimension}; the largest vehicle holds {most} {dimension}."),
            _("It needs {needs} {dimension}; {vehicle}, where it fits best, has {free} {dimension} left."),
            _("No vehicle holds all of it: {amounts}."),
        ),
        "skill": (
            _("No vehicle has what it needs: {missing}."),
            _("Vehicles with what it needs ({needed}): {able}, all taken up by other stops."),
        ),
        "shift": (
            _("A vehicle would be back at {back} at the earliest; the last shift ends at {ends}."),
            _("It takes {needs_hours} hours there and back; no vehicle may be out longer than {most_hours}."),
            _("{vehicle}, where it fits best, would be {overtime_minutes} min over its shift."),
        ),
        "distance": (
            _("There and back are {needs_km} km; no vehicle may drive more than {most_km} km."),
            _("{vehicle}, where it fits best, would drive {over_km} km more than it may."),
        ),
        "fleet": (_("It would fit alone, but all {vehicles} vehicles are taken up by other stops."),),
        "prize": (_("The way there would cost {cost}; serving it is worth {prize}."),),
    }.get(binds, ())


def _written(numbers: Row, language: str, zone: str) -> dict[str, str]:
    """The numbers of a reason as a reader sees them."""
    written = {}
    moments = {name: numbers[name] for name in _MOMENTS if isinstance(numbers.get(name), str)}
    several = len({_local(value, zone).date() for value in moments.values()}) > 1
    for name, value in numbers.items():
        if name in moments:
            written[name] = f"{_local(value, zone):%Y-%m-%d %H:%M}" if several else clock(value, zone)
        elif name in _AMOUNTS and value is not None:
            written[name] = number(value, language)
        elif name in ("missing", "needed"):
            written[name] = equipment(value, language)
        elif name == "amounts":
            amounts = [f"{number(amount, language)} {unit}" for unit, amount in value.items()]
            written[name] = with_commas(amounts, language)
        elif name in ("vehicle", "dimension"):
            written[name] = str(value)
        elif name in ("vehicles", "able", "overtime_minutes"):
            written[name] = integer(value, language)
    return written


def _further(numbers: Row, language: str) -> list[str]:
    """What else is in the way, or would help as well."""
    _ = say(language)
    words = {"and": _("Also in the way: {rules}."), "or": _("It would fit as well without: {rules}.")}
    return [
        sentence.format(rules=with_commas([kind_of_reason(rule, _) for rule in numbers[name]], language))
        for name, sentence in words.items()
        if numbers.get(name)
    ]


def equipment(names: str | list[str], language: str) -> str:
    """Skills as a person reads them: `tail_lift|cooled` -> `tail lift, cooled`."""
    listed = names.split("|") if isinstance(names, str) else names
    return with_commas([name.replace("_", " ") for name in listed], language)


def clock(moment: str | datetime, zone: str) -> str:
    """The time of day of a moment (UTC) on the clocks of `zone`."""
    return f"{_local(moment, zone):%H:%M}"


def _local(moment: str | datetime, zone: str) -> datetime:
    value = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(ZoneInfo(zone))


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
            "{on_hand} on hand and {on_order} on order do not exceed the reorder point of {point}; "
            "demand expected before an order of tomorrow arrives: {demand}"
        ),
        "runs_out": _(
            "the {on_hand} on hand and {on_order} on order are gone in {days} days at the expected demand; "
            "an order takes {lead} days"
        ),
        "covers": _(
            "{on_hand} on hand and {on_order} on order cover the {demand} expected "
            "before an order of tomorrow arrives"
        ),
        "budget": _("the day's budget goes first to what saves more; without it the order would be {wanted}"),
        "nothing_sold": _("nothing of it was ever asked for"),
        "not_worth": _("keeping it in stock would cost more than being without it"),
        "no_forecast": _("its demand has no forecast yet"),
    }.get(row["why"], _("the forecast and the stock say so"))
    return words.format(
        on_hand=number(row["on_hand"], language, 0),
        on_order=number(row["on_order"], language, 0),
        point=number(row["reorder_point"], language, 0),
        demand=number(row["expected_demand"], language, 0),
        days=number(row["days_left"], language, 1),
        lead=number(row["lead_days"], language, 1),
        wanted=number(row["wanted"], language, 0),
    )


def plan_in_use(how: str, _: Say) -> str:
    """What a plan is compared with."""
    return {
        "assigned": _("the plan in use"),
        "nearest neighbour": _("today's assignment, each vehicle driving to the nearest stop next"),
        "rule": _("a simple rule: each vehicle drives on to the nearest stop that still fits"),
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
