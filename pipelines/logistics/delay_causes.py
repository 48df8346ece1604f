"""Which scans explain that a shipment is late: the declared causes, in the order in which they are told.

A cause explains at most the time that it took beyond what it takes with shipments that arrive in time. What
no scan explains stays unexplained: nobody guesses at traffic, weather or a driver's luck.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.queries import literal, read_sql
from pipelines.words import words

DISPATCH, PICKING = "late_dispatch", "pick_exception"
UNEXPLAINED, NOT_DELIVERED = "unexplained", "not_delivered"  # what the causes leave, and may last still


@dataclass(frozen=True)
class Span:
    """Time between a scan `begins` and the next one that `ends` it (any where there are none), or delivery.

    With `usual` only what is longer than in shipments that arrive in time counts: hubs and customs always
    take some time, a second attempt at delivery does not.
    """

    cause: str
    begins: str
    ends: tuple[str, ...]
    usual: bool


SPANS = (
    Span("hub", "hub_in", ("hub_out",), usual=True),
    Span("customs", "customs", (), usual=True),
    Span("delivery_failed", "delivery_failed", ("delivered",), usual=False),
)
LABELS: Mapping[str, dict[str, str]] = {
    DISPATCH: words("Left the depot late", "出库偏晚"),
    PICKING: words("Problem while picking", "拣货异常"),
    "hub": words("Stayed long at a hub", "中转停留过久"),
    "customs": words("Stayed long at customs", "海关停留过久"),
    "delivery_failed": words("First delivery failed", "首次派送失败"),
    NOT_DELIVERED: words("Not delivered yet", "尚未送达"),
    UNEXPLAINED: words("Not explained by any scan", "扫描记录无法解释"),
}


def lateness_sql(population: str) -> str:
    """SELECT of the late shipments of a `population` (SQL of settled cases), with `$since` and `$until`.

    `shipment_id, carrier_id, depot_id, promised_at, delivered_at, late_minutes, cause, minutes`: a row for
    each shipment and cause that explains some of it; the minutes of a shipment add up to its `late_minutes`.
    """
    spans = ",\n    ".join(
        f"({literal(each.cause)}, {literal(each.begins)}, {_list(each.ends)}, {each.usual})" for each in SPANS
    )
    return read_sql("logistics", "lateness", population=population, spans=f"VALUES\n    {spans}")


def _list(names: tuple[str, ...]) -> str:
    return "CAST([" + ", ".join(map(literal, names)) + "] AS VARCHAR[])"
