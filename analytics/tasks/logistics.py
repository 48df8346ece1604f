"""The carrier's tasks: will a shipment that leaves the depot arrive after its promised time; will one of its
vehicles break down within a fortnight; how late does a vehicle reach the next stops of its route?"""

from analytics.task import Band, Costs, Derived, Feature, Lever, Meaning, Scenario, Shock, Stress, Task
from pipelines.queries import read_sql
from pipelines.words import words

_LAST_DAY = read_sql("logistics", "late_delivery_last_day")

_FEATURES = {
    "service": Feature(words("Service", "服务类型"), actionable=True),
    "mode": Feature(words("Mode of transport", "运输方式"), actionable=True),
    "carrier": Feature(words("Carrier", "承运商"), actionable=True),
    "depot": Feature(words("Depot", "发货仓库")),
    "destination_country": Feature(words("Country of destination", "目的国")),
    "crosses_border": Feature(words("Crosses a border", "跨境运输")),
    "distance_km": Feature(words("Distance", "运距"), "km"),
    "promised_hours": Feature(
        words("Time left until the promise", "距承诺送达时间"), "h", actionable=True, change=1
    ),
    "required_km_per_hour": Feature(words("Speed the promise asks for", "承诺所需平均速度"), "km/h"),
    "spare_hours": Feature(
        words("Time beyond what is usually promised", "承诺时间较惯常富余"), "h", monotone=-1
    ),
    "late_when_as_tight": Feature(
        words("Share late where the promise was as tight", "同等紧迫承诺的晚到率"), "1", monotone=1
    ),
    "late_to_expect": Feature(
        words("Share late to expect of promise and carrier", "按承诺与承运商预期晚到率"), "1", monotone=1
    ),
    "handling_hours": Feature(words("Time from order to dispatch", "下单至发运时长"), "h"),
    "weekday": Feature(words("Day of the week of dispatch (1 = Monday)", "发运星期（1为周一）")),
    "hour": Feature(words("Hour of dispatch", "发运时刻"), "h"),
    "month": Feature(words("Month of dispatch", "发运月份")),
    "depot_load": Feature(
        words("Depot load today over its capacity", "仓库当日负荷比"),
        "1",
        monotone=1,
        actionable=True,
        change=-1,
    ),
    "carrier_late_to_expected": Feature(
        words("Carrier: late over expected, recent weeks", "承运商近期晚到与预期之比"), "1", monotone=1
    ),
    "carrier_late_14d": Feature(words("Carrier: share late, 14 days", "承运商近14天晚到率"), "1", monotone=1),
    "carrier_late_90d": Feature(words("Carrier: share late, 90 days", "承运商近90天晚到率"), "1", monotone=1),
    "depot_late_7d": Feature(words("Depot: share late, 7 days", "仓库近7天晚到率"), "1"),
    "lane_late_90d": Feature(words("Lane: share late, 90 days", "线路近90天晚到率"), "1"),
    "weight_kg": Feature(words("Weight", "重量"), "kg"),
    "volume_l": Feature(words("Volume", "体积"), "l"),
    "pieces": Feature(words("Pieces", "件数")),
    "item_lines": Feature(words("Order lines", "订单行数")),
    "hazardous": Feature(words("Dangerous goods", "危险品")),
    "pick_exception": Feature(words("Goods were missing at picking", "拣货异常")),
    "declared_value": Feature(words("Declared value", "申报价值"), "EUR"),
}

_STRESS = Stress(
    levers=(
        Lever(
            "carriers_late",
            words("How often carriers are late", "承运商晚到频率"),
            ("carrier_late_to_expected", "carrier_late_14d", "carrier_late_90d"),
        ),
    ),
    derived={
        "required_km_per_hour": Derived("distance_km / promised_hours"),
        "spare_hours": Derived("promised_hours", "difference"),
        "late_to_expect": Derived("late_when_as_tight * carrier_late_to_expected"),
    },
    scenarios=(
        Scenario(
            "fuller",
            words("Depots 20% fuller", "仓库负荷增加20%"),
            (Shock("depot_load", "share", 0.20),),
        ),
        Scenario(
            "carriers",
            words("Carriers late half as often again", "承运商晚到增加一半"),
            (Shock("carriers_late", "share", 0.50),),
        ),
        Scenario(
            "tighter",
            words("Promises 6 hours tighter", "承诺时间缩短6小时"),
            (Shock("promised_hours", "step", -6.0),),
        ),
    ),
)

LATE_DELIVERY = Task(
    name="logistics.late_delivery",
    kind="binary",
    meaning=Meaning(
        title=words("Late delivery", "晚到预测"),
        entity=words("shipment", "运单"),
        positive=words("is delivered after the promised time", "晚于承诺时间送达"),
    ),
    population=read_sql("logistics", "late_delivery_population", last_day=_LAST_DAY),
    features=read_sql("logistics", "late_delivery_features"),
    candidates=read_sql("logistics", "late_delivery_candidates"),
    last_day=_LAST_DAY,
    bands=(
        Band("low", 0.08, words("Low", "低")),
        Band("moderate", 0.20, words("Moderate", "中")),
        Band("high", 0.40, words("High", "高")),
        Band("very high", 1.0, words("Very high", "极高")),
    ),
    feature_info=_FEATURES,
    # A late parcel costs a refund and a complaint; a false alarm a call, or a booking with another carrier.
    costs=Costs(miss=40, false_alarm=6),
    stress=_STRESS,
    entity_of=("logistics.shipments.shipment_id",),
)

_VEHICLE_FEATURES = {
    "model": Feature(words("Model", "车型")),
    "depot": Feature(words("Depot", "所属仓库")),
    "age_years": Feature(words("Age of the vehicle", "车龄"), "years", monotone=1),
    "mileage_km": Feature(words("Mileage by plan", "计划累计里程"), "km", monotone=1),
    "km_a_year": Feature(words("Distance a year", "年行驶里程"), "km"),
    "oil_pressure_low_28d": Feature(words("Low oil pressure, 28 days", "近28天机油压力低次数")),
    "engine_overheat_28d": Feature(words("Engine too hot, 28 days", "近28天发动机过热次数")),
    "undervoltage_28d": Feature(words("Undervoltage, 28 days", "近28天欠压次数")),
    "tyre_pressure_low_28d": Feature(words("Low tyre pressure, 28 days", "近28天胎压低次数")),
    "adblue_low_28d": Feature(words("AdBlue low, 28 days", "近28天尿素液不足次数")),
    "driver_notes_28d": Feature(words("Drivers' notes, 28 days", "近28天驾驶员备注数")),
    "messages_7d": Feature(words("Messages, 7 days", "近7天消息数")),
    "messages_28d": Feature(words("Messages, 28 days", "近28天消息数")),
    "messages_90d": Feature(words("Messages, 90 days", "近90天消息数")),
    "days_since_oil_pressure_low": Feature(
        words("Time since low oil pressure", "距上次机油压力低时间"), "days"
    ),
    "days_since_engine_overheat": Feature(
        words("Time since the engine was too hot", "距上次过热时间"), "days"
    ),
    "days_since_undervoltage": Feature(words("Time since undervoltage", "距上次欠压时间"), "days"),
    "oil_pressure_mean": Feature(words("Oil pressure reported, mean", "报警机油压力均值"), "bar"),
    "engine_temperature_highest": Feature(words("Engine temperature, highest", "发动机最高温度"), "°C"),
    "voltage_lowest": Feature(words("Voltage, lowest", "最低电压"), "V"),
    "breakdowns_year": Feature(words("Breakdowns, 12 months", "近一年故障次数")),
    "days_since_breakdown": Feature(words("Time since the last breakdown", "距上次故障时间"), "days"),
}
_VEHICLE_EVENTS = {
    "oil_pressure_low": Feature(words("Low oil pressure", "机油压力低"), "bar"),
    "engine_overheat": Feature(words("Engine too hot", "发动机过热"), "°C"),
    "undervoltage": Feature(words("Undervoltage", "欠压"), "V"),
    "tyre_pressure_low": Feature(words("Low tyre pressure", "胎压低"), "bar"),
    "adblue_low": Feature(words("AdBlue low", "尿素液不足"), "%"),
    "door_open": Feature(words("Door open", "车门未关")),
    "driver_note": Feature(words("Driver's note", "驾驶员备注")),
    "breakdown": Feature(words("Breakdown", "故障停驶")),
}
_VEHICLE_LAST_DAY = read_sql("logistics", "vehicle_breakdown_last_day")

_VEHICLE_STRESS = Stress(
    derived={"mileage_km": Derived("age_years * km_a_year")},
    scenarios=(
        Scenario(
            "age", words("Every vehicle a year older", "所有车辆老一年"), (Shock("age_years", "step", 1.0),)
        ),
        Scenario(
            "distance", words("20% more driven", "行驶里程增加20%"), (Shock("km_a_year", "share", 0.20),)
        ),
    ),
)

VEHICLE_BREAKDOWN = Task(
    name="logistics.vehicle_breakdown",
    kind="binary",
    meaning=Meaning(
        title=words("Vehicle breakdown within 14 days", "十四天内车辆故障"),
        entity=words("vehicle", "车辆"),
        positive=words("breaks down within 14 days", "十四天内发生故障"),
        horizon_days=14,
    ),
    population=read_sql("logistics", "vehicle_breakdown_population", last_day=_VEHICLE_LAST_DAY),
    features=read_sql("logistics", "vehicle_breakdown_features"),
    events=read_sql("logistics", "vehicle_breakdown_events"),
    candidates=read_sql("logistics", "vehicle_breakdown_candidates"),
    last_day=_VEHICLE_LAST_DAY,
    bands=(
        Band("low", 0.10, words("Low", "低")),
        Band("moderate", 0.25, words("Moderate", "中")),
        Band("high", 0.50, words("High", "高")),
        Band("very high", 1.0, words("Very high", "极高")),
    ),
    feature_info=_VEHICLE_FEATURES,
    event_info=_VEHICLE_EVENTS,
    # A breakdown on the road costs a tow, a lost trip and the repair; a false alarm an inspection.
    costs=Costs(miss=1_200, false_alarm=150),
    stress=_VEHICLE_STRESS,
    entity_of=("logistics.vehicles.vehicle_id",),
)

_ARRIVAL_FEATURES = {
    "depot": Feature(words("Depot", "所属仓库")),
    "position": Feature(words("Position on the route", "路线中的顺序")),
    "stops_ahead": Feature(words("Stops until there, this one included", "距该站的站数")),
    "planned_ahead": Feature(words("Time until the planned arrival", "距计划到达时间"), "min"),
    "planned_from_leaving": Feature(words("Planned time since leaving the depot", "计划离库后用时"), "min"),
    "km_ahead": Feature(words("Distance still to drive", "剩余里程"), "km"),
    "leg_km": Feature(words("Last leg to the stop", "末段里程"), "km"),
    "planned_serve_ahead": Feature(words("Planned time at stops before", "前站计划停留"), "min"),
    "parcels_ahead": Feature(words("Parcels to hand over before", "前站件数")),
    "place": Feature(words("Kind of place", "地点类型")),
    "kg": Feature(words("Weight", "重量"), "kg"),
    "hour_planned": Feature(words("Planned hour of arrival, local", "计划到达时刻（当地）"), "h"),
    "weekday": Feature(words("Day of the week (1 = Monday)", "星期（1为周一）")),
    "weather": Feature(words("Weather forecast", "天气预报")),
    "temperature_c": Feature(words("Temperature", "气温"), "°C"),
    "area_pace": Feature(words("Area: driving time over the usual", "区域行车用时比"), "1"),
    "address_pace": Feature(words("Address: time at the stop over the usual", "地址停留用时比"), "1"),
    "usual_drive_ahead": Feature(words("Usual driving time until there", "通常行车用时"), "min"),
    "usual_serve_ahead": Feature(words("Usual time at stops before", "前站通常停留"), "min"),
    "vehicle_pace": Feature(
        words("Vehicle: driving time over the usual, 4 weeks", "车辆近4周行车用时比"), "1", monotone=1
    ),
    "depot_pace": Feature(words("Depot: driving time over the usual, today", "仓库当日行车用时比"), "1"),
    "trip_pace": Feature(words("This trip: time over the usual so far", "本次行程用时比"), "1"),
    "since_heard": Feature(words("Time since the vehicle was last heard of", "距上次消息时间"), "min"),
    "last_late": Feature(words("Minutes late at the last stop reached", "上一站晚到分钟"), "min"),
    "late_to_expect": Feature(
        words("Minutes late to expect at the usual pace", "按通常速度预期晚到"), "min", monotone=1
    ),
}
_ARRIVAL_EVENTS = {
    "drive": Feature(words("Leg of the route", "路段"), "km"),
    "serve_home": Feature(words("Stop at a home", "住宅站点"), "parcels"),
    "serve_shop": Feature(words("Stop at a shop", "商店站点"), "parcels"),
    "serve_office": Feature(words("Stop at an office", "办公站点"), "parcels"),
    "serve_site": Feature(words("Stop at a building site", "工地站点"), "parcels"),
    "serve_other": Feature(words("Stop", "站点"), "parcels"),
    "arrival": Feature(words("Stop reached, minutes late", "到站（晚到分钟）"), "min"),
}
_ARRIVAL_LAST_DAY = read_sql("logistics", "stop_arrival_last_day")
# Which trips the SQL reads; `analytics.routing.arrivals` puts the routes of a plan beside them.
DRIVEN = {"trips": "logistics.trips", "stops": "logistics.trip_stops"}

STOP_ARRIVAL = Task(
    name="logistics.stop_arrival",
    kind="regression",
    meaning=Meaning(
        title=words("Arrival at a stop", "到站时间预测"),
        entity=words("stop of a trip", "行程站点"),
        positive=words("minutes after the planned arrival", "晚于计划到达的分钟数"),
        unit="min",
    ),
    population=read_sql("logistics", "stop_arrival_population", last_day=_ARRIVAL_LAST_DAY),
    features=read_sql("logistics", "stop_arrival_features", **DRIVEN),
    events=read_sql("logistics", "stop_arrival_events", **DRIVEN),
    candidates=read_sql("logistics", "stop_arrival_candidates"),
    last_day=_ARRIVAL_LAST_DAY,
    bands=(
        Band("early", -5, words("Early", "早到")),
        Band("on time", 15, words("On time", "准时")),
        Band("late", 30, words("Late", "晚到")),
        Band("very late", 1_440, words("Very late", "严重晚到")),
    ),
    feature_info=_ARRIVAL_FEATURES,
    event_info=_ARRIVAL_EVENTS,
    shared_before="/",  # the stops of a trip
    entity_of=("logistics.trip_stops.trip_id", "logistics.trip_stops.position"),
)

TASKS: tuple[Task, ...] = (LATE_DELIVERY, VEHICLE_BREAKDOWN, STOP_ARRIVAL)
