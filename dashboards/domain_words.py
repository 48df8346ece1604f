"""What a domain says of itself, for everything that shows its tasks: its codes, its purpose, its warning.

The words are functions of `dashboards/domains/<domain>/wording.py`; a domain without that file has none.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from dashboards import domains
from dashboards.addresses import page_of
from dashboards.wording import Say


def codes_of(domain: str, _: Say) -> Mapping[str, str]:
    """The codes of a domain's tables in words."""
    module = _wording(domain)
    words: Mapping[str, str] = module.value_words(_) if module else {}
    return words


def purpose_of(task: str, _: Say) -> str:
    """What the scores of a task are for and what they are not.

    `purpose` speaks of the first task of a domain, `purpose_of_<task>` of another one.
    """
    words = spoken_of(task, "purpose")
    return str(words(_)) if words else ""


def spoken_of(task: str, name: str) -> Callable[[Say], Any] | None:
    """The function `name` of a domain's words, of its first task, or `name_of_<task>` of another one."""
    domain, _dot, short = task.partition(".")
    return getattr(_wording(domain), name if page_of(task) == domain else f"{name}_of_{short}", None)


def general_purpose(_: Say) -> str:
    """What the scores of any task are for, and what they are not."""
    return _(
        "The score is what a model expects from the data it has seen. It is meant to help people decide "
        "what to look at first; it is no decision, and what it says of one case can be wrong."
    )


def notice_of(domain: str, _: Say) -> str:
    """What must stand on everything shown of a domain's scores; most need no such warning."""
    module = _wording(domain)
    return str(module.notice(_)) if module and hasattr(module, "notice") else ""


def _wording(domain: str) -> ModuleType | None:
    package = f"{domains.__name__}.{domain}"
    known = domain.isidentifier() and find_spec(package) and find_spec(f"{package}.wording")
    return import_module(f"{package}.wording") if known else None


def code_in_words(text: str, codes: Mapping[str, str]) -> str:
    """A code by its words; an unknown one such as `direct_debit` at least without underscores."""
    if text in codes:
        return codes[text]
    is_code = text.isascii() and text.islower() and text.replace("_", "").isalpha()
    return text.replace("_", " ") if is_code else text
