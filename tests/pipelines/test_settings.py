"""Settings: the file, the environment, and clear words for what is wrong in either."""

import pytest

from connectors.errors import UsageError
from pipelines.declare import add_source, add_task, remove_source
from pipelines.settings import SourceSettings, load_settings
from pipelines.store import Store

SOURCE = SourceSettings(connector="files", domain="shop", table="orders", options={"path": "a.csv"})


def write(tmp_path, text):
    (tmp_path / "assistant.toml").write_text(text)


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    write(tmp_path, '[project]\nlanguage = "zh"\nname = "Ours"\n')
    assert (load_settings().language, load_settings().name) == ("zh", "Ours")
    monkeypatch.setenv("SDA_LANGUAGE", "en")
    assert load_settings().language == "en"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[sources", "not valid TOML"),
        ("[sorces.a]\n", "Did you mean sources"),
        ('[sources.a]\nconnector = "files"\n', "domain"),
        ('[project]\ntimezone = "Europe/Berln"\n', "Did you mean Europe/Berlin"),
        ('[sources.a]\nconnector = "files"\ndomain = "d"\nmode = "upsert"\n', "mode"),
        ('project = "Ours"\n', "a section"),
        ('memory = "lots"\n', "memory"),
        # A source's name is a folder that is emptied before each load.
        ('[sources."../lake"]\nconnector = "files"\ndomain = "d"\n', "is not a name"),
        ('[sources.a]\nconnector = "files"\ndomain = "meta"\n', "keeps its own records"),
        ('[sources.a]\nconnector = "files"\ndomain = "d"\ntable = "a.b"\n', "a dot"),
        ('[sources.a]\nconnector = "files"\ndomain = "d/e"\ntable = "b"\n', "is not a name"),
    ],
)
def test_a_wrong_file_names_the_entry(tmp_path, text, message):
    write(tmp_path, text)
    with pytest.raises(UsageError, match=message):
        load_settings()


def test_a_wrong_variable_names_itself(monkeypatch):
    monkeypatch.setenv("SDA_THREADS", "many")
    with pytest.raises(UsageError, match="SDA_THREADS"):
        load_settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SDA_SMTP_PORT", "many"),
        ("SDA_IMAP_PORT", "many"),
        ("SDA_SOURCES", "{"),
        ("SDA_MEMORY", "lots"),
        ("SDA_CONFIG", "."),
    ],
)
def test_any_wrong_variable_is_told_in_words(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError, match="cannot be read" if variable == "SDA_CONFIG" else variable):
        load_settings()


def test_a_database_nobody_knows_is_told_in_words(monkeypatch):
    monkeypatch.setenv("SDA_DATABASE", "foo://x")
    with pytest.raises(UsageError, match="SDA_DATABASE"):
        Store(load_settings())


def test_secrets_do_not_show(monkeypatch):
    monkeypatch.setenv("SDA_SMTP_PASSWORD", "hunter2")
    monkeypatch.setenv("SDA_SIGNING_KEY", "hunter3")
    settings = load_settings()
    assert settings.smtp.password.get_secret_value() == "hunter2"
    assert "hunter" not in repr(settings) + repr(settings.smtp)


def test_declaring_keeps_comments_and_refuses_a_taken_name(tmp_path):
    write(tmp_path, "# ours\n[project]\nname = 'x' # kept\n")
    config = tmp_path / "assistant.toml"
    add_source(config, "orders", SOURCE)
    add_task(config, "shop.churn", {"table": "shop.orders", "target": "gone"})
    assert "# ours" in config.read_text()
    assert "# kept" in config.read_text()
    assert load_settings().sources["orders"] == SOURCE
    assert load_settings().tasks["shop.churn"]["target"] == "gone"
    with pytest.raises(UsageError, match="already declares"):
        add_source(config, "orders", SOURCE)
    remove_source(config, "orders")
    assert not load_settings().sources


def test_additions_from_the_dashboard_join_the_file(home, tmp_path):
    write(tmp_path, '[sources.mine]\nconnector = "files"\ndomain = "d"\n')
    add_source(home.local_config, "orders", SOURCE)
    assert set(load_settings().sources) == {"mine", "orders"}


PLANS = '[plans.gold]\nprice = "10"\n[accounts.acme]\nstart = 2026-01-31\n'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (PLANS + "plan = 'gild'", r"accounts\.acme\.plan.*no plan «gild».*gold"),
        (
            PLANS + "plan = 'gold'\nchanges = [{on = 2026-02-01, plan = 'x'}]",
            r"accounts\.acme\.changes\.0\.plan",
        ),
        (
            PLANS + "plan = 'gold'\n[reports.own]\ndomain = 'd'\naccount = 'acne'",
            r"reports\.own\.account.*acme",
        ),
        (PLANS + "plan = 'gold'\nend = 2026-01-30", "ends before it starts"),
        (
            PLANS + "plan = 'gold'\nend = 2026-03-01\nchanges = [{on = 2026-03-02, plan = 'gold'}]",
            "after the end",
        ),
        (PLANS + "plan = 'gold'\ndomains = ['@acme.example']", "not a domain"),
    ],
)
def test_names_and_days_of_accounts_that_cannot_be_are_told_with_their_entry(tmp_path, text, complaint):
    write(tmp_path, text)
    with pytest.raises(UsageError, match=rf"assistant.toml.*{complaint}"):
        load_settings()


def test_a_report_added_on_the_dashboard_for_no_account_is_told_with_its_file(home):
    home.home.mkdir(parents=True, exist_ok=True)
    home.local_config.write_text("[reports.own]\ndomain = 'd'\naccount = 'acme'\n")
    with pytest.raises(UsageError, match=r"assistant\.local\.toml.*reports\.own\.account"):
        load_settings()
