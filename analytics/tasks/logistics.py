"""The carrier's task: will a shipment arrive after its promised time, judged when it leaves the depot?"""

from analytics.task import Band, Feature, Meaning, Task
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
    "promised_hours": Feature(words("Time left until the promise", "距承诺送达时间"), "h", actionable=True),
    "required_km_per_hour": Feature(words("Speed the promise asks for", "承诺所需平均速度"), "km/h"),
    "handling_hours": Feature(words("Time from order to dispatch", "下单至发运时长"), "h", actionable=True),
    "weekday": Feature(words("Day of the week of dispatch (1 = Monday)", "发运星期（1为周一）")),
    "hour": Feature(words("Hour of dispatch", "发运时刻"), "h"),
    "month": Feature(words("Month of dispatch", "发运月份")),
    "depot_load": Feature(
        words("Depot load today over its capacity", "仓库当日负荷比"), "1", monotone=1, actionable=True
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
)

TASKS: tuple[Task, ...] = (LATE_DELIVERY,)
