"""Several tasks in one command: one that cannot be done does not hold up the others."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from analytics.task import Task
from connectors.errors import AssistantError

Result = TypeVar("Result")


@dataclass(frozen=True)
class Refused:
    """A task that could not be done, and why."""

    task: str
    error: str

    def __str__(self) -> str:
        return f"{self.task}: not done. {self.error}"


def attempted(tasks: Iterable[Task], work: Callable[[Task], Result]) -> tuple[list[Result], list[Refused]]:
    """The results of `work`, and what was refused. A task asked for alone raises its AssistantError."""
    chosen = list(tasks)
    results: list[Result] = []
    refused: list[Refused] = []
    for task in chosen:
        try:
            results.append(work(task))
        except AssistantError as error:
            if len(chosen) == 1:
                raise
            refused.append(Refused(task.name, str(error).removeprefix(f"{task.name}: ")))
    return results, refused


def told(refused: Iterable[Refused]) -> str:
    """What was refused in one line, empty if nothing was: `Recording.failure`."""
    return "; ".join(f"{each.task}: {each.error}" for each in refused)
