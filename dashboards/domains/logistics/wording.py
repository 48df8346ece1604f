"""What the carrier's pages and reports are called and what they say of themselves."""

from dashboards.decide.words import Deciding
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


def title_of_vehicles(_: Say) -> str:
    return _("Vehicle breakdowns")


def purpose_of_vehicle_breakdown(_: Say) -> str:
    """What the numbers of the vehicles are for, and what they are not."""
    return _(
        "The score is the probability that a vehicle breaks down on the road within fourteen days, from the "
        "messages it sends. It is meant for choosing which vehicles to inspect first. A low score does not "
        "replace the inspections that are due."
    )


def title_of_arrivals(_: Say) -> str:
    return _("Arrivals today")


def purpose_of_stop_arrival(_: Say) -> str:
    """What the minutes are for, and what they are not."""
    return _(
        "The score is how many minutes after its planned arrival a vehicle will reach a stop (below "
        "zero: before it), from the route, the hour, the area and how the trip has gone so far. Nine in "
        "ten arrivals lie between its bounds. It is meant for telling customers when to expect the "
        "vehicle. It is no measure of a driver's work."
    )


def deciding(_: Say) -> Deciding:
    """Flagging shipments that may be late."""
    return Deciding(
        about=_(
            "Shipments at or above the threshold would be flagged: their customers warned, or another "
            "carrier booked. A lower threshold catches more late ones and flags more that would have been on "
            "time."
        ),
        threshold=_("Flag shipments from this score on"),
        acted=_("Shipments flagged"),
        rest=_("Not flagged"),
        found=_("Late ones caught"),
        missed=_("Late ones missed"),
        effort=_("Flags for one late shipment"),
        capacity=_("Or: how many can you look after?"),
        miss=_("A late shipment nobody saw coming costs"),
        alarm=_("A flag for nothing costs"),
        to_list=_("Open the list of shipments to flag"),
    )


def deciding_of_vehicle_breakdown(_: Say) -> Deciding:
    """Calling vehicles in for an inspection."""
    return Deciding(
        about=_(
            "Vehicles at or above the threshold would be inspected now. A lower threshold prevents more "
            "breakdowns and inspects more vehicles that would have held."
        ),
        threshold=_("Inspect vehicles from this score on"),
        acted=_("Vehicles to inspect"),
        rest=_("Not inspected"),
        found=_("Breakdowns caught"),
        missed=_("Breakdowns missed"),
        effort=_("Inspections for one breakdown"),
        capacity=_("Or: how many can the workshop take?"),
        miss=_("A breakdown on the road costs"),
        alarm=_("An inspection for nothing costs"),
        to_list=_("Open the list of vehicles to inspect"),
    )


def value_words(_: Say) -> dict[str, str]:
    """The codes of the carrier's tables in words."""
    return {
        "express": _("express"),
        "standard": _("standard"),
        "economy": _("economy"),
        "road": _("road"),
        "rail": _("rail"),
        "air": _("air"),
        "parcel": _("parcel service"),
        "created": _("order created"),
        "picked": _("picked"),
        "packed": _("packed"),
        "pick_exception": _("problem while picking"),
        "dispatched": _("dispatched"),
        "hub_in": _("arrived at hub"),
        "hub_out": _("left hub"),
        "customs": _("at customs"),
        "out_for_delivery": _("out for delivery"),
        "delivery_failed": _("delivery failed"),
        "delivered": _("delivered"),
        "tracking_events": _("tracking"),
        "vehicle_events": _("message of the vehicle"),
        "breakdowns": _("breakdown"),
        "trip_stops": _("stop reached"),
        "home": _("private home"),
        "shop": _("shop"),
        "office": _("office"),
        "site": _("building site"),
        "dry": _("dry"),
        "rain": _("rain"),
        "snow": _("snow"),
    }
