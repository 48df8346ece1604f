"""What the tables of route planning promise: vans, the stops of a day, the trips that were driven.

Moments are UTC; the hours of a shift are wall-clock times of the vehicle's depot (`depots.timezone`).
"""

from pipelines.contract import Column, Contract
from pipelines.logistics.columns import DEPOT, LATITUDE, LONGITUDE
from pipelines.words import words

WEATHER = ("dry", "rain", "snow")
PLACES = ("home", "shop", "office", "site")
_WALL_CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"
_SKILLS = r"^\w[\w-]*(\|\w[\w-]*)*$"


FLEET = Contract(
    table="logistics.fleet",
    key=("vehicle_id",),
    description="Vehicles that drive delivery routes: what they hold, when they may drive, what they cost.",
    columns=(
        Column(
            "vehicle_id",
            required=True,
            references="logistics.vehicles.vehicle_id",
            label=words("Vehicle", "车辆号"),
        ),
        DEPOT,
        Column("capacity_kg", "number", required=True, minimum=0, unit="kg", label=words("Payload", "载重")),
        Column("capacity_l", "number", minimum=0, unit="l", label=words("Load volume", "装载容积")),
        Column("shift_start", pattern=_WALL_CLOCK, label=words("Shift starts", "班次开始")),
        Column("shift_end", pattern=_WALL_CLOCK, label=words("Shift ends", "班次结束")),
        Column(
            "most_hours",
            "number",
            minimum=0,
            maximum=24,
            unit="h",
            label=words("Longest duty", "最长工作时间"),
        ),
        Column("most_km", "number", minimum=0, unit="km", label=words("Longest route", "最长里程")),
        Column("skills", pattern=_SKILLS, label=words("Equipment", "车辆装备")),
        Column(
            "fixed_cost", "decimal", minimum=0, unit="EUR", label=words("Cost a day in use", "每日固定成本")
        ),
        Column("cost_per_km", "decimal", minimum=0, unit="EUR/km", label=words("Cost per km", "每公里成本")),
        Column(
            "cost_per_hour", "decimal", minimum=0, unit="EUR/h", label=words("Cost per hour", "每小时成本")
        ),
        Column("co2_g_per_km", "number", minimum=0, unit="g/km", label=words("CO2 per km", "每公里二氧化碳")),
    ),
)

STOPS = Contract(
    table="logistics.stops",
    key=("stop_id",),
    known_at="ordered_at",
    description="Stops to be served on a day: what is brought or fetched, how long it takes, what it needs.",
    columns=(
        Column("stop_id", required=True, label=words("Stop", "站点号")),
        DEPOT,
        Column("day", "date", required=True, minimum="1990-01-01", label=words("Day", "日期")),
        Column("kind", required=True, allowed=("delivery", "pickup"), label=words("Kind", "类型")),
        Column("picked_up_at", label=words("Goods come from stop", "取货站点")),
        Column("customer", personal="name", label=words("Customer", "客户")),
        Column("street", personal="address", label=words("Street", "街道")),
        LATITUDE,
        LONGITUDE,
        Column("place", allowed=PLACES, label=words("Kind of place", "地点类型")),
        Column("parcels", "integer", minimum=0, label=words("Parcels", "件数")),
        Column("kg", "number", required=True, minimum=0, unit="kg", label=words("Weight", "重量")),
        Column("litres", "number", minimum=0, unit="l", label=words("Volume", "体积")),
        Column(
            "service_minutes",
            "number",
            required=True,
            minimum=0,
            maximum=1_440,
            unit="min",
            label=words("Time at the stop", "停留时间"),
        ),
        Column("skills", pattern=_SKILLS, label=words("Needs equipment", "所需装备")),
        Column(
            "priority",
            "integer",
            minimum=1,
            maximum=3,
            label=words("Priority (1 = first)", "优先级（1最高）"),
        ),
        Column(
            "prize",
            "decimal",
            minimum=0,
            unit="EUR",
            label=words("Worth if served (may wait)", "可选站点收益"),
        ),
        Column(
            "ordered_at",
            "timestamp",
            required=True,
            minimum="1990-01-01",
            label=words("Ordered at", "下单时间"),
        ),
        Column(
            "assigned_vehicle",
            references="logistics.fleet.vehicle_id",
            on_missing_reference="warn",
            label=words("Vehicle of the plan in use", "现行计划车辆"),
        ),
        Column(
            "assigned_position", "integer", minimum=1, label=words("Place in the plan in use", "现行计划顺序")
        ),
    ),
)

STOP_WINDOWS = Contract(
    table="logistics.stop_windows",
    key=("stop_id", "opens_at"),
    description="When a stop may be served; a stop has any number of windows, without one it is always open.",
    columns=(
        Column("stop_id", required=True, references="logistics.stops.stop_id", label=words("Stop", "站点号")),
        Column(
            "opens_at", "timestamp", required=True, minimum="1990-01-01", label=words("Opens at", "开始时间")
        ),
        Column(
            "closes_at",
            "timestamp",
            required=True,
            minimum="1990-01-01",
            label=words("Closes at", "结束时间"),
        ),
    ),
)

TRIPS = Contract(
    table="logistics.trips",
    key=("trip_id",),
    known_at="left_at",
    description="Routes that were driven, known when the vehicle leaves the depot.",
    columns=(
        Column("trip_id", required=True, label=words("Trip", "行程号")),
        DEPOT,
        Column(
            "vehicle_id",
            required=True,
            references="logistics.vehicles.vehicle_id",
            label=words("Vehicle", "车辆号"),
        ),
        Column("day", "date", required=True, minimum="1990-01-01", label=words("Day", "日期")),
        Column(
            "left_at", "timestamp", required=True, minimum="1990-01-01", label=words("Left at", "出发时间")
        ),
        Column("returned_at", "timestamp", minimum="1990-01-01", label=words("Returned at", "返回时间")),
        Column("weather", allowed=WEATHER, label=words("Weather forecast", "天气预报")),
        Column(
            "temperature_c", "number", minimum=-60, maximum=60, unit="°C", label=words("Temperature", "气温")
        ),
    ),
)

TRIP_STOPS = Contract(
    table="logistics.trip_stops",
    key=("trip_id", "position"),
    description="The stops of a trip in their planned order, with what was planned and what happened.",
    columns=(
        Column("trip_id", required=True, references="logistics.trips.trip_id", label=words("Trip", "行程号")),
        Column("position", "integer", required=True, minimum=1, label=words("Position", "顺序")),
        Column("stop_id", required=True, label=words("Stop", "站点号")),
        LATITUDE,
        LONGITUDE,
        Column("place", allowed=PLACES, label=words("Kind of place", "地点类型")),
        Column("parcels", "integer", minimum=0, label=words("Parcels", "件数")),
        Column("kg", "number", minimum=0, unit="kg", label=words("Weight", "重量")),
        Column(
            "leg_km",
            "number",
            required=True,
            minimum=0,
            maximum=2_000,
            unit="km",
            label=words("Way there", "路段里程"),
        ),
        Column(
            "planned_at",
            "timestamp",
            required=True,
            minimum="1990-01-01",
            label=words("Planned arrival", "计划到达"),
        ),
        Column(
            "planned_minutes",
            "number",
            required=True,
            minimum=0,
            maximum=1_440,
            unit="min",
            label=words("Planned time at the stop", "计划停留时间"),
        ),
        Column("closes_at", "timestamp", minimum="1990-01-01", label=words("Window closes", "时窗结束")),
        Column("arrived_at", "timestamp", minimum="1990-01-01", label=words("Arrived at", "实际到达")),
        Column("left_at", "timestamp", minimum="1990-01-01", label=words("Left at", "离开时间")),
    ),
)

PLANNING: tuple[Contract, ...] = (FLEET, STOPS, STOP_WINDOWS, TRIPS, TRIP_STOPS)
