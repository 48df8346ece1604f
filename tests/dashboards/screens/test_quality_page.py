"""Data quality: loads, contracts, refused records, where a number comes from."""

import pytest

from pipelines.settings import Settings
from tests.dashboards.screens.conftest import Visit, words_of


def test_quality_without_data_says_what_to_do(home: Settings, visit: Visit) -> None:
    assert "sda demo" in words_of(visit("quality"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_quality_shows_loads_contracts_quarantine_and_origin(
    full_home: Settings, visit: Visit, language: str
) -> None:
    app = visit("quality", lang=language)

    assert not app.error
    assert {"en": "records wait in quarantine", "zh": "条记录在隔离区等待处理"}[language] in words_of(app)
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
    app.selectbox("origin-table").set_value("finance.customers").run()
    columns = app.selectbox("origin-column-finance.customers").options
    assert "customer_id" in columns
    assert "full_name" not in columns  # whom a masked name belongs to is not to be found out here


def test_an_engineer_may_replay_and_others_may_not(
    full_home: Settings, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [button.label for button in visit("quality").button]
    monkeypatch.setenv("SDA_ROLE", "engineer")

    assert "Replay these records" not in before
    assert "Replay these records" in [button.label for button in visit("quality").button]
