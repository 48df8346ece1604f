"""Try your own file: from an upload to predictions, through the page and through the functions behind it."""

import random
from pathlib import Path

import polars as pl
import pytest

from analytics.task import Flat
from connectors.errors import AssistantError
from dashboards import own_table
from dashboards.screens.parts.contract_editor import require_unique
from pipelines.settings import Settings, load_settings
from pipelines.warehouse import Warehouse
from tests.dashboards.screens.conftest import Visit, words_of


def _people(rows: int = 240) -> bytes:
    """A table in which the outcome depends on the income, with a name, a price in decimals and gaps."""
    dice = random.Random(7)
    lines = ["Client No,monthly income,city,Joined,会流失"]
    for number in range(rows):
        income = dice.uniform(900, 5200)
        leaves = "yes" if dice.random() < (0.85 if income < 2500 else 0.12) else "no"
        city = dice.choice(["Kyoto", "Praha", ""])
        lines.append(f"K{number:04d},{income:.2f},{city},2024-0{dice.randint(1, 9)}-11,{leaves}")
    return "\n".join(lines).encode()


def test_a_file_becomes_predictions_on_the_page(home: Settings, visit: Visit) -> None:
    app = visit("own-file")
    app.file_uploader[0].set_value(("my clients.csv", _people(), "text/csv")).run()
    assert not app.error
    app.button[0].click().run()
    assert "240 rows are in the table own.my" in words_of(app)

    app.selectbox("own-target").set_value("会流失").run()
    assert "the chance of «会流失 = yes»" in words_of(app)
    app.button[-1].click().run(timeout=300)

    assert not app.error
    assert "it ranks the right one higher" in words_of(app)
    assert [metric.label for metric in app.metric][:2] == ["Rows used", "AUROC"]
    assert len(app.dataframe[-1].value) == 20


def test_what_a_person_adds_is_written_into_the_home_only(home: Settings) -> None:
    home.config.write_text("# mine\n", encoding="utf-8")
    path = own_table.keep_upload(home, "People.csv", _people())
    records, decimal = own_table.sample(path)
    result = own_table.load(home, path, own_table.inferred(path, records, decimal))
    proposal = own_table.propose(load_settings(), path, Flat("会流失"))
    name, settings = own_table.declare(load_settings(), proposal)

    assert (result.rows_clean, result.rows_quarantined) == (240, 0)
    assert home.config.read_text(encoding="utf-8") == "# mine\n"
    assert settings.tasks[name]["kind"] == "binary"
    assert own_table.declare(settings, proposal)[0] == name


def test_a_changed_contract_takes_hold_when_the_table_is_loaded_again(home: Settings) -> None:
    path = own_table.keep_upload(home, "people.csv", _people())
    contract = own_table.inferred(path, *own_table.sample(path))
    own_table.load(home, path, contract)
    columns = [c.__class__(c.name) if c.name == "monthly income" else c for c in contract.columns]
    own_table.load(load_settings(), path, contract.__class__(contract.table, tuple(columns), ("Client No",)))

    kinds = Warehouse(home).columns("own.people")
    assert kinds["monthly income"] == "VARCHAR"
    assert Warehouse(home).query("SELECT count(*) AS n FROM own.people").item() == 240


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("nothing.csv", b"", "is empty"),
        ("header.csv", b"a,b,c\n", ""),
        ("picture.csv", bytes(range(256)) * 40, ""),
    ],
)
def test_files_that_cannot_be_used_are_refused_in_words(
    home: Settings, visit: Visit, name: str, content: bytes, words: str
) -> None:
    app = visit("own-file")
    app.file_uploader[0].set_value((name, content, "text/csv")).run()

    assert len(app.error) == 1
    assert words in app.error[0].value
    assert "Something went wrong" not in app.error[0].value


def test_a_key_that_repeats_is_refused() -> None:
    frame = pl.DataFrame({"a": ["1", "1"], "b": ["1", "2"]})

    with pytest.raises(AssistantError, match="2 rows share their key a"):
        require_unique(str, ("a",), frame)
    require_unique(str, ("a", "b"), frame)


@pytest.mark.parametrize(
    ("given", "plain"),
    [("My Clients (2)", "my_clients_2"), ("客户 表", "客户_表"), ("../../etc", "etc"), ("***", "file")],
)
def test_names_are_plain(given: str, plain: str) -> None:
    assert own_table.plain_name(given) == plain


def test_an_upload_never_leaves_its_folder(home: Settings) -> None:
    path = own_table.keep_upload(home, "../../outside.csv", b"a\n1\n")

    assert path.parent == home.home / "uploads"
    assert path == Path(home.home / "uploads" / "outside.csv")
