"""The list as it stands, to take away."""

from dashboards.explore.exporting_cases import Listed
from dashboards.screens.explore.explored import Explored
from dashboards.screens.explore.order import chosen_columns
from dashboards.screens.explore.told import filters_in_words
from dashboards.screens.parts.columns import Shown
from dashboards.screens.parts.export_cases import CasesAsked, offer_cases
from dashboards.wording import in_language


def offer_list(explored: Explored, found: int) -> None:
    """All cases of the view as a file, in the order and with the columns of the list."""
    known = explored.listed()
    names = dict.fromkeys(["score", "band", *chosen_columns(explored)])
    columns = (explored.subject.entity, *(known.get(name) or Shown(name) for name in names))
    asked = CasesAsked(
        task=explored.task,
        board=explored.board,
        listed=Listed(explored.asked, tuple(each.column for each in columns), explored.excluded),
        found=found,
        columns=columns,
        as_of=explored.as_of,
        told=tuple(each.text for each in filters_in_words(explored)),
        codes=explored.subject.codes,
    )
    title = in_language(explored.task.meaning.title, explored.here.language)
    offer_cases(explored.here, asked, title)
