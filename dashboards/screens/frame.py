"""The frame around every page: title, language, navigation; and the guard that keeps errors in words."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

import streamlit as st
from streamlit.navigation.page import Page

from connectors.errors import AssistantError
from dashboards.screens import domain, home, only, own_file, planning, quality, subscriptions, worklist
from dashboards.screens.address import begin_run
from dashboards.screens.guard import errors_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import escaped
from dashboards.wording import LANGUAGES, say
from pipelines.settings import Settings, load_settings

LANGUAGE = "lang"  # its name in the address
# On a phone the sidebar lies over the page: it goes when a page was chosen.
_CLOSE_WHEN_CHOSEN = """<script>
if (!window.sdaClosesSidebar) {
  window.sdaClosesSidebar = true;
  document.addEventListener("click", (event) => {
    if (window.innerWidth < 768 && event.target.closest('[data-testid="stSidebar"] a'))
      document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
  });
}
</script>"""
# A dashboard started anew knows nothing of the buttons on a page that stayed open: the first click would be
# lost. So the page is drawn again as soon as it is connected again, by the key that Streamlit has for it.
_DRAW_WHEN_BACK = """<script>
if (!window.sdaDrawsWhenBack) {
  window.sdaDrawsWhenBack = true;
  const page = document.querySelector('[data-testid="stApp"]');
  const state = () => page.getAttribute("data-test-connection-state");
  let away = false;
  if (page) new MutationObserver(() => {
    if (state() !== "CONNECTED") away = true;
    else if (away) {
      away = false;
      const key = {key: "r", code: "KeyR", keyCode: 82, bubbles: true};
      for (const what of ["keydown", "keyup"]) document.dispatchEvent(new KeyboardEvent(what, key));
    }
  }).observe(page, {attributes: true, attributeFilter: ["data-test-connection-state"]});
}
</script>"""
# White letters on the light blue of the dark theme have too little contrast.
# The tables' own download knows no role, writes no audit and says nothing of filters; ours does, below each.
_NO_OTHER_DOWNLOAD = """<style>
[data-testid="stElementToolbarButton"]:has(button[aria-label^="Download as CSV"]) {display: none}
</style>"""
_ON_DARK = """<style>
[data-testid="stMultiSelect"] [data-tag] *, [data-testid="stBaseButton-primary"] * {color: #14191F}
</style>"""


def show() -> None:
    """Draws the page that the address names."""
    try:
        settings = load_settings()
    except AssistantError:
        st.set_page_config(page_title="Smart Data Assistant", layout="wide")
        with errors_in_words(say("en")):
            raise
        return
    st.set_page_config(page_title=settings.name, page_icon="📊", layout="wide")
    language = _language(settings)
    pages: dict[str, Page] = {}
    here = Here(settings, language, MappingProxyType(pages))
    with errors_in_words(here.say):
        begin_run()
        chosen = _navigation(here, pages)
        _foot(here)
        chosen.run()


def _language(settings: Settings) -> str:
    if LANGUAGE not in st.session_state:
        asked = st.query_params.get(LANGUAGE, settings.language)
        st.session_state[LANGUAGE] = asked if asked in LANGUAGES else settings.language
    chosen = st.sidebar.segmented_control(
        "Language · 语言",
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        key=LANGUAGE,
        required=True,
        label_visibility="collapsed",
    )
    return str(chosen or settings.language)


def _navigation(here: Here, pages: dict[str, Page]) -> Page:
    _ = here.say

    def page(
        name: str,
        draw: Callable[[Here], None],
        title: str,
        icon: str,
        *,
        first: bool = False,
        task: str = "",
    ) -> Page:
        def guarded() -> None:
            with errors_in_words(_):
                there = only.narrowed(replace(here, page=name), task)
                with there.warehouse.reading(there.snapshot, there.cut):  # one snapshot for the whole page
                    draw(there)

        pages[name] = st.Page(guarded, title=title, icon=icon, url_path=name, default=first)
        return pages[name]

    predictions = [
        page(each.name, domain.screen(each), each.title(_), each.icon, task=each.task)
        for each in domain.pages_of(here)
    ]
    screens: dict[str, list[Page]] = {}
    for each in planning.all_screens():
        screens.setdefault(each.section(_), []).append(page(each.name, each.draw, each.title(_), each.icon))
    sections: Mapping[str, list[Page]] = {
        "": [
            page("home", home.draw, _("Today"), ":material/today:", first=True),
            page("worklist", worklist.draw, _("Worklist"), ":material/checklist:"),
        ],
        _("Predictions"): predictions,
        **screens,
        _("Reports"): [
            page("subscriptions", subscriptions.draw, _("Subscriptions"), ":material/mail:"),
        ],
        _("Data"): [
            page("quality", quality.draw, _("Data quality"), ":material/fact_check:"),
            page("own-file", own_file.draw, _("Try your own file"), ":material/upload_file:"),
        ],
    }
    chosen = st.navigation([each for pages in sections.values() for each in pages], position="hidden")
    _show_navigation(sections)
    return chosen


def _show_navigation(sections: Mapping[str, list[Page]]) -> None:
    """The links of the sidebar. Streamlit's own are lists that screen readers cannot count."""
    st.html(_CLOSE_WHEN_CHOSEN + _DRAW_WHEN_BACK + _NO_OTHER_DOWNLOAD, unsafe_allow_javascript=True)
    if st.context.theme.type == "dark":
        st.html(_ON_DARK)
    for title, pages in sections.items():
        if title:
            st.sidebar.markdown(f"**{title}**")
        with st.sidebar.container(gap="xxsmall"):
            for page in pages:
                st.page_link(page, label=escaped(page.title), icon=page.icon, width="stretch")


def _foot(here: Here) -> None:
    _ = here.say
    roles = {
        "caseworker": _("case worker: sees personal data"),
        "analyst": _("analyst: names and contacts are masked"),
        "subscriber": _("reader: names and contacts are masked"),
        "engineer": _("engineer: personal data is masked"),
    }
    st.sidebar.caption(_("You look as {role}.").format(role=roles.get(here.role, here.role)))
