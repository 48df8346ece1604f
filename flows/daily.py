"""The flow `daily`: a day from the sources to the inbox."""

from prefect import flow

from flows.deliver import deliver
from flows.ingest import ingest
from flows.plan import plan
from flows.runs import recorded
from flows.score import score
from flows.steps import all_completed, settings_for
from flows.train import train
from flows.watch import note_missed_runs


@flow(name="daily")
def daily(config: str = "", first_issue: bool = False, compared: bool = False) -> None:
    """Loads, trains what has no model yet, scores, plans and delivers.

    A step that fails does not keep the rest from people: each reads what was last trusted, and reports say
    how old that is. `first_issue` is passed on to `deliver`, `compared` to `score`.
    """
    settings = settings_for(config)
    with recorded(settings, "daily"):
        states = {
            "ingest": ingest(config, return_state=True),
            "train": train(config, only_missing=True, return_state=True),
            "score": score(config, compared=compared, return_state=True),
            "plan": plan(config, return_state=True),
            "deliver": deliver(config, first_issue, return_state=True),
        }
        note_missed_runs(settings)
        all_completed(states)
