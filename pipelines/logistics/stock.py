"""What the tables of demand and stock promise: articles, demand, stock, orders to suppliers."""

from pipelines.contract import Column, Contract
from pipelines.logistics.columns import DEPOT
from pipelines.words import words

_SKU = Column("sku", required=True, references="logistics.articles.sku", label=words("Article", "商品编码"))

ARTICLES = Contract(
    table="logistics.articles",
    key=("sku",),
    description="Articles kept in stock: what they cost to buy, to keep, to be without; the policy in use.",
    reference_data=True,
    columns=(
        Column("sku", required=True, label=words("Article", "商品编码")),
        Column("name", required=True, label=words("Name", "名称")),
        Column("family", required=True, label=words("Product family", "商品类别")),
        Column("supplier", label=words("Supplier", "供应商")),
        Column(
            "unit_cost", "decimal", required=True, minimum=0, unit="EUR", label=words("Unit cost", "单位成本")
        ),
        Column(
            "holding_rate",
            "number",
            required=True,
            minimum=0,
            maximum=5,
            unit="1/year",
            label=words("Holding cost, share of value a year", "年持有成本率"),
        ),
        Column(
            "order_cost",
            "decimal",
            required=True,
            minimum=0,
            unit="EUR",
            label=words("Cost of an order", "每次订货成本"),
        ),
        Column(
            "shortage_cost",
            "decimal",
            required=True,
            minimum=0,
            unit="EUR",
            label=words("Cost of a unit short", "单位缺货成本"),
        ),
        Column(
            "service_level", "number", minimum=0.5, maximum=0.9999, label=words("Service level", "服务水平")
        ),
        Column("pack_size", "integer", minimum=1, label=words("Pack size", "包装数量")),
        Column("least_order", "integer", minimum=0, label=words("Least order", "最小订货量")),
        Column("reorder_point", "number", label=words("Reorder point in use", "现行再订货点")),
        Column("order_up_to", "number", label=words("Order-up-to level in use", "现行目标库存")),
    ),
)

DEMAND = Contract(
    table="logistics.demand",
    key=("sku", "depot_id", "day"),
    known_at="day",
    description="Units asked for by article, depot and day; days without may lack, returns are negative.",
    columns=(
        _SKU,
        DEPOT,
        Column("day", "date", required=True, minimum="1990-01-01", label=words("Day", "日期")),
        Column(
            "quantity",
            "integer",
            required=True,
            minimum=-100_000,
            maximum=1_000_000,
            unit="units",
            label=words("Units", "数量"),
        ),
    ),
)

STOCK = Contract(
    table="logistics.stock",
    key=("sku", "depot_id"),
    known_at="day",
    description="What lies in a depot and what is on order, counted at the end of `day`.",
    columns=(
        _SKU,
        DEPOT,
        Column("day", "date", required=True, minimum="1990-01-01", label=words("Counted on", "盘点日期")),
        Column("on_hand", "integer", required=True, unit="units", label=words("On hand", "现有库存")),
        Column(
            "on_order", "integer", required=True, minimum=0, unit="units", label=words("On order", "在途数量")
        ),
    ),
)

SUPPLIER_ORDERS = Contract(
    table="logistics.supplier_orders",
    key=("order_id",),
    known_at="ordered_on",
    description="Orders to suppliers and when they came in: what lead times are learned from.",
    columns=(
        Column("order_id", required=True, label=words("Order", "订单号")),
        _SKU,
        DEPOT,
        Column(
            "ordered_on", "date", required=True, minimum="1990-01-01", label=words("Ordered on", "订货日期")
        ),
        Column("received_on", "date", minimum="1990-01-01", label=words("Received on", "到货日期")),
        Column("quantity", "integer", required=True, minimum=1, unit="units", label=words("Units", "数量")),
    ),
)

STOCKKEEPING: tuple[Contract, ...] = (ARTICLES, DEMAND, STOCK, SUPPLIER_ORDERS)
