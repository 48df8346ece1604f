"""The carrier's cases, by task."""

from dashboards.queries.arrivals import arrivals_sql
from dashboards.queries.logistics import shipments_sql
from dashboards.queries.vehicles import vehicles_sql
from pipelines.words import words

_DEPOT = words("Depot", "所属仓库")

CASES = {
    "logistics.late_delivery": shipments_sql,
    "logistics.stop_arrival": arrivals_sql,
    "logistics.vehicle_breakdown": vehicles_sql,
}
LABELS = {
    "logistics.late_delivery": {
        "carrier": words("Carrier", "承运商"),
        "depot": words("Depot", "发货仓库"),
    },
    "logistics.stop_arrival": {"depot": _DEPOT, "expected_at": words("Expected arrival", "预计到达")},
    "logistics.vehicle_breakdown": {"depot": _DEPOT, "messages": words("Messages, 28 days", "近28天消息数")},
}
