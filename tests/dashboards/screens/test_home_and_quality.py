"""Today and data quality: health with reasons, what changed, refused records, where a number comes from."""

import pytest

from analytics.catalog import shipped_tasks
from pipelines.settings import Settings
from tests.dashboards.screens.conftest import Visit, plain, words_of


def test_home_tells_health_changes_and_notices(full_home: Settings, visit: Visit) -> None:
    app = visit()
    said = plain(app)

    assert not app.error
    assert "3 records wait in quarantine" in said
    assert f"{len(shipped_tasks())} in service" in said
    assert "Credit default within 12 months: What the model is fed, or what comes true" in said
    assert "keep an eye on it" in said
    assert "The source of finance.loans changed" in said
    assert "moved to it since Oct 29, 2026" in said
    assert "finance.transactions" in set(app.dataframe[0].value["Table"])


def test_home_without_data_says_what_to_do(home: Settings, visit: Visit) -> None:
    app = visit()

    assert not app.error
    assert "sda demo" in words_of(app)


def test_quality_without_data_says_what_to_do(home: Settings, visit: Visit) -> None:
    assert "sda demo" in words_of(visit("quality"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_quality_shows_loads_contracts_quarantine_and_origin(
    full_home: Settings, visit: Visit, language: str
) -> None:
    app = visit("quality", lang=language)

    assert not app.error
    loads, columns, waiting = (frame.value for frame in app.dataframe[:3])
    assert "finance.loans" in loads.to_numpy()
    assert "amount" in columns.to_numpy() or "account_id" in columns.to_numpy()
    assert waiting.iloc[0, 0] == "finance.customers"


def test_refused_records_are_masked(full_home: Settings, visit: Visit) -> None:
    shown = " ".join(table.value.to_string() for table in visit("quality").table)

    assert "X1" in shown
    assert "Zzyzx" not in shown


def test_a_row_leads_to_its_load_and_file(full_home: Settings, visit: Visit) -> None:
    app = visit("quality")
    app.selectbox("origin-table").set_value("finance.loans").run()
    app.text_input("origin-value-finance.loans-loan_id").set_value("L007").run()
    said = words_of(app)

    assert "load-1" in said
    assert "finance.loans.csv" in said


def test_an_engineer_may_replay_and_others_may_not(
    full_home: Settings, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [button.label for button in visit("quality").button]
    monkeypatch.setenv("SDA_ROLE", "engineer")

    assert "Replay these records" not in before
    assert "Replay these records" in [button.label for button in visit("quality").button]
