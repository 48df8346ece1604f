"""When issues are due: schedules in words, wall time, business days, fresh data."""
