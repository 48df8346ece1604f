#!/usr/bin/env bash
# Olist e-commerce deliveries: six tables joined by SQL into one row per order, known when the order is paid.
. "$(dirname "$0")/../lib.sh"

add() { # table, keys
    local keys=()
    for key in ${2:-}; do keys+=(--key "$key"); done
    sda source add "$1" --connector files --path "$data/logistics/olist_orders_sample/olist_$1_dataset.csv.gz" \
        --domain logistics --table "olist_$1" "${keys[@]}"
}
add orders order_id
add order_items "order_id order_item_id"
add customers customer_id
add sellers seller_id
add products product_id
add geolocation
cp "$example/olist_deliveries.sql" "$SDA_HOME/"
cat >> "$SDA_CONFIG" <<'TOML'

[tables."logistics.olist_deliveries"]
sql = "olist_deliveries.sql"
TOML
sda ingest
sda quarantine list
sda task new logistics.olist_late --table logistics.olist_deliveries --target late --entity order_id \
    --time purchased_at
sda train logistics.olist_late
sda score logistics.olist_late
cat >> "$SDA_CONFIG" <<'TOML'

[reports.olist-late]
domain = "logistics"
task = "logistics.olist_late"
title = "E-commerce orders: delivered late"
language = "zh"
TOML
sda report olist-late --format html --output "$SDA_HOME/reports"
