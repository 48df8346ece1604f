"""The bank's cases, by task."""

from dashboards.queries.finance import applications_sql

CASES = {"finance.credit_default": applications_sql}
