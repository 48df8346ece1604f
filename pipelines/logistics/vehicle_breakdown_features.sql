-- What each vehicle had sent by `as_of`: how often, how long ago, how high. In what order is left to a model that
-- reads the messages themselves.
WITH sent AS (
    SELECT
        population.entity_id,
        population.as_of,
        count(*) FILTER (WHERE recent AND events.code = 'oil_pressure_low') AS oil_pressure_low_28d,
        count(*) FILTER (WHERE recent AND events.code = 'engine_overheat') AS engine_overheat_28d,
        count(*) FILTER (WHERE recent AND events.code = 'undervoltage') AS undervoltage_28d,
        count(*) FILTER (WHERE recent AND events.code = 'tyre_pressure_low') AS tyre_pressure_low_28d,
        count(*) FILTER (WHERE recent AND events.code = 'adblue_low') AS adblue_low_28d,
        count(*) FILTER (WHERE recent AND events.code = 'driver_note') AS driver_notes_28d,
        count(*) FILTER (WHERE events.event_at > population.as_of - INTERVAL 7 DAY) AS messages_7d,
        count(*) FILTER (WHERE recent) AS messages_28d,
        count(*) AS messages_90d,
        min(days_ago) FILTER (WHERE events.code = 'oil_pressure_low') AS days_since_oil_pressure_low,
        min(days_ago) FILTER (WHERE events.code = 'engine_overheat') AS days_since_engine_overheat,
        min(days_ago) FILTER (WHERE events.code = 'undervoltage') AS days_since_undervoltage,
        avg(events.value) FILTER (WHERE recent AND events.code = 'oil_pressure_low') AS oil_pressure_mean,
        max(events.value) FILTER (WHERE recent AND events.code = 'engine_overheat') AS engine_temperature_highest,
        min(events.value) FILTER (WHERE recent AND events.code = 'undervoltage') AS voltage_lowest
    FROM population
    JOIN logistics.vehicle_events AS events
        ON
            events.vehicle_id = population.entity_id
            AND events.event_at <= population.as_of
            AND events.event_at > population.as_of - INTERVAL 90 DAY
    CROSS JOIN LATERAL (
        SELECT
            events.event_at > population.as_of - INTERVAL 28 DAY AS recent,
            date_diff('day', events.event_at, population.as_of) AS days_ago
    )
    GROUP BY population.entity_id, population.as_of
),

broken AS (
    SELECT
        population.entity_id,
        population.as_of,
        count(*) AS breakdowns_year,
        date_diff('day', max(breakdowns.happened_at), population.as_of) AS days_since_breakdown
    FROM population
    JOIN logistics.breakdowns AS breakdowns
        ON
            breakdowns.vehicle_id = population.entity_id
            AND breakdowns.happened_at <= population.as_of
            AND breakdowns.happened_at > population.as_of - INTERVAL 365 DAY
    GROUP BY population.entity_id, population.as_of
)

SELECT
    population.entity_id,
    population.as_of,
    vehicles.model,
    vehicles.depot_id AS depot,
    date_diff('month', vehicles.built_on, population.as_of) / 12 AS age_years,
    date_diff('month', vehicles.built_on, population.as_of) / 12 * vehicles.km_a_year AS mileage_km,
    vehicles.km_a_year,
    coalesce(sent.oil_pressure_low_28d, 0) AS oil_pressure_low_28d,
    coalesce(sent.engine_overheat_28d, 0) AS engine_overheat_28d,
    coalesce(sent.undervoltage_28d, 0) AS undervoltage_28d,
    coalesce(sent.tyre_pressure_low_28d, 0) AS tyre_pressure_low_28d,
    coalesce(sent.adblue_low_28d, 0) AS adblue_low_28d,
    coalesce(sent.driver_notes_28d, 0) AS driver_notes_28d,
    coalesce(sent.messages_7d, 0) AS messages_7d,
    coalesce(sent.messages_28d, 0) AS messages_28d,
    coalesce(sent.messages_90d, 0) AS messages_90d,
    sent.days_since_oil_pressure_low,
    sent.days_since_engine_overheat,
    sent.days_since_undervoltage,
    sent.oil_pressure_mean,
    sent.engine_temperature_highest,
    sent.voltage_lowest,
    coalesce(broken.breakdowns_year, 0) AS breakdowns_year,
    broken.days_since_breakdown
FROM population
JOIN logistics.vehicles AS vehicles
    ON vehicles.vehicle_id = population.entity_id AND vehicles.in_service_on <= population.as_of
LEFT JOIN sent USING (entity_id, as_of)
LEFT JOIN broken USING (entity_id, as_of)
