-- Every vehicle at the end of the day $as_of that has been in service for four weeks.
WITH day AS (SELECT CAST($as_of AS DATE) AS today)
SELECT vehicles.vehicle_id AS entity_id, CAST(day.today AS TIMESTAMP) + INTERVAL '23:59:59' AS as_of
FROM logistics.vehicles AS vehicles
CROSS JOIN day
WHERE vehicles.in_service_on + 28 <= day.today
