"""Every run is recorded, and a failure becomes a notice: what «is everything healthy» is answered from."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from connectors.errors import AssistantError
from flows.alerts import tell_owner
from flows.trouble import INTERRUPTIONS, in_brief, log_unexpected
from pipelines.notices import notify, resolve
from pipelines.settings import Settings
from pipelines.store import Run, Store, now

# Nothing here runs longer; what still says «running» after it was killed, or its machine was.
LONGEST_RUN = timedelta(hours=12)


class StepsFailedError(AssistantError):
    """Some steps of a flow failed, each of which has been noted and told already."""


@dataclass
class Recording:
    """A run being recorded. Set `failure` where it failed without raising."""

    failure: str = ""


@contextmanager
def recorded(settings: Settings, flow: str, *, attended: bool = False) -> Iterator[Recording]:
    """Records one run of `flow`, and tells the owner what came up in it.

    A failure is written down as a notice, then raised again; the next run that ends well resolves it.
    Where a person looks on (`attended`: a command), they are told by the command and nobody else is.
    The record holds no values of records (see `flows.trouble`).
    """
    run, recording = _begin(settings, flow), Recording()
    try:
        yield recording
    except StepsFailedError as error:
        _end(settings, run, str(error))
        raise
    except INTERRUPTIONS:
        _end(settings, run, "The run was interrupted.")
        raise
    except BaseException as error:
        detail = str(error) if isinstance(error, AssistantError) else log_unexpected(error, settings.home)
        _end(settings, run, detail)
        if not attended:
            notify(settings, "flow_failed", flow, f"The flow {flow} failed", in_brief(error))
        raise
    else:
        _end(settings, run, recording.failure)
        if not recording.failure:
            resolve(settings, "flow_failed", flow)
    finally:
        if not attended:
            tell_owner(settings)


def close_abandoned(settings: Settings) -> list[str]:
    """Marks runs that never ended («running» after `LONGEST_RUN`) as failed; gives the flows."""
    with Store(settings).session() as session:
        lost = session.scalars(
            select(Run).where(
                Run.state == "running", Run.flow != "serve", Run.started_at < now() - LONGEST_RUN
            )
        ).all()
        for run in lost:
            run.state, run.ended_at, run.detail = "failed", now(), "The run never reported its end."
    return [run.flow for run in lost]


def last_runs(settings: Settings) -> dict[str, Run]:
    """The newest run of every flow that ever ran."""
    with Store(settings).session() as session:
        return {run.flow: run for run in session.scalars(select(Run).order_by(Run.started_at, Run.id))}


def _begin(settings: Settings, flow: str) -> int:
    with Store(settings).session() as session:
        run = Run(flow=flow, state="running")
        session.add(run)
        session.flush()
        return run.id


def _end(settings: Settings, run: int, failure: str) -> None:
    with Store(settings).session() as session:
        session.execute(
            update(Run)
            .where(Run.id == run)
            .values(state="failed" if failure else "done", ended_at=now(), detail=failure[:2000])
        )
