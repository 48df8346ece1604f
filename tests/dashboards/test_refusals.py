"""The errors that are told in the reader's language are those that are raised."""

import ast
import re
from pathlib import Path

import pytest

from connectors.errors import UsageError
from dashboards import refusals
from dashboards.subscriptions.timing.clock import check_schedule
from dashboards.wording import say

ROOT = Path(refusals.__file__).parents[1]
BLANK = re.compile(r"\{\w*\}")


def _texts(path: Path) -> set[str]:
    """Every text of a module that is raised with an error, and every other, its placeholders blank."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            told = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
            found.add("".join(map(str, told)).strip())
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
    return found


def test_each_is_written_somewhere_as_it_stands_here() -> None:
    rooms = ("connectors", "pipelines", "analytics", "dashboards")
    paths = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    raising = [
        path for path in paths if "Error" in path.read_text(encoding="utf-8") and path.name != "refusals.py"
    ]
    written = set().union(*map(_texts, raising))
    told = {BLANK.sub("{}", template) for template in refusals.templates(say("en"))}
    assert told - written - {"«{}» is not an e-mail address."} == set()


def test_what_it_is_about_stands_in_the_readers_words() -> None:
    for english, chinese in zip(refusals.templates(say("en")), refusals.templates(say("zh")), strict=True):
        values = dict.fromkeys(refusals._PLACEHOLDER.findall(english), "«x» {y}")
        assert refusals.in_words(english.format(**values), say("zh")) == chinese.format(**values)
        assert refusals.in_words(english.format(**values), say("en")) == english.format(**values)


def test_an_error_within_another_is_told_too_and_others_stay() -> None:
    with pytest.raises(UsageError) as refused:
        check_schedule("soon")
    assert refusals.in_words(refused.value.problem, say("zh")) == "“soon”不是有效的发送时间：未说明几点几分。"
    assert refusals.in_words("Nobody foresaw this.", say("zh")) == "Nobody foresaw this."
