"""Everything a person sees is said in both languages, with the same placeholders."""

from string import Formatter

import pytest

from connectors.errors import UsageError
from dashboards.update_catalogue import marked_words
from dashboards.wording import (
    LANGUAGES,
    SOURCE_LANGUAGE,
    say,
    together,
    translations,
    with_commas,
    with_semicolons,
    with_value,
)

OTHERS = [language for language in LANGUAGES if language != SOURCE_LANGUAGE]
WORDS = sorted({words for _file, words in marked_words()})


def placeholders(text: str) -> set[str]:
    return {name for _before, name, _format, _conversion in Formatter().parse(text) if name is not None}


def test_words_are_found() -> None:
    assert len(WORDS) > 50
    assert "no comparison" in WORDS  # as `here.say("…")`
    assert not set(LANGUAGES) & set(WORDS)


@pytest.mark.parametrize("language", OTHERS)
def test_every_marked_text_is_translated(language: str) -> None:
    missing = [words for words in WORDS if words not in translations(language)]
    assert not missing, "run `python -m dashboards.update_catalogue` and translate what it lists"


@pytest.mark.parametrize("language", OTHERS)
def test_translations_keep_their_placeholders(language: str) -> None:
    known = translations(language)
    wrong = [words for words in WORDS if words in known and placeholders(words) != placeholders(known[words])]
    assert not wrong


@pytest.mark.parametrize("language", OTHERS)
def test_the_catalogue_holds_nothing_that_is_said_no_more(language: str) -> None:
    assert set(translations(language)) <= set(WORDS)


def test_an_unknown_language_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="«zz»"):
        say("zz")


def test_texts_are_joined_as_each_language_does() -> None:
    assert [with_commas(["D01", "D05"], each) for each in ("en", "zh")] == ["D01, D05", "D01、D05"]
    assert [with_semicolons(["", "a, b", "c"], each) for each in ("en", "zh")] == ["a, b; c", "a, b；c"]
    assert [with_value("Amount", "5", each) for each in ("en", "zh")] == ["Amount: 5", "Amount：5"]
    assert with_value("Amount", "", "zh") == "Amount"
    assert [together(["One.", "", "Two."], each) for each in ("en", "zh")] == ["One. Two.", "One.Two."]
