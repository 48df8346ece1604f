"""Are data, models and deliveries healthy? One line each, with the reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import streamlit as st

from dashboards import numbers
from dashboards.models.watching import verdict_sentence
from dashboards.queries import home as queries
from dashboards.queries import models
from dashboards.queries.predictions import days
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import escaped
from dashboards.wording import in_language, together, with_commas

State = Literal["good", "watch", "bad", "unknown"]
_LOOK = {
    "good": (":material/check_circle:", "green"),
    "watch": (":material/warning:", "orange"),
    "bad": (":material/error:", "red"),
    "unknown": (":material/radio_button_unchecked:", "gray"),
}
STALE = timedelta(days=2)  # without a good load, whatever the schedule


@dataclass(frozen=True)
class Health:
    """One line: what it is about, how it stands, and why."""

    subject: str
    state: State
    reasons: tuple[str, ...]


def show_health(here: Here, lines: Sequence[Health]) -> None:
    """The lines in a frame, each with the colour of its state."""
    with st.container(border=True, gap="xsmall"):
        for line in lines:
            icon, colour = _LOOK[line.state]
            reasons = escaped(together(line.reasons, here.language))
            st.markdown(f":{colour}[{icon}] **{line.subject}** · {reasons}")


def data_health(here: Here) -> Health:
    """Loads are recent, no source was stopped, and what waits in quarantine."""
    _ = here.say
    newest = here.ask(queries.last_load)
    if newest is None:
        return Health(_("Data"), "unknown", (_("Nothing has been loaded yet."),))
    state: State = "good"
    reasons = [_("Last loaded {moment}.").format(moment=numbers.moment(newest, here.language, here.zone))]
    if datetime.now(UTC) - newest > STALE:
        state = "watch"
        reasons.append(_("That is more than two days ago."))
    waiting = here.ask(queries.waiting_in_quarantine)
    if waiting:
        one, many = _("{records} record waits in quarantine."), _("{records} records wait in quarantine.")
        words = one if waiting == 1 else many
        reasons.append(words.format(records=numbers.integer(waiting, here.language)))
    if never := sorted(here.settings.sources.keys() - here.ask(queries.sources_loaded).keys()):
        state = "watch"
        reasons.append(_("Never loaded: {sources}.").format(sources=with_commas(never, here.language)))
    stopped = queries.open_notices(here.store, ("load_failed", "schema_change"))
    if stopped:
        failed = any(notice.kind == "load_failed" for notice in stopped)
        state = "bad" if failed else "watch"
        reasons.append(_("A source needs attention, see below."))
    return Health(_("Data"), state, tuple(reasons))


def model_health(here: Here) -> Health:
    """Each task has a model in service and scores made by it, and what it is fed has not moved."""
    _ = here.say
    serving = models.in_service(here.store)
    if not serving:
        return Health(_("Models"), "unknown", (_("No model is in service yet."),))
    missing = sorted(set(here.tasks) - set(serving))
    unscored = [name for name, task in here.tasks.items() if name in serving and not here.ask(days, task)]
    newest = max(version.created_at for version in serving.values())
    reasons = [
        _("{models} in service, the newest of {day}.").format(
            models=numbers.integer(len(serving), here.language),
            day=numbers.day(newest, here.language, here.zone),
        )
    ]
    if missing:
        reasons.append(_("Without a model: {tasks}.").format(tasks=with_commas(missing, here.language)))
    if unscored:
        reasons.append(_("Never scored: {tasks}.").format(tasks=with_commas(unscored, here.language)))
    moved = {
        name: check for name, check in models.checks_in_service(here.store).items() if check.verdict != "fine"
    }
    for name, check in sorted(moved.items()):
        title = in_language(here.tasks[name].meaning.title, here.language) if name in here.tasks else name
        reasons.append(
            _("{task}: {meaning}").format(task=title, meaning=verdict_sentence(check.verdict, here.language))
        )
    state: State = "watch" if missing or unscored or moved else "good"
    if any(check.verdict == "act" for check in moved.values()):
        state = "bad"
    return Health(_("Models"), state, tuple(reasons))


def delivery_health(here: Here) -> Health:
    """Reports go out, and none is in doubt."""
    _ = here.say
    subscriptions = queries.active_subscriptions(here.store)
    doubtful = queries.deliveries_in_doubt(here.store)
    lately = queries.deliveries_since(here.store, datetime.now(UTC) - timedelta(days=1))
    reasons = [
        _("Reports sent since yesterday: {sent}; active subscriptions: {subscriptions}.").format(
            sent=numbers.integer(lately.get("sent", 0), here.language),
            subscriptions=numbers.integer(subscriptions, here.language),
        )
    ]
    if doubtful:
        reasons.append(
            _("{deliveries} failed or may not have arrived: see the page on subscriptions.").format(
                deliveries=numbers.integer(doubtful, here.language)
            )
        )
    failed = queries.failed_runs(here.store)
    if failed:
        reasons.append(
            _("Flows that failed last: {flows}.").format(
                flows=with_commas((run.flow for run in failed), here.language)
            )
        )
    if not subscriptions and not lately:
        return Health(
            _("Deliveries"), "bad" if failed else "unknown", (_("Nobody has subscribed yet."), *reasons[1:])
        )
    return Health(_("Deliveries"), "bad" if doubtful or failed else "good", tuple(reasons))
