"""Who sees what: personal columns are masked unless the role may see them."""

import polars as pl
import pytest

from connectors.errors import UsageError
from pipelines.access import ROLES, entities_for_person, for_person, pseudonym, sees_entities
from pipelines.contract import Column, Contract
from pipelines.settings import load_settings

CONTRACT = Contract(
    "clinic.people",
    (
        Column("id", personal="identifier"),
        Column("name", personal="name"),
        Column("mail", personal="contact"),
        Column("born", "date", personal="birth_date"),
        Column("street", personal="address"),
        Column("note", personal="free_text"),
        Column("ward"),
    ),
)
PERSON = pl.DataFrame(
    {
        "id": ["p1"],
        "name": ["Ada"],
        "mail": ["ada@example.com"],
        "born": ["1980-02-03"],
        "street": ["Main 1"],
        "note": ["tired"],
        "ward": ["B2"],
    }
)


def test_a_caseworker_sees_everything(home):
    assert for_person(home, PERSON, CONTRACT, "caseworker").equals(PERSON)


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"caseworker"}))
def test_others_see_no_name_contact_address_birth_or_note(home, role):
    seen = for_person(home, PERSON, CONTRACT, role)
    assert seen.row(0)[1:] == ("A.", "a…@example.com", "1980", "•••", "•••", "B2")


def test_an_engineer_sees_a_pseudonym_that_is_stable_and_tells_nothing(home):
    seen = for_person(home, PERSON, CONTRACT, "engineer")["id"].item()
    assert seen == for_person(home, PERSON, CONTRACT, "engineer")["id"].item()
    assert "p1" not in seen


def test_missing_values_stay_missing(home):
    empty = PERSON.with_columns(pl.lit(None, pl.String).alias(name) for name in PERSON.columns)
    assert for_person(home, empty, CONTRACT, "engineer").null_count().row(0) == (1,) * 7


def test_predictions_name_their_entity_as_its_table_may_be_seen(home):
    predictions = pl.DataFrame({"entity_id": ["ada@example.com"]})

    def seen(role, *origin):
        return entities_for_person(home, predictions, role, *origin)["entity_id"].item()

    assert seen("analyst", CONTRACT, "mail") == "a…@example.com"
    assert seen("caseworker", CONTRACT, "mail") == "ada@example.com"
    assert seen("analyst", CONTRACT, "ward") == seen("analyst") == "ada@example.com"
    assert seen("engineer", CONTRACT, "ward") == seen("engineer") == pseudonym(home, "ada@example.com")


@pytest.mark.parametrize("role", sorted(ROLES))
@pytest.mark.parametrize("origin", [(), (CONTRACT, "mail"), (CONTRACT, "ward")])
def test_who_tells_entities_apart_sees_them_in_clear(home, role, origin):
    shown = entities_for_person(home, pl.DataFrame({"entity_id": ["ada@example.com"]}), role, *origin)
    assert sees_entities(role, *origin) == (shown["entity_id"].item() == "ada@example.com")


def test_an_unknown_role_is_refused(home):
    with pytest.raises(UsageError, match="Did you mean analyst"):
        for_person(home, PERSON, CONTRACT, "analist")


def test_a_contact_of_several_lines_is_masked_whole(home):
    letter = PERSON.with_columns(mail=pl.lit("Ada Lovelace\nada@example.com"))
    assert for_person(home, letter, CONTRACT, "engineer")["mail"].item() == "A…@example.com"


def test_a_pseudonym_is_keyed_by_the_home_or_by_the_key_that_a_person_set(home, tmp_path, monkeypatch):
    elsewhere = home.model_copy(update={"home": tmp_path / "elsewhere"})
    assert pseudonym(home, "p1") == pseudonym(home, "p1")
    assert pseudonym(home, "p1") != pseudonym(elsewhere, "p1")
    monkeypatch.setenv("SDA_SIGNING_KEY", "long enough, and random")
    assert pseudonym(load_settings(), "p1") not in (pseudonym(home, "p1"), pseudonym(elsewhere, "p1"))
