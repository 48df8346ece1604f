"""What a page says when there is nothing to show yet: why, and what to do."""

import streamlit as st

from dashboards.screens.here import Here


def no_data(here: Here) -> None:
    """Nothing was ever loaded."""
    _ = here.say
    st.info(_("There is no data yet."), icon=":material/inbox:")
    st.markdown(
        _("Run `sda demo` to see everything with sample data, or load your own tables with `sda source add`.")
    )
    if "own-file" in here.pages:
        st.page_link(
            here.pages["own-file"], label=_("Or try a file of your own"), icon=":material/upload_file:"
        )


def no_predictions(here: Here, task: str) -> None:
    """The task was never scored."""
    _ = here.say
    st.info(_("There are no predictions yet."), icon=":material/hourglass_empty:")
    st.markdown(
        _(
            "Run `sda train {task}` and then `sda score {task}`; with sample data, `sda demo` does both."
        ).format(task=task)
    )


def nothing_scored(here: Here) -> None:
    """There are data, but no task was ever scored."""
    _ = here.say
    st.info(_("Nothing was scored yet."), icon=":material/hourglass_empty:")
    st.markdown(_("Run `sda train` and then `sda score`; with sample data, `sda demo` does both."))
