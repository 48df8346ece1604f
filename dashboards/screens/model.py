"""The model of a task: which version serves, how good and how fair it is, how it is doing, and its card."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.addresses import MODEL, VERSION, VIEW
from dashboards.model_card import ModelCard, card_of, subject_of
from dashboards.model_card_markdown import markdown
from dashboards.model_card_page import page
from dashboards.models import decision, fairness, history, importance, leaderboard, trust, watching
from dashboards.models.measures import headlines, in_a_sentence, measures, warning
from dashboards.models.subject import Subject
from dashboards.queries import models
from dashboards.reports.report import Section
from dashboards.screens.address import name_in_address
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import choose_listed
from dashboards.screens.parts.export import offer_file
from dashboards.screens.parts.figure import escaped, show_figure
from dashboards.screens.parts.headline import Headline, show_headlines
from dashboards.screens.parts.heard import head_unseen
from dashboards.screens.parts.sections import show_sections
from dashboards.wording import in_language
from pipelines.store import ModelVersion

VERDICT_LOOK = {
    "fine": (":material/check_circle:", "green"),
    "watch": (":material/warning:", "orange"),
    "act": (":material/error:", "red"),
}


def offer_model(here: Here, task: Task) -> None:
    """The way from a task's cases to its model, for a task that has one."""
    _ = here.say
    if task.name not in models.in_service(here.store):
        return
    st.button(
        _("About the model"),
        icon=":material/model_training:",
        on_click=_open,
        key=f"about-the-model-{task.name}",
    )


def _open() -> None:
    name_in_address(VIEW, MODEL)


def is_asked() -> bool:
    """Whether the address names this view."""
    return st.query_params.get(VIEW) == MODEL


def show_model(here: Here, task: Task) -> None:
    """The view of one version: by default the one in service, else the one that the address names."""
    _ = here.say
    if st.button(_("Back to the cases"), icon=":material/arrow_back:", type="tertiary"):
        name_in_address(VIEW, "", without=(VERSION,))
        st.rerun()
    title = in_language(task.meaning.title, here.language)
    st.title(_("The model: {title}").format(title=escaped(title)), anchor=False)
    versions = models.versions(here.store, task.name)
    if not versions:
        st.info(_("No model has been trained yet."), icon=":material/hourglass_empty:")
        st.markdown(_("Run `sda train {task}`.").format(task=task.name))
        return
    subject = subject_of(here.settings, task, _chosen(here, versions), here.language)
    _show_summary(here, subject)
    _show_tabs(here, subject, versions)
    _offer_card(here, subject)


def _chosen(here: Here, versions: list[ModelVersion]) -> str:
    """The version to show: the one in service, unless another one is chosen."""
    _ = here.say
    titles = {row.version: f"{row.version} · {history.state_label(row.state, _)}" for row in versions}
    serving = next((row.version for row in versions if row.state == "in_service"), None)
    return choose_listed(here, VERSION, _("Version"), titles, 360, serving)


def _show_summary(here: Here, subject: Subject) -> None:
    """Which version this is and since when, how good it is in a sentence and in figures, and its verdict."""
    _, version = here.say, subject.version
    state = history.state_label(version.state, _)
    trained = numbers.moment(version.created_at, here.language, here.zone)
    st.markdown(
        _("Version **{version}**, {state}, trained on {moment}.").format(
            version=escaped(version.version), state=state, moment=escaped(trained)
        )
    )
    unit = subject.task.meaning.unit
    if sentence := in_a_sentence(subject.task.kind, subject.part("test"), here.language, unit):
        st.markdown(escaped(sentence))
    if told := warning(version.metrics, here.language):
        st.warning(escaped(told), icon=":material/sort:")
    if line := watching.in_a_line(subject.check, here.language, here.zone):
        icon, colour = VERDICT_LOOK.get(subject.check.verdict if subject.check else "", ("", "gray"))
        heading = _("Drift")
        st.markdown(f":{colour}[{icon}] **{heading}** · {escaped(line)}")
    meanings = {each.label: each.words for each in measures(subject.task.kind, _)}
    show_headlines(
        [
            Headline(each.label, each.value, meanings.get(each.label, ""), each.change)
            for each in headlines(subject).figures
        ]
    )


def _show_tabs(here: Here, subject: Subject, versions: list[ModelVersion]) -> None:
    """The parts that this version has; each is drawn when it is opened."""
    _ = here.say
    parts: list[tuple[str, Callable[[], list[Section] | None]]] = [
        (_("Candidates"), lambda: leaderboard.sections(subject)),
        (_("Trust"), lambda: trust.sections(subject)),
        (_("Decision"), lambda: _show_decision(here, subject)),
        (_("What it looks at"), lambda: importance.sections(subject)),
        (_("Fairness"), lambda: _show_fairness(here, subject)),
        (_("Drift"), lambda: watching.sections(subject)),
        (_("Versions"), lambda: _show_history(here, subject, versions)),
    ]
    tabs = st.tabs([name for name, _draw in parts], key=f"model-tabs-{subject.task.name}", on_change="rerun")
    for tab, (name, draw) in zip(tabs, parts, strict=True):
        if tab.open:
            with tab:
                head_unseen(name)
                sections = draw()
                if sections is not None:
                    show_sections(here, sections or [])
                if sections == []:
                    st.info(_("This version holds no such figures."), icon=":material/inbox:")


def _show_decision(here: Here, subject: Subject) -> list[Section] | None:
    """The stated costs, which may be moved to see where the threshold goes; nothing is written down."""
    _ = here.say
    choice = decision.stated(subject)
    if choice is None or decision.with_costs(subject, choice.miss, choice.false_alarm) is None:
        return decision.sections(subject)
    st.markdown("### " + _("From which score on to act"))
    with st.container(horizontal=True):
        miss, alarm = (
            st.number_input(
                label,
                min_value=0.01,
                max_value=1e9,
                value=float(cost),
                key=f"{key}-{subject.task.name}",
                width=230,
            )
            for key, label, cost in (
                ("miss", _("A case passed unseen costs"), choice.miss),
                ("alarm", _("A false alarm costs"), choice.false_alarm),
            )
        )
    moved = decision.with_costs(subject, miss, alarm) or choice
    st.markdown(escaped(decision.in_words(subject, moved)))
    if (miss, alarm) != (choice.miss, choice.false_alarm):
        st.caption(
            _("The task states {miss} and {alarm}, which lead to {threshold}.").format(
                miss=numbers.number(choice.miss, here.language),
                alarm=numbers.number(choice.false_alarm, here.language),
                threshold=numbers.percent(choice.threshold, here.language),
            )
        )
    show_figure(here, decision.cost_curve(subject, moved))
    show_sections(here, decision.net_benefit(subject))
    return None


def _show_fairness(here: Here, subject: Subject) -> list[Section] | None:
    """The groups of each protected attribute beside each other, by the measure that a person chooses."""
    _ = here.say
    names = fairness.attributes(subject)
    if not names:
        return []
    words = fairness.measures_known(subject)
    st.markdown(escaped(fairness.introduction(_)))
    measure = st.selectbox(
        _("Compare"),
        list(words),
        format_func=words.__getitem__,
        key=f"fairness-{subject.task.name}",
        width=360,
    )
    for name in names:
        show_sections(here, fairness.of_attribute(subject, name, measure))
    return None


def _show_history(here: Here, subject: Subject, versions: list[ModelVersion]) -> list[Section] | None:
    _ = here.say
    show_sections(here, history.sections(subject, versions))
    if any(row.state == "retired" for row in versions):
        st.caption(
            _("`sda task rollback {task}` puts the version that served before back into service.").format(
                task=subject.task.name
            )
        )
    return None


def _offer_card(here: Here, subject: Subject) -> None:
    """The card as a file, written when it is asked for."""
    _ = here.say
    card, named = card_of(subject), {"task": subject.task.name, "version": subject.version.version}
    files: tuple[tuple[str, str, str, Callable[[ModelCard], str]], ...] = (
        (_("Model card (HTML)"), "html", "text/html", page),
        (_("Model card (Markdown)"), "md", "text/markdown", markdown),
    )
    with st.container(horizontal=True):
        for label, kind, mime, written in files:
            offer_file(
                here,
                label,
                partial(_encoded, written, card),
                "model_card",
                named | {"format": kind},
                file_name=f"{card.file_stem}.{kind}",
                mime=mime,
                icon=":material/description:",
                key=f"model-card-{kind}",
            )


def _encoded(written: Callable[[ModelCard], str], card: ModelCard) -> bytes:
    return written(card).encode()
