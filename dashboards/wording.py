"""What the product says, in the reader's language.

Words are written in English where they are used and marked by calling `_`; the translations lie in
`locale/<language>/LC_MESSAGES/messages.po`, read as they are (no compiled file to forget).
`python -m dashboards.update_catalogue` brings new words into the catalogues.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

from connectors.errors import UsageError, did_you_mean

Say = Callable[[str], str]

SOURCE_LANGUAGE = "en"
LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "简体中文"}
TAGS: Mapping[str, str] = {"en": "en", "zh": "zh-Hans"}  # as browsers know them (BCP 47)
LOCALE_FOLDER = Path(__file__).parent / "locale"


def say(language: str) -> Say:
    """The function `_` that turns English words into `language`; raises UsageError for one we do not speak.

    Words without a translation stay English (the tests see to it that there are none). Placeholders are
    those of `str.format`: `_("{n} cases").format(n=...)`.
    """
    if language not in LANGUAGES:
        raise UsageError(f"There is no language «{language}».", did_you_mean(language, LANGUAGES))
    if language == SOURCE_LANGUAGE:
        return str
    words = translations(language)
    return lambda text: words.get(text) or text


@cache
def translations(language: str) -> Mapping[str, str]:
    """English text -> translated text, from the catalogue of `language`."""
    from babel.messages.pofile import read_po

    with catalogue_file(language).open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {str(message.id): str(message.string) for message in catalogue if message.id and message.string}


def catalogue_file(language: str) -> Path:
    """Where the translations into `language` lie."""
    return LOCALE_FOLDER / language / "LC_MESSAGES" / "messages.po"


def together(sentences: Iterable[str], language: str) -> str:
    """Sentences as one text; Chinese has no space between them."""
    return ("" if language == "zh" else " ").join(each for each in sentences if each)


def with_commas(texts: Iterable[str], language: str) -> str:
    """`D01, D05` or `D01、D05`."""
    return ("、" if language == "zh" else ", ").join(texts)


def with_semicolons(texts: Iterable[str], language: str) -> str:
    """What has commas in it, one after the other; what is empty is left out."""
    return ("；" if language == "zh" else "; ").join(each for each in texts if each)


def with_value(label: str, value: str, language: str) -> str:
    """`Amount: 5` or `金额：5`; the label alone where there is no value."""
    return f"{label}{'：' if language == 'zh' else ': '}{value}" if value else label


def in_language(words: Mapping[str, str], language: str) -> str:
    """From words declared in both languages (labels of columns, meanings of tasks) those of `language`."""
    return words.get(language) or words.get(SOURCE_LANGUAGE, "")
