-- How the office plans: minutes of a leg by its kilometres, how late vehicles leave; from the trips before $before.
WITH trips AS (
    SELECT * FROM logistics.trips WHERE left_at < $before AND left_at >= $before - INTERVAL 120 DAY
),

legs AS (
    SELECT
        stops.*,
        trips.left_at AS trip_left_at,
        date_diff('second', lag(stops.planned_at) OVER way, stops.planned_at) / 60.0
        - lag(stops.planned_minutes) OVER way AS minutes
    FROM logistics.trip_stops AS stops
    JOIN trips ON trips.trip_id = stops.trip_id
    WINDOW way AS (PARTITION BY stops.trip_id ORDER BY stops.position)
),

rule AS (
    SELECT
        count(*) AS legs,
        regr_slope(minutes, leg_km) AS minutes_a_km,
        regr_intercept(minutes, leg_km) AS minutes_a_leg
    FROM legs
    WHERE minutes >= 0
)

SELECT
    rule.*,
    (
        SELECT median(
            date_diff('second', legs.planned_at, legs.trip_left_at) / 60.0
            + rule.minutes_a_leg + rule.minutes_a_km * legs.leg_km
        )
        FROM legs
        WHERE legs.position = 1
    ) AS leaves_late
FROM rule
