"""What pages keep of the cases, after a load: no copy stays of what it changed or took away."""

from dashboards.explore import board_files
from pipelines.settings import Settings


def renew(settings: Settings) -> int:
    """Makes boards again, or removes them, where they are not what the tables say; how many were not."""
    if not board_files.all_of(settings):  # nobody has looked yet
        return 0
    from dashboards.explore.board_upkeep import renew_boards  # heavy

    return renew_boards(settings)
