"""Exploring scored cases: what a person asked for (`view`), the table that answers at once (`board`)."""
