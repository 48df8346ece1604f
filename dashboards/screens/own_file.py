"""placeholder while writing"""

from dashboards.screens.here import Here


def draw(here: Here) -> None:
    raise NotImplementedError
