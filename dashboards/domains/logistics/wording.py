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
