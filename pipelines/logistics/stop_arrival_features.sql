-- What is known of a stop's arrival at `as_of`: the way as planned, what such ways have usually taken on earlier
-- days by hour, area, place and address, how its vehicle has driven of late, and how this trip has gone so far.
-- Minutes that legs and stops usually take come from days before the trip's own; hours are those of the depot.
WITH trips AS MATERIALIZED (
    SELECT
        trips.*,
        CAST(trips.left_at AS DATE) AS day_left,
        coalesce(depots.timezone, 'UTC') AS timezone
    FROM {trips} AS trips
    LEFT JOIN logistics.depots AS depots ON depots.depot_id = trips.depot_id
),

stops AS MATERIALIZED (
    SELECT
        stops.trip_id || '/' || stops.position AS entity_id,
        stops.trip_id,
        stops.position,
        trips.depot_id,
        trips.vehicle_id,
        trips.left_at AS trip_left_at,
        trips.day_left,
        trips.weather,
        trips.temperature_c,
        stops.place,
        stops.latitude,
        stops.longitude,
        coalesce(stops.parcels, 1) AS parcels,
        least(coalesce(stops.parcels, 1), 9) AS unloading,
        coalesce(stops.kg, 0) AS kg,
        stops.leg_km,
        stops.leg_km + 0.5 AS effort, -- junctions and parking cost about as much on a short way as on a long one
        stops.planned_at,
        stops.planned_minutes,
        stops.arrived_at,
        stops.left_at,
        clock.local_at,
        least(greatest(hour(clock.local_at), 6), 19) AS band,
        isodow(clock.local_at) >= 6 AS weekend,
        round(stops.latitude / 0.045) AS area_north,
        round(stops.longitude / 0.07) AS area_east,
        -- Of a leg that begins where nothing was recorded, how long it took is not known.
        date_diff(
            'second',
            CASE
                WHEN stops.position = 1 THEN trips.left_at
                WHEN lag(stops.position) OVER way = stops.position - 1 THEN lag(stops.left_at) OVER way
            END,
            stops.arrived_at
        ) / 60.0 AS driven,
        date_diff('second', stops.arrived_at, stops.left_at) / 60.0 AS served
    FROM {stops} AS stops
    JOIN trips ON trips.trip_id = stops.trip_id
    CROSS JOIN LATERAL (
        SELECT timezone(trips.timezone, timezone('UTC', stops.planned_at)) AS local_at
    ) AS clock
    WINDOW way AS (PARTITION BY stops.trip_id ORDER BY stops.position)
),

-- Minutes a leg usually takes: by depot and hour, then by the area it leads to. Where nothing is known, 2 a km.
hour_days AS (
    SELECT
        depot_id,
        weekend,
        band,
        CAST(arrived_at AS DATE) AS known_on,
        sum(sum(driven)) OVER running AS driven,
        sum(sum(effort)) OVER running AS effort
    FROM stops
    WHERE driven >= 0
    GROUP BY depot_id, weekend, band, CAST(arrived_at AS DATE)
    WINDOW running AS (PARTITION BY depot_id, weekend, band ORDER BY CAST(arrived_at AS DATE))
),

by_hour AS MATERIALIZED (
    SELECT stops.*, stops.effort * coalesce(before.driven / nullif(before.effort, 0), 2) AS hour_minutes
    FROM stops
    ASOF LEFT JOIN hour_days AS before
        ON
            before.depot_id = stops.depot_id
            AND before.weekend = stops.weekend
            AND before.band = stops.band
            AND before.known_on < stops.day_left
),

area_days AS (
    SELECT
        area_north,
        area_east,
        CAST(arrived_at AS DATE) AS known_on,
        sum(sum(driven)) OVER running AS driven,
        sum(sum(hour_minutes)) OVER running AS expected
    FROM by_hour
    WHERE driven >= 0
    GROUP BY area_north, area_east, CAST(arrived_at AS DATE)
    WINDOW running AS (PARTITION BY area_north, area_east ORDER BY CAST(arrived_at AS DATE))
),

-- Minutes a stop usually takes: by depot, kind of place and parcels, then by address.
place_days AS (
    SELECT
        depot_id,
        place,
        unloading,
        CAST(left_at AS DATE) AS known_on,
        sum(sum(served)) OVER running AS served,
        sum(count(*)) OVER running AS stops
    FROM stops
    WHERE served >= 0
    GROUP BY depot_id, place, unloading, CAST(left_at AS DATE)
    WINDOW running AS (PARTITION BY depot_id, place, unloading ORDER BY CAST(left_at AS DATE))
),

by_place AS MATERIALIZED (
    SELECT
        by_hour.*,
        (coalesce(areas.driven, 0) + 60) / (coalesce(areas.expected, 0) + 60) AS area_pace,
        (coalesce(places.served, 0) + 3 * by_hour.planned_minutes) / (coalesce(places.stops, 0) + 3) AS place_minutes
    FROM by_hour
    ASOF LEFT JOIN area_days AS areas
        ON
            areas.area_north = by_hour.area_north
            AND areas.area_east = by_hour.area_east
            AND areas.known_on < by_hour.day_left
    ASOF LEFT JOIN place_days AS places
        ON
            places.depot_id = by_hour.depot_id
            AND places.place = by_hour.place
            AND places.unloading = by_hour.unloading
            AND places.known_on < by_hour.day_left
),

address_days AS (
    SELECT
        latitude,
        longitude,
        CAST(left_at AS DATE) AS known_on,
        sum(sum(served)) OVER running AS served,
        sum(sum(place_minutes)) OVER running AS expected
    FROM by_place
    WHERE served >= 0
    GROUP BY latitude, longitude, CAST(left_at AS DATE)
    WINDOW running AS (PARTITION BY latitude, longitude ORDER BY CAST(left_at AS DATE))
),

usual AS MATERIALIZED (
    SELECT
        by_place.*,
        by_place.hour_minutes * by_place.area_pace AS usual_drive,
        (coalesce(addresses.served, 0) + 15) / (coalesce(addresses.expected, 0) + 15) AS address_pace,
        by_place.place_minutes
        * (coalesce(addresses.served, 0) + 15) / (coalesce(addresses.expected, 0) + 15) AS usual_serve
    FROM by_place
    ASOF LEFT JOIN address_days AS addresses
        ON
            addresses.latitude = by_place.latitude
            AND addresses.longitude = by_place.longitude
            AND addresses.known_on < by_place.day_left
),

-- How slow a vehicle was in the four weeks before; two usual hours more keep one with few trips near 1.
vehicle_days AS (
    SELECT vehicle_id, CAST(arrived_at AS DATE) AS known_on, sum(driven) AS driven, sum(usual_drive) AS usual
    FROM usual
    WHERE driven >= 0
    GROUP BY vehicle_id, CAST(arrived_at AS DATE)
),

vehicle_form AS (
    SELECT
        trips.trip_id,
        (coalesce(sum(days.driven), 0) + 120) / (coalesce(sum(days.usual), 0) + 120) AS vehicle_pace
    FROM trips
    LEFT JOIN vehicle_days AS days
        ON
            days.vehicle_id = trips.vehicle_id
            AND days.known_on < trips.day_left
            AND days.known_on >= trips.day_left - 28
    GROUP BY trips.trip_id
),

-- Sums along each trip up to and with a stop, and up to and with leaving it.
along AS MATERIALIZED (
    SELECT
        *,
        sum(leg_km) OVER way AS km,
        sum(usual_drive) OVER way AS drive,
        sum(usual_serve) OVER way AS serve,
        sum(planned_minutes) OVER way AS planned_serve,
        sum(parcels) OVER way AS pieces
    FROM usual
    WINDOW way AS (PARTITION BY trip_id ORDER BY position)
),

-- What all vehicles of a depot took for the legs of a day, as it goes on.
depot_today AS (
    SELECT
        depot_id,
        CAST(arrived_at AS DATE) AS day,
        arrived_at,
        sum(sum(driven)) OVER running AS driven,
        sum(sum(usual_drive)) OVER running AS usual
    FROM usual
    WHERE driven >= 0
    GROUP BY depot_id, CAST(arrived_at AS DATE), arrived_at
    WINDOW running AS (PARTITION BY depot_id, CAST(arrived_at AS DATE) ORDER BY arrived_at)
),

asked AS (
    SELECT population.as_of, along.*
    FROM population
    JOIN along ON along.entity_id = population.entity_id
    WHERE along.trip_left_at <= population.as_of
),

-- Where the vehicle was last heard of: the last stop it had reached, the last one it had left; of several in the
-- same minute the one furthest along.
reached AS (
    FROM along
    WHERE arrived_at IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY trip_id, arrived_at ORDER BY position DESC) = 1
),

gone AS (
    FROM along
    WHERE left_at IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY trip_id, left_at ORDER BY position DESC) = 1
),

heard AS (
    SELECT
        asked.*,
        reached.position AS reached_position,
        reached.planned_at AS reached_planned_at,
        reached.arrived_at AS reached_at,
        gone.left_at AS gone_at,
        coalesce(reached.km, 0) AS reached_km,
        coalesce(reached.drive, 0) AS reached_drive,
        coalesce(gone.position, 0) AS gone_position,
        coalesce(gone.serve, 0) AS gone_serve,
        coalesce(gone.planned_serve, 0) AS gone_planned_serve,
        coalesce(gone.pieces, 0) AS gone_pieces
    FROM asked
    ASOF LEFT JOIN reached
        ON reached.trip_id = asked.trip_id AND reached.arrived_at <= asked.as_of
    ASOF LEFT JOIN gone
        ON gone.trip_id = asked.trip_id AND gone.left_at <= asked.as_of
),

ahead AS (
    SELECT
        heard.*,
        heard.km - heard.reached_km AS km_ahead,
        heard.drive - heard.reached_drive AS drive_ahead,
        heard.serve - heard.usual_serve - heard.gone_serve AS serve_ahead,
        heard.planned_serve - heard.planned_minutes - heard.gone_planned_serve AS planned_serve_ahead,
        heard.pieces - heard.parcels - heard.gone_pieces AS parcels_ahead,
        date_diff('second', heard.as_of, heard.planned_at) / 60.0 AS planned_ahead,
        date_diff('second', greatest(heard.trip_left_at, heard.reached_at, heard.gone_at), heard.as_of) / 60.0
            AS since_heard,
        date_diff('second', heard.trip_left_at, coalesce(heard.reached_at, heard.trip_left_at)) / 60.0 AS so_far,
        heard.reached_drive + coalesce(heard.gone_serve, 0) AS usual_so_far,
        form.vehicle_pace,
        (coalesce(today.driven, 0) + 120) / (coalesce(today.usual, 0) + 120) AS depot_pace
    FROM heard
    JOIN vehicle_form AS form ON form.trip_id = heard.trip_id
    ASOF LEFT JOIN depot_today AS today
        ON
            today.depot_id = heard.depot_id
            AND today.day = CAST(heard.as_of AS DATE)
            AND today.arrived_at <= heard.as_of
),

paced AS (
    SELECT
        *,
        (so_far + 45 * vehicle_pace) / (usual_so_far + 45) AS trip_pace
    FROM ahead
)

SELECT
    entity_id,
    as_of,
    depot_id AS depot,
    position,
    position - coalesce(reached_position, 0) AS stops_ahead,
    planned_ahead,
    date_diff('second', trip_left_at, planned_at) / 60.0 AS planned_from_leaving,
    km_ahead,
    leg_km,
    planned_serve_ahead,
    CAST(parcels_ahead AS INTEGER) AS parcels_ahead,
    place,
    kg,
    hour(local_at) + minute(local_at) / 60.0 AS hour_planned,
    isodow(local_at) AS weekday,
    coalesce(weather, 'unknown') AS weather,
    temperature_c,
    area_pace,
    address_pace,
    drive_ahead AS usual_drive_ahead,
    serve_ahead AS usual_serve_ahead,
    vehicle_pace,
    depot_pace,
    trip_pace,
    since_heard,
    date_diff('second', reached_planned_at, reached_at) / 60.0 AS last_late,
    drive_ahead * trip_pace + serve_ahead - since_heard - planned_ahead AS late_to_expect
FROM paced
