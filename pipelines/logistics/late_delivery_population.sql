-- Dispatched shipments whose promise lies wholly in the data: then it is known whether it was kept.
WITH complete AS ({last_day})
SELECT
    shipments.shipment_id AS entity_id,
    shipments.dispatched_at AS as_of,
    CAST(shipments.delivered_at IS NULL OR shipments.delivered_at > shipments.promised_at AS INTEGER) AS label
FROM logistics.shipments AS shipments
CROSS JOIN complete
WHERE shipments.dispatched_at IS NOT NULL AND CAST(shipments.promised_at AS DATE) <= complete.last_day
