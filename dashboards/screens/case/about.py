"""What a task's page gives to show a case of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from analytics.task import Task
from dashboards.queries.cases import Events, Facts
from dashboards.screens.parts.columns import Shown


@dataclass(frozen=True)
class About:
    """How an entity is known and what is known of it; `codes` are codes of its tables in words.

    `notice` says what the number must not be taken for.
    """

    task: Task
    entity: Shown
    facts: tuple[Facts, ...]
    events: tuple[Events, ...]
    codes: Mapping[str, str]
    notice: str = ""
