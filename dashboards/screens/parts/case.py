"""One case: its score with interval on the scale of bands, why, what is known, what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import streamlit as st

from analytics.explanation import explain_one
from analytics.task import Task
from dashboards import figures, numbers
from dashboards.charts.chart import Axis, Chart
from dashboards.domain_words import code_in_words
from dashboards.figures import band_label
from dashboards.queries import cases, models, predictions
from dashboards.queries.cases import Events, Facts
from dashboards.reasons import Reason, days_before, reasons_of
from dashboards.screens.here import Here
from dashboards.screens.parts.change import offer_change
from dashboards.screens.parts.columns import Shown, in_words, labels, masked, shown_columns
from dashboards.screens.parts.feedback import show_feedback
from dashboards.screens.parts.figure import escaped, show_figure
from dashboards.screens.parts.label_set import show_label_set
from dashboards.screens.parts.scale import show_scale
from dashboards.wording import in_language
from pipelines.catalog import contracts

MOST_EVENTS = 12  # of each kind, and of all together below
MOST_SHOWN = 30
MOST_REASONS = 8


def show_case(
    here: Here,
    task: Task,
    entity_id: str,
    entity: Shown,
    facts: Sequence[Facts],
    events: Sequence[Events],
    codes: Mapping[str, str],
) -> None:
    """The page of one case; says so if there is no such case (any more)."""
    _ = here.say
    found = here.ask(predictions.one, task, entity_id)
    if found.is_empty():
        st.warning(
            _("There is no case «{id}» among the predictions.").format(id=escaped(entity_id)),
            icon=":material/search_off:",
        )
        return
    row = found.row(0, named=True)
    kind = labels(here, [entity])[entity.column]
    seen = masked(here, found, [entity])[entity.column][0]
    st.title(f"{kind} {escaped(seen)}", anchor=False)
    _show_verdict(here, task, row)
    show_label_set(here, task, row)
    why, known = st.columns([3, 2], gap="large")
    with why:
        _show_reasons(here, task, row)
        offer_change(here, task, row)
        if found.height > 1:
            show_figure(here, _history(here, task, found))
    with known:
        _show_facts(here, facts, entity_id, codes)
    _show_events(here, events, entity_id, row["as_of"], codes)
    show_feedback(here, task, row)
    _show_origin(here, row)


def _show_verdict(here: Here, task: Task, row: dict[str, Any]) -> None:
    _ = here.say
    band = band_label(task, str(row["band"]), here.language)
    place, of = here.ask(cases.rank, task, row["as_of"], row["score"])
    ranked = _("place {place} of {cases}").format(
        place=numbers.integer(place, here.language), cases=numbers.integer(of, here.language)
    )
    event = in_language(task.meaning.positive, here.language)
    if task.kind == "binary":
        st.markdown(
            _("Chance that this {entity} {event}: **{score}**. Band **{band}**, {ranked}.").format(
                entity=in_language(task.meaning.entity, here.language),
                event=escaped(event),
                score=numbers.percent(row["score"], here.language),
                band=escaped(band),
                ranked=ranked,
            )
        )
        show_scale(here, task, row["score"], row["lower"], row["upper"])
    elif task.kind == "multiclass":
        share = numbers.percent(row["score"], here.language)
        st.markdown(
            _("Most likely: **{band}**, with a probability of {score}.").format(
                band=escaped(band), score=share
            )
        )
        show_figure(here, _classes(here, row))
    else:
        low, high = (numbers.number(row[each], here.language) for each in ("lower", "upper"))
        value = numbers.shown(row["score"], "number", here.language, task.meaning.unit)
        sentence = _("Expected: **{value}**, most likely between {low} and {high}; {ranked}.")
        st.markdown(sentence.format(value=value, low=low, high=high, ranked=ranked))


def _classes(here: Here, row: dict[str, Any]) -> Chart:
    _ = here.say
    shares = {name.removeprefix("p_"): share for name, share in row.items() if name.startswith("p_")}
    data = pl.DataFrame({"name": list(shares), "share": list(shares.values())}).sort("share", descending=True)
    return Chart(
        name="classes",
        kind="ranked",
        title=_("How likely each class is"),
        sentence="",
        data=data,
        x=Axis("name", _("Class"), "text"),
        y=Axis("share", _("Probability"), "percent"),
    )


def _show_reasons(here: Here, task: Task, row: dict[str, Any]) -> None:
    _ = here.say
    reasons = reasons_of(row["reasons"], task, here.language) or _explained(here, task, row)
    if not reasons:
        st.caption(_("No reasons can be given: the model that made this score is no longer in service."))
        return
    show_figure(here, figures.reasons_of_case(task, reasons, here.language))
    st.caption(
        _("Each bar says how far this fact moved the score, up or down, from that of an average case.")
    )


def _explained(here: Here, task: Task, row: dict[str, Any]) -> list[Reason]:
    """Reasons made on the spot by the same model: those stored cover only the highest scores."""
    _ = here.say
    serving = models.in_service(here.store).get(task.name)
    if serving is None or serving.version != row["model_version"]:
        return []
    with st.spinner(_("Looking for the reasons…")):
        found = explain_one(here.settings, task, row["entity_id"], row["as_of"], most=MOST_REASONS)
    return [
        Reason(
            each.feature,
            in_language(each.label, here.language),
            each.value,
            each.contribution,
            "" if each.days_before is None else days_before(each.days_before, here.language),
        )
        for each in found
    ]


def _history(here: Here, task: Task, found: pl.DataFrame) -> Chart:
    _ = here.say
    data = found.select("as_of", "score", "lower", "upper").sort("as_of")
    is_share = task.kind != "regression"
    first, last = data.row(0, named=True), data.row(-1, named=True)
    write = numbers.percent if is_share else numbers.number
    sentence = _("From {first} on {day} to {last} now.").format(
        first=write(first["score"], here.language),
        day=numbers.day(first["as_of"], here.language),
        last=write(last["score"], here.language),
    )
    return Chart(
        name="history",
        kind="line",
        title=_("How the score moved"),
        sentence=sentence,
        data=data,
        x=Axis("as_of", _("Day"), "date"),
        y=Axis("score", _("Score"), "percent" if is_share else "number", task.meaning.unit),
        lower="lower",
        upper="upper",
    )


def _show_facts(here: Here, wanted: Sequence[Facts], entity_id: str, codes: Mapping[str, str]) -> None:
    _ = here.say
    lines: list[tuple[str, str]] = []
    for each in wanted:
        frame = here.ask(cases.facts, each, entity_id)
        if frame.is_empty():
            continue
        columns = [
            replace(column, label=each.labels.get(column.column, {}))
            for column in _described(here, each.table)
            if column.column in frame.columns
        ]
        names = labels(here, columns)
        row = masked(here, frame, columns).row(0, named=True)
        lines += [(names[each.column], in_words(here, row[each.column], codes)) for each in columns]
    if not lines:
        return
    st.markdown("#### " + _("What is known"))
    st.table(
        pl.DataFrame(
            {
                _("Fact"): [escaped(name) for name, _value in lines],
                _("Value"): [escaped(v) for _n, v in lines],
            }
        ),
        border="horizontal",
        hide_index=True,
        hide_header=True,
    )


def _show_events(
    here: Here, wanted: Sequence[Events], entity_id: str, as_of: datetime, codes: Mapping[str, str]
) -> None:
    _ = here.say
    parts = [_events_of(here, each, entity_id, as_of, codes) for each in wanted]
    frames = [part for part in parts if not part.is_empty()]
    if not frames:
        return
    together = pl.concat(frames).sort("at", descending=True, nulls_last=True).head(MOST_SHOWN)
    st.subheader(_("Recent events"), anchor=False)
    st.dataframe(
        pl.DataFrame(
            {
                _("When"): [in_words(here, moment) for moment in together["at"]],
                _("Where from"): together["table"],
                _("What"): together["what"],
                _("Value"): together["value"],
            }
        ),
        hide_index=True,
        alt=_("Recent events"),
    )


def _events_of(
    here: Here, wanted: Events, entity_id: str, as_of: datetime, codes: Mapping[str, str]
) -> pl.DataFrame:
    until = as_of + timedelta(days=1)  # the score knows the whole of its day
    frame = here.ask(cases.events, wanted, entity_id, until, MOST_EVENTS)
    if frame.is_empty():
        return pl.DataFrame()
    seen = masked(here, frame, _described(here, wanted.table))
    values = (
        [in_words(here, value, codes) for value in seen[wanted.value]] if wanted.value else [""] * seen.height
    )
    units = [str(unit or "") for unit in seen[wanted.unit]] if wanted.unit else [""] * seen.height
    table = code_in_words(wanted.table.rpartition(".")[2], codes)
    return pl.DataFrame(
        {
            "at": frame[wanted.at].cast(pl.Datetime("us")),
            "table": [table] * seen.height,
            "what": [in_words(here, what, codes) for what in seen[wanted.what]],
            "value": [f"{value} {unit}".strip() for value, unit in zip(values, units, strict=True)],
        }
    )


def _described(here: Here, table: str) -> tuple[Shown, ...]:
    contract = contracts(here.settings).get(table)
    return shown_columns(contract) if contract else ()


def _show_origin(here: Here, row: dict[str, Any]) -> None:
    _ = here.say
    words = _("Scored on {day} by model {model} from snapshot {snapshot} of the data.")
    st.caption(
        words.format(
            day=numbers.moment(row["scored_at"], here.language, here.zone),
            model=row["model_version"],
            snapshot=row["snapshot_id"],
        )
    )
