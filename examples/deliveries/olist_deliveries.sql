-- One row per delivered order, with what is known when it is paid; late = delivered after the estimate.
-- Zip prefixes have many coordinates: their mean stands for them, so that no order is multiplied.
WITH places AS (
    SELECT
        geolocation_zip_code_prefix AS zip,
        avg(geolocation_lat) AS latitude,
        avg(geolocation_lng) AS longitude
    FROM logistics.olist_geolocation
    WHERE geolocation_lat BETWEEN -35 AND 6 AND geolocation_lng BETWEEN -75 AND -30
    GROUP BY zip
),

contents AS (
    SELECT
        order_id,
        count(*) AS items,
        count(DISTINCT items.seller_id) AS sellers,
        min(items.seller_id) AS seller_id,
        sum(price) AS price,
        sum(freight_value) AS freight,
        sum(product_weight_g) AS weight_g,
        max(product_length_cm * product_height_cm * product_width_cm) AS largest_cm3,
        min(product_category_name) AS category,
        min(shipping_limit_date) AS hand_over_by
    FROM logistics.olist_order_items AS items
    LEFT JOIN logistics.olist_products AS products USING (product_id)
    GROUP BY order_id
)

SELECT
    orders.order_id,
    orders.order_purchase_timestamp AS purchased_at,
    CASE WHEN orders.order_delivered_customer_date > orders.order_estimated_delivery_date
         THEN 1 ELSE 0 END AS late,
    date_diff('hour', orders.order_purchase_timestamp, orders.order_approved_at) AS hours_to_payment,
    date_diff('day', orders.order_purchase_timestamp, orders.order_estimated_delivery_date) AS promised_days,
    date_diff('hour', orders.order_purchase_timestamp, contents.hand_over_by) AS hours_to_hand_over,
    dayofweek(orders.order_purchase_timestamp) AS weekday,
    hour(orders.order_purchase_timestamp) AS hour_of_day,
    customers.customer_state,
    sellers.seller_state,
    contents.items,
    contents.sellers,
    contents.price,
    contents.freight,
    contents.weight_g,
    contents.largest_cm3,
    contents.category,
    6371 * 2 * asin(sqrt(
        pow(sin(radians(there.latitude - here.latitude) / 2), 2)
        + cos(radians(here.latitude)) * cos(radians(there.latitude))
        * pow(sin(radians(there.longitude - here.longitude) / 2), 2)
    )) AS distance_km
FROM logistics.olist_orders AS orders
JOIN contents USING (order_id)
JOIN logistics.olist_customers AS customers USING (customer_id)
LEFT JOIN logistics.olist_sellers AS sellers USING (seller_id)
LEFT JOIN places AS there ON there.zip = customers.customer_zip_code_prefix
LEFT JOIN places AS here ON here.zip = sellers.seller_zip_code_prefix
WHERE orders.order_status = 'delivered' AND orders.order_delivered_customer_date IS NOT NULL
