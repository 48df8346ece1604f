"""What all flows share: their settings, and going on with the rest when one step fails."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.errors import AssistantError, UsageError
from flows.runs import StepsFailedError
from flows.trouble import in_brief, log_unexpected
from pipelines.notices import notify, resolve
from pipelines.settings import Settings, load_settings

if TYPE_CHECKING:
    from prefect import Task
    from prefect.client.schemas.objects import State, TaskRun


def settings_for(config: str) -> Settings:
    """The settings a flow was started with: its parameter, else `SDA_CONFIG`, else `./assistant.toml`."""
    return load_settings(Path(config) if config else None)


def all_done(settings: Settings, doing: str, states: Mapping[str, "State[Any]"]) -> None:
    """Raises StepsFailedError if any of the named steps failed, once all of them have been tried."""
    told(failed(settings, doing, states))


def failed(settings: Settings, doing: str, states: Mapping[str, "State[Any]"]) -> dict[str, str]:
    """What went wrong with each of the named steps that failed.

    A failed step stands as a notice «<doing> <name>» until it goes well again.
    """
    failures = {}
    for name, state in states.items():
        outcome = state.result(raise_on_failure=False)
        if not isinstance(outcome, BaseException):
            resolve(settings, f"{doing}_failed", name)
            continue
        failures[name] = in_brief(outcome)
        if not isinstance(outcome, AssistantError):
            failures[name] += f" {log_unexpected(outcome, settings.home)}"
        notify(settings, f"{doing}_failed", name, f"{doing.capitalize()} {name} failed", in_brief(outcome))
    return failures


def told(failures: Mapping[str, str]) -> None:
    """Raises StepsFailedError if anything failed."""
    if failures:
        raise StepsFailedError("; ".join(f"{name}: {message}" for name, message in failures.items()))


def all_completed(states: Mapping[str, "State[Any]"]) -> None:
    """Raises StepsFailedError naming the sub-flows that failed; what went wrong they have told themselves."""
    failed = [
        f"{name} ({in_brief(outcome)})"
        for name, state in states.items()
        if isinstance(outcome := state.result(raise_on_failure=False), BaseException)
    ]
    if failed:
        raise StepsFailedError(f"Not done: {', '.join(failed)}.")


def worth_a_retry(_task: "Task[..., Any]", _run: "TaskRun", state: "State[Any]") -> bool:
    """Whether trying again could help: not where a person has to change a setting first."""
    return not isinstance(state.result(raise_on_failure=False), UsageError)
