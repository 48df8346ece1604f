"""Pages of a domain that are no list of predictions: plans, forecasts, proposals, markets.

A `Screen` is declared in `SCREENS` of `dashboards/domains/<domain>/page.py` and found by import.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from dashboards import domains
from dashboards.screens.here import Here
from dashboards.wording import Say


def _planning(_: Say) -> str:
    return _("Planning")


@dataclass(frozen=True)
class Screen:
    """A page: the name in its address, title, icon and section in the navigation, and what draws it."""

    name: str
    title: Callable[[Say], str]
    icon: str
    draw: Callable[[Here], None]
    order: int = 100
    section: Callable[[Say], str] = _planning


@cache
def all_screens() -> tuple[Screen, ...]:
    """The pages of all domains, in order."""
    modules = (
        importlib.import_module(f"{domains.__name__}.{found.name}.page")
        for found in pkgutil.iter_modules(domains.__path__)
    )
    found = (screen for module in modules for screen in getattr(module, "SCREENS", ()))
    return tuple(sorted(found, key=lambda screen: screen.order))
