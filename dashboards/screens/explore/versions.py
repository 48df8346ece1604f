"""Two versions of a model on the same cases: a sample of the view is scored by both."""

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.figures import band_label
from dashboards.queries.explore_figures import drawn
from dashboards.screens.explore.explored import Explored
from dashboards.screens.explore.sides import distributions, shares
from dashboards.screens.explore.told import filters_in_words, is_share
from dashboards.screens.parts.export import day_told
from dashboards.screens.parts.figure import escaped, show_figure
from dashboards.wording import together

SAMPLE = 2_000  # cases at most: both versions score them while a person waits
_BINS = 20


def show_versions(explored: Explored, serving: str, other: str) -> None:
    """What the version in service and another one say of the same cases, in words and in one chart."""
    here, _ = explored.here, explored.here.say
    ids = explored.ask(drawn, explored.filters, SAMPLE, explored.excluded)
    with st.spinner(
        _("Two versions score {cases} cases …").format(cases=numbers.integer(len(ids), here.language)),
        show_time=True,
    ):
        both = _both(explored, tuple(ids), serving, other)
    if both.is_empty():
        st.info(_("None of these cases can be scored again: their data is gone."), icon=":material/history:")
        return
    st.markdown(escaped(_in_words(explored, both, serving, other)))
    told = [day_told(here, explored.as_of), *(each.text for each in filters_in_words(explored))]
    show_figure(here, distributions(explored, _spread(explored, both, serving, other)), told=told)


def _both(explored: Explored, ids: tuple[str, ...], serving: str, other: str) -> pl.DataFrame:
    """`entity_id, score, band, other_score, other_band` of the cases that both versions can score."""
    here, task = explored.here, explored.task
    key = (str(here.settings.home), task.name, explored.board.key, ids, serving, other)

    def answer() -> pl.DataFrame:
        from analytics.rescoring import cases_of, rescored

        cases = cases_of(here.settings, task, ids, explored.as_of)
        if not len(cases.keys):
            return pl.DataFrame()
        one = rescored(here.settings, task, cases, {}, serving).select("entity_id", "score", "band")
        two = rescored(here.settings, task, cases, {}, other)
        return one.with_columns(two["score"].alias("other_score"), two["band"].alias("other_band"))

    found: pl.DataFrame = _remembered(key, answer)
    return found


@st.cache_data(ttl=3600, max_entries=20, show_spinner=False)
def _remembered(key: tuple[object, ...], _answer: object) -> pl.DataFrame:  # noqa: ARG001
    found: pl.DataFrame = _answer()  # type: ignore[operator]
    return found


def _in_words(explored: Explored, both: pl.DataFrame, serving: str, other: str) -> str:
    """How far the two agree: cases whose band differs, and the mean of both."""
    _, language = explored.here.say, explored.here.language
    differing = both.filter(pl.col("band") != pl.col("other_band"))
    written = numbers.percent if is_share(explored, "score") else numbers.number
    means = [float(both[name].mean() or 0) for name in ("score", "other_score")]  # type: ignore[arg-type]
    sentences = [
        _("Of {cases} cases, {differing} ({share}) stand in another band under {other} than under {serving}.")
        .format(
            cases=numbers.integer(both.height, language),
            differing=numbers.integer(differing.height, language),
            share=numbers.percent(differing.height / both.height, language),
            other=other,
            serving=serving,
        ),
        _("Mean score: {one} by {serving}, {two} by {other}.").format(
            one=written(means[0], language), two=written(means[1], language), serving=serving, other=other
        ),
    ]  # fmt: skip
    if not differing.is_empty():
        moved = differing.group_by("band", "other_band").len().sort("len", "band", descending=[True, False])
        band, other_band, cases = moved.row(0)
        sentences.append(
            _("Most of them: {cases} from «{band}» to «{other_band}».").format(
                cases=numbers.integer(cases, language),
                band=band_label(explored.task, str(band), language),
                other_band=band_label(explored.task, str(other_band), language),
            )
        )
    return together(sentences, language)


def _spread(explored: Explored, both: pl.DataFrame, serving: str, other: str) -> pl.DataFrame:
    """The shares of the cases at each score, by version."""
    every = pl.concat([both["score"], both["other_score"].alias("score")])
    low = 0.0 if is_share(explored, "score") else float(every.min())  # type: ignore[arg-type]
    width = max((float(every.max()) - low) / _BINS, 1e-9)  # type: ignore[arg-type]
    edges = [low + width * place for place in range(_BINS + 1)]
    parts = []
    for name, column in ((serving, "score"), (other, "other_score")):
        bins = ((both[column] - low) / width).floor().clip(0, _BINS - 1).cast(pl.Int64)
        parts.append(shares(name, edges, [int((bins == place).sum()) for place in range(_BINS)]))
    return pl.concat(parts)
