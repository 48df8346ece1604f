"""The figures of a plan beside those of another one: what is done today, the plan in force, a what-if."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dashboards import numbers
from dashboards.domains.logistics.plan_words import kind_of_reason
from dashboards.wording import Say, say, with_commas
from pipelines.logistics.planning import FLEET

CURRENCY = FLEET.column("fixed_cost").unit
Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Figure:
    """One figure of plans: its column in `plans.plans`, what it is called, how it is written."""

    name: str
    label: str
    write: Callable[[float | None], str]
    help: str = ""
    unit: str = ""

    @property
    def heading(self) -> str:
        """What it is called where its numbers stand without their unit."""
        return f"{self.label} ({self.unit})" if self.unit else self.label


def figures(language: str) -> tuple[Figure, ...]:
    """What plans are compared by, the most telling first."""
    _ = say(language)

    def whole(value: float | None) -> str:
        return numbers.integer(value, language)

    def measured(unit: str, digits: int) -> Callable[[float | None], str]:
        return lambda value: f"{numbers.number(value, language, digits)} {unit}".strip()

    return (
        Figure("stops", _("Stops served"), whole),
        Figure("unserved", _("Not served"), whole),
        Figure("vehicles", _("Vehicles used"), whole),
        Figure("distance_km", _("Distance"), measured("km", 0), unit="km"),
        Figure(
            "duration_hours",
            _("Hours on the road"),
            measured(_("h"), 1),
            _("From leaving the depot to coming home: driving, waiting and service, over all vehicles."),
            unit=_("h"),
        ),
        Figure("cost", _("Cost"), lambda value: numbers.money(value, CURRENCY, language), unit=CURRENCY),
        Figure("co2_kg", _("CO₂"), measured("kg", 0), unit="kg"),
        Figure("late_stops", _("Late stops"), whole),
    )


def in_use_of(plan: Figures) -> dict[str, Any]:
    """The figures of what is done today, as they were stored with a plan; empty where there are none."""
    return dict(json.loads(plan["in_use"])) if plan.get("in_use") else {}


def against(figure: Figure, now: Figures, other: Figures, language: str) -> str:
    """How a figure stands to that of another plan: `38 km less (−9%)`; "" where there is none."""
    _ = say(language)
    value, before = now.get(figure.name), other.get(figure.name)
    if value is None or before is None:
        return ""
    difference = float(value) - float(before)
    if figure.write(abs(difference)) == figure.write(0.0):
        return _("as today")
    words = _("{much} less") if difference < 0 else _("{much} more")
    return words.format(much=figure.write(abs(difference))) + _share(difference, float(before), language)


def _share(difference: float, before: float, language: str) -> str:
    """The difference as a share of what was; of small counts a share says nothing."""
    if abs(before) < 20:
        return ""
    share = 100 * difference / before
    return f" ({numbers.signed(share, language, 0)}%)" if abs(share) >= 0.5 else ""


def change(figure: Figure, now: Figures, other: Figures) -> str:
    """The difference of a figure with its sign, "" where there is none."""
    difference = float(now[figure.name] or 0) - float(other[figure.name] or 0)
    if figure.write(abs(difference)) == figure.write(0.0):
        return "="
    return ("+" if difference > 0 else "−") + figure.write(abs(difference))


def broken_rules(today: Figures, language: str) -> str:
    """Which rules today's routes break, since nobody checks them today; "" where they keep all."""
    return with_commas(_counted(today.get("broken") or {}, say(language), language), language)


def _counted(broken: Mapping[str, int], _: Say, language: str) -> Iterator[str]:
    for rule, routes in broken.items():
        if routes:
            yield f"{kind_of_reason(rule, _)} {numbers.integer(routes, language)}×"
