-- Shipments under way at the end of the day $as_of: dispatched, not delivered, promise not yet broken. Their
-- features are those of the moment of dispatch.
WITH day AS (
    SELECT CAST(CAST($as_of AS DATE) AS TIMESTAMP) + INTERVAL '23:59:59' AS as_of
)
SELECT shipments.shipment_id AS entity_id, day.as_of
FROM logistics.shipments AS shipments
CROSS JOIN day
WHERE
    shipments.dispatched_at <= day.as_of
    AND shipments.promised_at > day.as_of
    AND (shipments.delivered_at IS NULL OR shipments.delivered_at > day.as_of)
