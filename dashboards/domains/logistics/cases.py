"""The carrier's cases, by task."""

from dashboards.queries.arrivals import arrivals_sql
from dashboards.queries.logistics import shipments_sql
from dashboards.queries.vehicles import vehicles_sql

CASES = {
    "logistics.late_delivery": shipments_sql,
    "logistics.stop_arrival": arrivals_sql,
    "logistics.vehicle_breakdown": vehicles_sql,
}
