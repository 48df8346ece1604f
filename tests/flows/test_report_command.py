"""`sda report`: a file of any report, cut as asked, and a word about what was written wrongly."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from dashboards.reports.desk import Desk
from flows.cli import sda
from pipelines.settings import Settings

ORDERS = "order_id,depot,amount\n1,D01,10.5\n2,D01,11\n3,D05,12\n"
REPORT = """
table = "shop.orders"
title = "Orders"
sections = ["figures", "table"]
parameters = { depot = "shop.orders.depot" }
"""


@pytest.fixture
def shop(home: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a home with one table and a report about it in a file of its own."""
    folder = home.config.parent
    (folder / "orders.csv").write_text(ORDERS)
    (folder / "orders.toml").write_text(REPORT)
    home.config.write_text(
        '[sources.shop]\nconnector = "files"\ndomain = "shop"\ntable = "orders"\nkey = ["order_id"]\n'
        'options = { path = "orders.csv" }\n[reports.orders]\nfile = "orders.toml"\n'
    )
    loaded = CliRunner().invoke(sda, ["ingest", "--json"])
    assert loaded.exit_code == 0, loaded.output
    return folder


def report(folder: Path, *given: str) -> Result:
    return CliRunner().invoke(sda, ["report", "orders", "--output", str(folder / "out"), "--json", *given])


def test_each_form_is_written(shop: Path) -> None:
    forms = {"html": ".html", "pdf": ".pdf", "xlsx": ".xlsx", "csv": "-rows.csv", "text": ".txt"}
    for form, ending in forms.items():
        done = report(shop, "--format", form, "--period", "2026-11-30T08:00Z", "--language", "zh")
        assert done.exit_code == 0, done.output
        document = json.loads(done.stdout)
        assert document["period"] == "2026-11-30T08:00:00+00:00"
        assert document["values"]["rows"] == 3
        [file] = document["files"]
        assert file.endswith(ending)
        assert Path(file).stat().st_size > 50


def test_a_file_that_does_not_have_all_rows_says_so(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert json.loads(report(shop, "--format", "csv").stdout)["cut"] == {}
    monkeypatch.setattr(Desk, "rows", lambda _desk, _most: 1)
    done = report(shop, "--format", "csv")
    assert json.loads(done.stdout)["cut"] == {"rows": {"written": 1, "of": 3}}


def test_only_the_rows_asked_for_are_written(shop: Path) -> None:
    done = report(shop, "--format", "csv", "--only", "depot=D01")
    document = json.loads(done.stdout)
    assert (document["attributes"], document["values"]["rows"]) == ({"depot": ["D01"]}, 2)
    assert pl.read_csv(document["files"][0])["depot"].to_list() == ["D01", "D01"]
    both = json.loads(report(shop, "--only", "depot=D01", "--only", "depot=D05").stdout)
    assert both["values"]["rows"] == 3
    none = json.loads(report(shop, "--only", "depot=").stdout)
    assert none["values"]["rows"] == 0


def test_what_is_written_wrongly_is_told(shop: Path) -> None:
    for given, told in (
        (("--only", "depot"), "depot=D01"),
        (("--only", "=D01"), "depot=D01"),
        (("--only", "depots=D01"), "Did you mean depot"),
        (("--period", "yesterday"), "no moment"),
    ):
        done = report(shop, *given)
        assert done.exit_code == 2
        assert told in done.output
    (shop / "file").write_text("no folder")
    done = report(shop, "--output", str(shop / "file" / "deeper"))
    assert done.exit_code == 1
    assert "cannot be written" in done.output
