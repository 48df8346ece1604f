-- Late shipments whose promise fell into the days from $since to $until, and what explains how late they are.
--
-- Late dispatch explains no more than the shipment left later than usual from its depot and service, and no more
-- than its way was promised shorter than usual for depot, country and service: a promise that was made only at the
-- dispatch did not suffer. Usual is the median of shipments that arrived in time. Where the causes of a shipment
-- add up to more than it is late, each explains its share; what they leave is unexplained, or that the shipment is
-- not delivered yet.
WITH settled AS (
    SELECT
        shipments.*,
        cases.label = 1 AS late,
        least(
            coalesce(shipments.delivered_at, CAST($until AS DATE) + INTERVAL 1 DAY),
            CAST($until AS DATE) + INTERVAL 1 DAY
        ) AS seen_until
    FROM ({population}) AS cases
    JOIN logistics.shipments AS shipments ON shipments.shipment_id = cases.entity_id
    WHERE
        cases.label IS NOT NULL
        AND shipments.promised_at >= CAST($since AS DATE)
        AND shipments.promised_at < CAST($until AS DATE) + INTERVAL 1 DAY
),

handling AS (
    SELECT depot_id, service, median(date_diff('minute', ordered_at, dispatched_at)) AS minutes
    FROM settled
    WHERE NOT late
    GROUP BY depot_id, service
),

ways AS (
    SELECT depot_id, destination_country, service, median(date_diff('minute', dispatched_at, promised_at)) AS minutes
    FROM settled
    WHERE NOT late
    GROUP BY depot_id, destination_country, service
),

events AS (
    SELECT events.shipment_id, events.event_type, events.occurred_at, settled.late, settled.seen_until
    FROM logistics.tracking_events AS events
    JOIN settled ON settled.shipment_id = events.shipment_id
    WHERE events.occurred_at < settled.seen_until AND events.recorded_at < CAST($until AS DATE) + INTERVAL 1 DAY
),

spans AS (SELECT * FROM ({spans}) AS spans (cause, begins, ends, usual)),

-- Each scan that begins a span, up to the next scan that ends it, or to when the shipment was last seen.
lasted AS (
    SELECT
        begins.shipment_id,
        begins.late,
        spans.cause,
        spans.usual,
        begins.occurred_at,
        coalesce(min(ends.occurred_at), any_value(begins.seen_until)) AS ended_at,
        -- A hub that never scans what leaves says nothing of how long anything stayed.
        count(ends.occurred_at) > 0 OR NOT spans.usual AS is_known
    FROM events AS begins
    JOIN spans ON spans.begins = begins.event_type
    LEFT JOIN events AS ends
        ON
            ends.shipment_id = begins.shipment_id
            AND ends.occurred_at > begins.occurred_at
            AND (len(spans.ends) = 0 OR list_contains(spans.ends, ends.event_type))
    GROUP BY begins.shipment_id, begins.late, spans.cause, spans.usual, begins.occurred_at
),

-- A shipment that fails delivery twice is held up once, from the first time on.
took AS (
    SELECT
        shipment_id,
        late,
        cause,
        usual,
        CASE
            WHEN usual THEN sum(date_diff('minute', occurred_at, ended_at))
            ELSE max(date_diff('minute', occurred_at, ended_at))
        END AS minutes
    FROM lasted
    WHERE is_known
    GROUP BY shipment_id, late, cause, usual
),

usually AS (SELECT cause, median(minutes) AS minutes FROM took WHERE usual AND NOT late GROUP BY cause),

found AS (
    SELECT
        settled.shipment_id,
        CASE WHEN trouble.shipment_id IS NULL THEN 'late_dispatch' ELSE 'pick_exception' END AS cause,
        least(
            date_diff('minute', settled.ordered_at, settled.dispatched_at) - handling.minutes,
            ways.minutes - date_diff('minute', settled.dispatched_at, settled.promised_at)
        ) AS minutes
    FROM settled
    JOIN handling ON handling.depot_id = settled.depot_id AND handling.service = settled.service
    JOIN ways
        ON
            ways.depot_id = settled.depot_id
            AND ways.destination_country IS NOT DISTINCT FROM settled.destination_country
            AND ways.service = settled.service
    LEFT JOIN (SELECT DISTINCT shipment_id FROM events WHERE event_type = 'pick_exception') AS trouble
        ON trouble.shipment_id = settled.shipment_id
    WHERE settled.late
    UNION ALL
    SELECT took.shipment_id, took.cause, took.minutes - coalesce(usually.minutes, 0)
    FROM took
    LEFT JOIN usually ON usually.cause = took.cause AND took.usual
    WHERE took.late
),

counted AS (
    SELECT
        settled.shipment_id,
        settled.carrier_id,
        settled.depot_id,
        settled.promised_at,
        CASE WHEN settled.delivered_at < CAST($until AS DATE) + INTERVAL 1 DAY THEN settled.delivered_at END
            AS delivered_at,
        greatest(date_diff('minute', settled.promised_at, settled.seen_until), 0) AS late_minutes,
        found.cause,
        coalesce(found.minutes, 0) AS minutes,
        sum(coalesce(found.minutes, 0)) OVER (PARTITION BY settled.shipment_id) AS all_minutes
    FROM settled
    LEFT JOIN found ON found.shipment_id = settled.shipment_id AND found.minutes > 0
    WHERE settled.late
)

SELECT
    * EXCLUDE (minutes, all_minutes),
    minutes * least(1, late_minutes / all_minutes) AS minutes
FROM counted
WHERE cause IS NOT NULL
UNION ALL
SELECT DISTINCT
    * EXCLUDE (cause, minutes, all_minutes),
    CASE WHEN delivered_at IS NULL THEN 'not_delivered' ELSE 'unexplained' END AS cause,
    greatest(late_minutes - all_minutes, 0) AS minutes
FROM counted
ORDER BY shipment_id, cause
