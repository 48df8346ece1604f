"""The files: the same bytes every time, and their dirt found again by ingestion, to the row."""

import json
from pathlib import Path

import pytest

from pipelines.catalog import shipped_contracts
from pipelines.ingest import ingest
from pipelines.settings import load_settings
from pipelines.warehouse import Warehouse
from sample_data.generate import generate
from tests.sample_data.lake import DOMAINS

SETTINGS = Path(__file__).parents[2] / "sample_data" / "assistant.toml"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_same_seed_makes_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    for folder, seed in (("first", 3), ("second", 3), ("other", 4)):
        generate(tmp_path / folder, seed=seed, scale=0.02)
    first, second, other = (contents(tmp_path / folder) for folder in ("first", "second", "other"))
    assert first == second
    assert first.keys() == other.keys()
    assert first["finance/loans.csv.zst"] != other["finance/loans.csv.zst"]


def test_the_demo_declares_sources_that_exist_with_the_keys_of_their_contracts() -> None:
    settings = load_settings(SETTINGS)
    for source in settings.sources.values():
        assert Path(settings.beside_config(source.options["path"])).exists()
        if source.table:
            assert tuple(source.key) == shipped_contracts()[f"{source.domain}.{source.table}"].key


def test_the_demo_declares_referred_tables_first() -> None:
    settings = load_settings(SETTINGS)
    order = [f"{source.domain}.{source.table}" for source in settings.sources.values()]
    for table in (table for table in order if table in shipped_contracts()):
        for column in shipped_contracts()[table].columns:
            if column.references:
                assert order.index(column.references.rpartition(".")[0]) < order.index(table)


def test_the_demo_reports_on_every_domain_in_both_languages() -> None:
    reports = load_settings(SETTINGS).reports.values()
    assert {report.domain for report in reports if report.domain} == set(DOMAINS)
    assert {report.language for report in reports} == {"en", "zh"}


@pytest.mark.slow
def test_ingestion_quarantines_exactly_what_was_planted(tmp_path: Path) -> None:
    generate(tmp_path, scale=0.05)
    (tmp_path / "assistant.toml").write_text(SETTINGS.read_text(encoding="utf-8"), encoding="utf-8")
    settings = load_settings(tmp_path / "assistant.toml")
    results = ingest(settings)
    assert [result.error for result in results if result.error] == []
    warehouse = Warehouse(settings)
    for table, column in (("finance.customers", "city"), ("logistics.shipments", "destination_city")):
        values = warehouse.query(f"SELECT DISTINCT {column} FROM {table}")[column].to_list()
        written = {each for each in values if each}
        assert {each.strip() for each in written} == written, table  # padded here and there in the files
    counted = warehouse.query('SELECT "table", rule, count(*) AS rows FROM quarantine.records GROUP BY ALL')
    found: dict[str, dict[str, int]] = {}
    for table, rule, rows in counted.iter_rows():
        found.setdefault(table, {})[rule] = rows
    assert found == json.loads((tmp_path / "truth" / "dirt.json").read_text())["quarantined"]
