"""The bank's cases, by task."""

from dashboards.queries.finance import applications_sql
from pipelines.words import words

CASES = {"finance.credit_default": applications_sql}
LABELS = {
    "finance.credit_default": {
        "expected_loss": words("Expected loss, EUR", "预期损失（EUR）"),
        "amount_eur": words("Amount, EUR", "金额（EUR）"),
    }
}
