"""One of the looks at a task that its page offers beside the list: `?tab=NAME`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from analytics.task import Task
from dashboards.screens.here import Here
from dashboards.wording import Say

TAB = "tab"  # its name in the address


@dataclass(frozen=True)
class Tab:
    """Its name in the address, its title and icon, and what draws it, at the scored moment that is looked at.

    Only the one that is looked at is drawn.
    """

    name: str
    title: Callable[[Say], str]
    icon: str
    draw: Callable[[Here, Task, datetime], None]
