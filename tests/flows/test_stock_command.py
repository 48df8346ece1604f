"""`sda stock` on a small store: the list, the file, the budget, and the past."""

import json
import re
from pathlib import Path

import polars as pl
import pytest

from analytics.forecasting.tables import COLUMNS, PROPOSALS
from pipelines.settings import load_settings
from tests.analytics.forecasting.small_store import build
from tests.flows.conftest import Sda


def test_orders_are_proposed_in_words_as_json_and_in_files(sda: Sda, tmp_path: Path) -> None:
    build(load_settings())
    told = sda("stock", "propose", "--output", tmp_path / "orders.xlsx")
    assert told.exit_code == 0, told.stderr
    # They last for two days and a quarter: up or down is a matter of the last bit.
    words = r"of steady today, because the 9 on hand and 0 on order are gone in 2\.[23] days"
    assert re.search(words, told.stdout)
    assert "of 4 articles nothing" in told.stdout
    assert pl.read_excel(tmp_path / "orders.xlsx")["sku"][0] == "steady"
    few = sda("stock", "propose", "--budget", "200", "--output", tmp_path / "orders.csv", "--json")
    rows = json.loads(few.stdout)
    assert list(rows[0]) == list(COLUMNS[PROPOSALS])
    assert (rows[0]["sku"], rows[0]["why"]) == ("steady", "budget")
    assert rows[0]["cost"] <= 200
    assert pl.read_csv(tmp_path / "orders.csv")["quantity"].to_list() == [row["quantity"] for row in rows]
    judged = json.loads(sda("stock", "backtest", "--days", "30", "--json").stdout)
    assert [row["policy"] for row in judged] == ["ours", "in_use"]


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("propose", "--output", "orders.txt"), 2),
        (("propose", "--output", "nowhere/orders.csv"), 2),
        (("propose", "--budget", "-1"), 2),
        (("propose",), 1),
        (("backtest",), 1),
    ],
)
def test_what_cannot_be_done_is_one_plain_line(sda: Sda, arguments: tuple[str, ...], status: int) -> None:
    result = sda("stock", *arguments)
    assert result.exit_code == status
    assert "Traceback" not in result.stderr
    assert "Error" in result.stderr
