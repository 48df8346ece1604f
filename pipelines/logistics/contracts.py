"""What the tables of the carrier promise. Times are UTC; a shipment's row is filled in as it travels."""

from pipelines.contract import Column, Contract
from pipelines.logistics.columns import LATITUDE, LONGITUDE
from pipelines.logistics.planning import PLANNING
from pipelines.logistics.stock import STOCKKEEPING
from pipelines.words import words

MODES = ("road", "rail", "air", "parcel")
SERVICES = ("express", "standard", "economy")
EVENT_TYPES = (
    "created",
    "picked",
    "packed",
    "pick_exception",
    "dispatched",
    "hub_in",
    "hub_out",
    "customs",
    "out_for_delivery",
    "delivery_failed",
    "delivered",
)
VEHICLE_CODES = (
    "oil_pressure_low",
    "engine_overheat",
    "undervoltage",
    "tyre_pressure_low",
    "adblue_low",
    "door_open",
    "driver_note",
)

DEPOTS = Contract(
    table="logistics.depots",
    key=("depot_id",),
    known_at="opened_on",
    description="Depots that shipments leave from.",
    columns=(
        Column("depot_id", required=True, label=words("Depot", "仓库号")),
        Column("name", required=True, label=words("Name", "名称")),
        Column("city", label=words("City", "城市")),
        Column("country", pattern=r"^[A-Z]{2}$", label=words("Country", "国家")),
        LATITUDE,
        LONGITUDE,
        Column(
            "daily_capacity",
            "integer",
            required=True,
            minimum=1,
            unit="shipments/day",
            label=words("Daily capacity", "日处理能力"),
        ),
        Column(
            "opened_on", "date", required=True, minimum="1900-01-01", label=words("Opened on", "启用日期")
        ),
        Column("timezone", label=words("Time zone", "时区")),
    ),
)

CARRIERS = Contract(
    table="logistics.carriers",
    key=("carrier_id",),
    known_at="since",
    description="Companies that carry the shipments.",
    columns=(
        Column("carrier_id", required=True, label=words("Carrier", "承运商号")),
        Column("name", required=True, label=words("Name", "名称")),
        Column("mode", required=True, allowed=MODES, label=words("Mode", "运输方式")),
        Column("contact_email", personal="contact", label=words("Contact", "联系邮箱")),
        Column(
            "since",
            "date",
            required=True,
            minimum="1900-01-01",
            label=words("Working with us since", "合作起始日期"),
        ),
    ),
)

SHIPMENTS = Contract(
    table="logistics.shipments",
    key=("shipment_id",),
    known_at="ordered_at",
    description="One row per shipment: ordered, dispatched, promised and, once it arrived, delivered.",
    columns=(
        Column("shipment_id", required=True, label=words("Shipment", "运单号")),
        Column(
            "depot_id",
            required=True,
            references="logistics.depots.depot_id",
            label=words("Depot", "发货仓库"),
        ),
        Column(
            "carrier_id",
            required=True,
            references="logistics.carriers.carrier_id",
            label=words("Carrier", "承运商"),
        ),
        Column("service", required=True, allowed=SERVICES, label=words("Service", "服务类型")),
        Column(
            "ordered_at",
            "timestamp",
            required=True,
            minimum="1990-01-01",
            label=words("Ordered at", "下单时间"),
        ),
        Column("dispatched_at", "timestamp", minimum="1990-01-01", label=words("Dispatched at", "发运时间")),
        Column(
            "promised_at",
            "timestamp",
            required=True,
            minimum="1990-01-01",
            label=words("Promised by", "承诺送达时间"),
        ),
        Column("delivered_at", "timestamp", minimum="1990-01-01", label=words("Delivered at", "送达时间")),
        Column("consignee", personal="name", label=words("Consignee", "收件人")),
        Column("destination_city", label=words("Destination", "目的地")),
        Column("destination_postal_code", personal="address", label=words("Postal code", "邮政编码")),
        Column("destination_country", pattern=r"^[A-Z]{2}$", label=words("Country", "目的国")),
        Column(
            "destination_latitude",
            "number",
            minimum=-90,
            maximum=90,
            unit="deg",
            label=words("Latitude", "纬度"),
        ),
        Column(
            "destination_longitude",
            "number",
            minimum=-180,
            maximum=180,
            unit="deg",
            label=words("Longitude", "经度"),
        ),
        Column(
            "distance_km",
            "number",
            required=True,
            minimum=0,
            maximum=20_000,
            unit="km",
            label=words("Distance", "运距"),
        ),
        Column("declared_value", "decimal", minimum=0, unit="EUR", label=words("Declared value", "申报价值")),
    ),
)

SHIPMENT_ITEMS = Contract(
    table="logistics.shipment_items",
    key=("shipment_id", "line"),
    description="What a shipment holds, known when the shipment is ordered.",
    columns=(
        Column(
            "shipment_id",
            required=True,
            references="logistics.shipments.shipment_id",
            label=words("Shipment", "运单号"),
        ),
        Column("line", "integer", required=True, minimum=1, label=words("Line", "行号")),
        Column("sku", required=True, label=words("Article", "商品编码")),
        Column(
            "quantity", "integer", required=True, minimum=1, maximum=10_000, label=words("Quantity", "数量")
        ),
        Column(
            "weight_kg",
            "number",
            required=True,
            minimum=0.001,
            maximum=5_000,
            unit="kg",
            label=words("Weight", "重量"),
        ),
        Column("volume_l", "number", minimum=0, maximum=100_000, unit="l", label=words("Volume", "体积")),
        Column("hazardous", "boolean", label=words("Dangerous goods", "危险品")),
    ),
)

TRACKING_EVENTS = Contract(
    table="logistics.tracking_events",
    key=("event_id",),
    known_at="recorded_at",
    description="Scans on the way of a shipment, recorded when the scanner next finds a network.",
    columns=(
        Column("event_id", required=True, label=words("Event", "事件号")),
        Column(
            "shipment_id",
            required=True,
            references="logistics.shipments.shipment_id",
            label=words("Shipment", "运单号"),
        ),
        Column("event_type", required=True, allowed=EVENT_TYPES, label=words("Event type", "事件类型")),
        Column(
            "occurred_at",
            "timestamp",
            required=True,
            minimum="1990-01-01",
            label=words("Occurred at", "发生时间"),
        ),
        Column(
            "recorded_at",
            "timestamp",
            required=True,
            minimum="1990-01-01",
            label=words("Recorded at", "记录时间"),
        ),
        Column("location", label=words("Place", "地点")),
    ),
)

VEHICLES = Contract(
    table="logistics.vehicles",
    key=("vehicle_id",),
    known_at="in_service_on",
    description="Vehicles of the carrier's own fleet.",
    columns=(
        Column("vehicle_id", required=True, label=words("Vehicle", "车辆号")),
        Column(
            "depot_id",
            required=True,
            references="logistics.depots.depot_id",
            label=words("Depot", "所属仓库"),
        ),
        Column("model", label=words("Model", "车型")),
        Column("built_on", "date", minimum="1950-01-01", label=words("Built on", "出厂日期")),
        Column(
            "in_service_on",
            "date",
            required=True,
            minimum="1950-01-01",
            label=words("In service since", "投入使用日期"),
        ),
        Column(
            "km_a_year",
            "integer",
            minimum=0,
            maximum=500_000,
            unit="km/year",
            label=words("Distance a year", "年行驶里程"),
        ),
    ),
)

VEHICLE_EVENTS = Contract(
    table="logistics.vehicle_events",
    key=("event_id",),
    known_at="event_at",
    description="Messages of the vehicles: fault codes as they are sent, and notes of their drivers.",
    columns=(
        Column("event_id", "integer", required=True, minimum=0, label=words("Message", "消息号")),
        Column(
            "vehicle_id",
            required=True,
            references="logistics.vehicles.vehicle_id",
            label=words("Vehicle", "车辆号"),
        ),
        Column(
            "event_at",
            "timestamp",
            required=True,
            minimum="1990-01-01",
            label=words("Sent at", "发送时间"),
        ),
        Column("code", required=True, allowed=VEHICLE_CODES, label=words("Code", "故障代码")),
        Column(
            "value",
            "number",
            minimum=-100,
            maximum=1_000,
            unit="bar, °C, V or %, by code",
            label=words("Reading", "读数"),
        ),
        Column("note", personal="free_text", label=words("Driver's note", "驾驶员备注")),
    ),
)

BREAKDOWNS = Contract(
    table="logistics.breakdowns",
    key=("breakdown_id",),
    known_at="happened_at",
    description="Vehicles that broke down on the road, written down the same day.",
    columns=(
        Column("breakdown_id", required=True, label=words("Breakdown", "故障号")),
        Column(
            "vehicle_id",
            required=True,
            references="logistics.vehicles.vehicle_id",
            label=words("Vehicle", "车辆号"),
        ),
        Column(
            "happened_at",
            "timestamp",
            required=True,
            minimum="1990-01-01",
            label=words("Happened at", "发生时间"),
        ),
        Column("towed", "boolean", label=words("Towed", "是否拖车")),
        Column("repair_cost", "decimal", minimum=0, unit="EUR", label=words("Repair cost", "维修费用")),
    ),
)

CONTRACTS: tuple[Contract, ...] = (
    DEPOTS,
    CARRIERS,
    SHIPMENTS,
    SHIPMENT_ITEMS,
    TRACKING_EVENTS,
    VEHICLES,
    VEHICLE_EVENTS,
    BREAKDOWNS,
    *PLANNING,
    *STOCKKEEPING,
)
