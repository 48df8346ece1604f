"""A model card says all there is to say, in both languages, and nothing in its data formats it."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner

from analytics.catalog import task_named
from connectors.errors import AssistantError, UsageError
from dashboards.model_card import ModelCard, card_of, model_card
from dashboards.model_card_markdown import markdown
from dashboards.model_card_page import page
from dashboards.wording import say
from flows.cli import sda
from pipelines.settings import Settings
from pipelines.store import Store
from tests.dashboards import model_document as document
from tests.dashboards.models.conftest import TASK, Tell

CHAPTERS = (
    "What it is for",
    "The data",
    "How good it is",
    "Candidates and the choice",
    "Can the scores be trusted?",
    "Decisions",
    "Fairness",
    "What the model looks at",
    "In service",
    "Limits",
    "How it was made",
)


class _Tags(HTMLParser):
    """The tags of a document, and where its pictures and links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.sources: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_card_has_every_chapter_in_its_language(tell: Tell, language: str) -> None:
    card = card_of(tell(language))
    wanted = [say(language)(title) for title in CHAPTERS]

    assert [chapter.title for chapter in card.chapters] == wanted
    for text in (markdown(card), page(card)):
        assert all(title in text for title in wanted)


def test_a_card_tells_how_the_version_came_about(tell: Tell) -> None:
    text = markdown(card_of(tell()))

    for told in (
        "9,000",
        "2,000",
        "by time",
        "lightgbm 4.7.0",
        "0.812",
        "Boosted trees",
        "beta curve",
        "90.6",
    ):
        assert told in text, told
    assert "must not" in text
    assert "Gender" in re.findall(r"must not be used to decide by: (.*)", text)[0]


def test_a_page_needs_nothing_beside_it_and_runs_nothing(tell: Tell) -> None:
    found = _Tags()
    found.feed(page(card_of(tell())))

    assert found.tags.count("img") == 7
    assert all(source.startswith("data:image/png;base64,") for source in found.sources)
    assert not {"script", "link", "iframe", "b><"} & set(found.tags)


def test_hostile_names_stand_as_text(tell: Tell) -> None:
    figures = document.metrics()
    figures["leaderboard"][1]["name"] = document.HOSTILE
    figures["fairness"]["gender"][0]["group"] = document.HOSTILE
    figures["choice"]["rule"] = document.HOSTILE
    card = card_of(tell("en", figures))

    assert "<script>" not in page(card)
    assert "&lt;script&gt;" in page(card)
    assert "<script>" not in markdown(card).replace("\\<", "")
    assert not re.search(r"(?<!\\)\*\*bold", markdown(card))


def test_every_row_of_a_markdown_table_has_the_cells_of_its_head(tell: Tell) -> None:
    figures = document.metrics()
    figures["fairness"]["gender"][0]["group"] = document.HOSTILE
    lines = markdown(card_of(tell("en", figures))).splitlines()
    blocks = "\n".join(line if line.startswith("|") else "" for line in lines).split("\n\n")

    tables = [block.strip().splitlines() for block in blocks if block.strip()]
    assert len(tables) > 5
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1


def test_the_card_of_an_older_release_leaves_out_what_it_lacks(tell: Tell) -> None:
    card = card_of(tell("en", {"test": {"auroc": 0.8}}, checked=False))

    assert [chapter.title for chapter in card.chapters] == [
        "What it is for", "The data", "How good it is", "In service", "Limits", "How it was made",
    ]  # fmt: skip
    assert "0.800" in markdown(card)


def test_the_clinics_card_says_that_it_is_no_diagnosis(scored: Settings) -> None:
    assert "这不是诊断" in page(model_card(scored, "medical.disease_onset", language="zh"))


def test_a_version_is_chosen_by_name_and_refused_by_the_nearest(home: Settings) -> None:
    with pytest.raises(AssistantError, match="sda train"):
        model_card(home, TASK.name)
    with Store(home).session() as session:
        session.add(document.version(TASK.name, {}, version="v1", state="retired"))
        session.add(document.version(TASK.name, version="v2"))

    assert model_card(home, TASK.name).version == "v2"
    assert model_card(home, TASK.name, "v1").version == "v1"
    with pytest.raises(UsageError, match="Did you mean"):
        model_card(home, TASK.name, "v3")
    with pytest.raises(UsageError, match="Did you mean finance.credit_default"):
        model_card(home, "finance.credit_defaul")


@pytest.mark.parametrize("form", ["html", "md"])
def test_the_command_writes_the_file(
    scored: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, form: str
) -> None:
    monkeypatch.setenv("SDA_HOME", str(scored.home))
    monkeypatch.setenv("SDA_CONFIG", str(scored.config))
    asked = ["task", "card", TASK.name, "--format", form, "--output", str(tmp_path / "cards")]
    answer = CliRunner().invoke(sda, [*asked, "--language", "zh"])

    (written,) = (tmp_path / "cards").iterdir()
    assert answer.exit_code == 0
    assert written.suffix == f".{form}"
    assert task_named(TASK.name, scored).meaning.title["zh"] in written.read_text(encoding="utf-8")


def test_title_and_file_name_the_version(tell: Tell) -> None:
    card: ModelCard = card_of(tell())

    assert card.title == "Model card: Credit default within 12 months"
    assert document.MODEL in card.file_stem
