"""Forecasts of any series, and what to order because of them."""
