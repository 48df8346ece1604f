-- What was known when each shipment left its depot, or at `as_of` if that is earlier.
--
-- Whether an earlier shipment kept its promise is known once it is delivered or its promise has passed. Such
-- outcomes are added up by day; the difference of two running totals is the record of the days between, and
-- only days before the day of dispatch count.
--
-- A carrier that is given tight promises looks worse than it is. So its form is told as late over expected
-- (indirect standardisation): expected is the share late among earlier shipments of the same service whose
-- promise was as tight, and what is recent weighs more (half after 14 days). Both together are what a dispatcher
-- would expect of the shipment (`late_to_expect`).
WITH sent AS (
    SELECT
        population.entity_id,
        population.as_of,
        shipments.* EXCLUDE (delivered_at, consignee),
        CAST(shipments.dispatched_at AS DATE) AS day
    FROM population
    JOIN logistics.shipments AS shipments
        ON shipments.shipment_id = population.entity_id AND shipments.dispatched_at <= population.as_of
),

outcomes AS (
    SELECT
        carrier_id,
        depot_id,
        destination_country,
        CAST(least(coalesce(delivered_at, promised_at), promised_at) AS DATE) AS known_on,
        delivered_at IS NULL OR delivered_at > promised_at AS late
    FROM logistics.shipments
    WHERE dispatched_at IS NOT NULL
),

carrier_days AS (
    SELECT
        carrier_id,
        known_on,
        sum(count(*)) OVER running AS outcomes,
        sum(count(*) FILTER (WHERE late)) OVER running AS late
    FROM outcomes
    GROUP BY carrier_id, known_on
    WINDOW running AS (PARTITION BY carrier_id ORDER BY known_on)
),

depot_days AS (
    SELECT
        depot_id,
        known_on,
        sum(count(*)) OVER running AS outcomes,
        sum(count(*) FILTER (WHERE late)) OVER running AS late
    FROM outcomes
    GROUP BY depot_id, known_on
    WINDOW running AS (PARTITION BY depot_id ORDER BY known_on)
),

lane_days AS (
    SELECT
        depot_id,
        destination_country,
        known_on,
        sum(count(*)) OVER running AS outcomes,
        sum(count(*) FILTER (WHERE late)) OVER running AS late
    FROM outcomes
    GROUP BY depot_id, destination_country, known_on
    WINDOW running AS (PARTITION BY depot_id, destination_country ORDER BY known_on)
),

-- The running totals up to yesterday less those up to the day before the window, once for every day of dispatch.
carrier_record AS (
    SELECT
        asked.carrier_id,
        asked.day,
        (now.late - coalesce(fortnight.late, 0)) / nullif(now.outcomes - coalesce(fortnight.outcomes, 0), 0)
            AS carrier_late_14d,
        (now.late - coalesce(quarter.late, 0)) / nullif(now.outcomes - coalesce(quarter.outcomes, 0), 0)
            AS carrier_late_90d
    FROM (SELECT DISTINCT carrier_id, day FROM sent) AS asked
    ASOF LEFT JOIN carrier_days AS now ON now.carrier_id = asked.carrier_id AND now.known_on < asked.day
    ASOF LEFT JOIN carrier_days AS fortnight
        ON fortnight.carrier_id = asked.carrier_id AND fortnight.known_on < asked.day - 14
    ASOF LEFT JOIN carrier_days AS quarter
        ON quarter.carrier_id = asked.carrier_id AND quarter.known_on < asked.day - 90
),

depot_record AS (
    SELECT
        asked.depot_id,
        asked.day,
        (now.late - coalesce(week.late, 0)) / nullif(now.outcomes - coalesce(week.outcomes, 0), 0) AS depot_late_7d
    FROM (SELECT DISTINCT depot_id, day FROM sent) AS asked
    ASOF LEFT JOIN depot_days AS now ON now.depot_id = asked.depot_id AND now.known_on < asked.day
    ASOF LEFT JOIN depot_days AS week ON week.depot_id = asked.depot_id AND week.known_on < asked.day - 7
),

lane_record AS (
    SELECT
        asked.depot_id,
        asked.destination_country,
        asked.day,
        (now.late - coalesce(quarter.late, 0)) / nullif(now.outcomes - coalesce(quarter.outcomes, 0), 0)
            AS lane_late_90d
    FROM (SELECT DISTINCT depot_id, destination_country, day FROM sent) AS asked
    ASOF LEFT JOIN lane_days AS now
        ON
            now.depot_id = asked.depot_id
            AND now.destination_country = asked.destination_country
            AND now.known_on < asked.day
    ASOF LEFT JOIN lane_days AS quarter
        ON
            quarter.depot_id = asked.depot_id
            AND quarter.destination_country = asked.destination_country
            AND quarter.known_on < asked.day - 90
),

-- The hours that are usually promised, by distance: a line per mode and service through all earlier shipments.
promises AS (
    SELECT
        shipments.shipment_id,
        shipments.carrier_id,
        shipments.service,
        carriers.mode,
        shipments.dispatched_at,
        CAST(shipments.dispatched_at AS DATE) AS day,
        shipments.distance_km AS km,
        date_diff('minute', shipments.dispatched_at, shipments.promised_at) / 60.0 AS hours,
        least(coalesce(shipments.delivered_at, shipments.promised_at), shipments.promised_at) AS known_at,
        shipments.delivered_at IS NULL OR shipments.delivered_at > shipments.promised_at AS late
    FROM logistics.shipments AS shipments
    LEFT JOIN logistics.carriers AS carriers ON carriers.carrier_id = shipments.carrier_id
    WHERE shipments.dispatched_at IS NOT NULL
),

promise_days AS (
    SELECT
        mode,
        service,
        day,
        sum(count(*)) OVER running AS promises,
        sum(sum(km)) OVER running AS km,
        sum(sum(hours)) OVER running AS hours,
        sum(sum(km * km)) OVER running AS km_km,
        sum(sum(km * hours)) OVER running AS km_hours
    FROM promises
    GROUP BY mode, service, day
    WINDOW running AS (PARTITION BY mode, service ORDER BY day)
),

spare AS (
    SELECT
        promises.*,
        promises.hours - before.hours / before.promises
        - (before.promises * before.km_hours - before.km * before.hours)
        / nullif(before.promises * before.km_km - before.km * before.km, 0)
        * (promises.km - before.km / before.promises) AS spare_hours
    FROM promises
    ASOF LEFT JOIN promise_days AS before
        ON before.mode = promises.mode AND before.service = promises.service AND before.day < promises.day
),

tightness AS (
    SELECT
        *,
        CAST(known_at AS DATE) AS known_on,
        greatest(-4, least(4, round(coalesce(spare_hours, 0) / 8))) AS tight
    FROM spare
),

tightness_days AS (
    SELECT
        service,
        tight,
        known_on,
        sum(count(*)) OVER running AS outcomes,
        sum(count(*) FILTER (WHERE late)) OVER running AS late
    FROM tightness
    GROUP BY service, tight, known_on
    WINDOW running AS (PARTITION BY service, tight ORDER BY known_on)
),

expected AS (
    SELECT
        shipments.shipment_id,
        shipments.carrier_id,
        shipments.known_at,
        CAST(shipments.late AS INTEGER) AS late,
        (coalesce(before.late, 0) + 1) / (coalesce(before.outcomes, 0) + 8) AS expected,
        power(2, date_diff('hour', first.dispatched_at, shipments.known_at) / 24.0 / 14) AS weight
    FROM tightness AS shipments
    CROSS JOIN (SELECT min(dispatched_at) AS dispatched_at FROM promises) AS first
    ASOF LEFT JOIN tightness_days AS before
        ON
            before.service = shipments.service
            AND before.tight = shipments.tight
            AND before.known_on < shipments.day
),

carrier_form AS (
    SELECT
        carrier_id,
        known_at,
        sum(sum(weight * late)) OVER running AS late,
        sum(sum(weight * expected)) OVER running AS expected
    FROM expected
    GROUP BY carrier_id, known_at
    WINDOW running AS (PARTITION BY carrier_id ORDER BY known_at)
),

-- Two expected late shipments more keep a carrier with few outcomes near 1.
form AS (
    SELECT
        spare.shipment_id,
        spare.spare_hours,
        (coalesce(carrier_form.late, 0) / today.weight + 2)
        / (coalesce(carrier_form.expected, 0) / today.weight + 2) AS carrier_late_to_expected,
        expected.expected AS late_when_as_tight
    FROM spare
    JOIN expected ON expected.shipment_id = spare.shipment_id
    CROSS JOIN (SELECT min(dispatched_at) AS dispatched_at FROM promises) AS first
    CROSS JOIN LATERAL (
        SELECT power(2, date_diff('hour', first.dispatched_at, spare.dispatched_at) / 24.0 / 14) AS weight
    ) AS today
    ASOF LEFT JOIN carrier_form
        ON carrier_form.carrier_id = spare.carrier_id AND carrier_form.known_at < spare.dispatched_at
),

-- What had left the depot that day before this shipment, against what the depot can handle.
queue AS (
    SELECT
        depot_id,
        dispatched_at,
        sum(count(*)) OVER (PARTITION BY depot_id, CAST(dispatched_at AS DATE) ORDER BY dispatched_at) AS left_today
    FROM logistics.shipments
    WHERE dispatched_at IS NOT NULL
    GROUP BY depot_id, dispatched_at
),

contents AS (
    SELECT
        sent.entity_id,
        sent.as_of,
        sum(items.weight_kg) AS weight_kg,
        sum(items.volume_l) AS volume_l,
        sum(items.quantity) AS pieces,
        count(*) AS item_lines,
        coalesce(bool_or(items.hazardous), FALSE) AS hazardous
    FROM sent
    JOIN logistics.shipment_items AS items ON items.shipment_id = sent.shipment_id
    GROUP BY sent.entity_id, sent.as_of
),

scans AS (
    SELECT
        sent.entity_id,
        sent.as_of,
        bool_or(events.event_type = 'pick_exception') AS pick_exception
    FROM sent
    JOIN logistics.tracking_events AS events
        ON events.shipment_id = sent.shipment_id AND events.recorded_at <= sent.dispatched_at
    GROUP BY sent.entity_id, sent.as_of
)

SELECT
    population.entity_id,
    population.as_of,
    sent.service,
    carriers.mode,
    sent.carrier_id AS carrier,
    sent.depot_id AS depot,
    sent.destination_country,
    depots.country <> sent.destination_country AS crosses_border,
    sent.distance_km,
    date_diff('minute', sent.dispatched_at, sent.promised_at) / 60.0 AS promised_hours,
    sent.distance_km / nullif(date_diff('minute', sent.dispatched_at, sent.promised_at) / 60.0, 0)
        AS required_km_per_hour,
    form.spare_hours,
    form.late_when_as_tight,
    form.late_when_as_tight * form.carrier_late_to_expected AS late_to_expect,
    date_diff('minute', sent.ordered_at, sent.dispatched_at) / 60.0 AS handling_hours,
    isodow(sent.dispatched_at) AS weekday,
    hour(sent.dispatched_at) AS hour,
    month(sent.dispatched_at) AS month,
    queue.left_today / CAST(depots.daily_capacity AS DOUBLE) AS depot_load,
    form.carrier_late_to_expected,
    carrier_record.carrier_late_14d,
    carrier_record.carrier_late_90d,
    depot_record.depot_late_7d,
    lane_record.lane_late_90d,
    contents.weight_kg,
    contents.volume_l,
    contents.pieces,
    contents.item_lines,
    contents.hazardous,
    coalesce(scans.pick_exception, FALSE) AS pick_exception,
    CAST(sent.declared_value AS DOUBLE) AS declared_value
FROM population
JOIN sent USING (entity_id, as_of)
LEFT JOIN form ON form.shipment_id = sent.shipment_id
LEFT JOIN carrier_record ON carrier_record.carrier_id = sent.carrier_id AND carrier_record.day = sent.day
LEFT JOIN depot_record ON depot_record.depot_id = sent.depot_id AND depot_record.day = sent.day
LEFT JOIN lane_record
    ON
        lane_record.depot_id = sent.depot_id
        AND lane_record.destination_country = sent.destination_country
        AND lane_record.day = sent.day
LEFT JOIN contents USING (entity_id, as_of)
LEFT JOIN scans USING (entity_id, as_of)
LEFT JOIN queue ON queue.depot_id = sent.depot_id AND queue.dispatched_at = sent.dispatched_at
LEFT JOIN logistics.depots AS depots ON depots.depot_id = sent.depot_id
LEFT JOIN logistics.carriers AS carriers ON carriers.carrier_id = sent.carrier_id
