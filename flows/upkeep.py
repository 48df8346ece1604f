"""The flow `upkeep`: keeps the lake and the archive small and watches the other flows."""

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.progress import progress
from flows.runs import recorded
from flows.steps import all_done, settings_for
from flows.watch import note_missed_runs
from pipelines import upkeep as housekeeping
from pipelines.settings import Settings


@task(name="tidy", cache_policy=NO_CACHE)
def tidy(settings: Settings) -> housekeeping.Tidied:
    """Merges small files, expires snapshots nobody needs, removes orphans."""
    done = housekeeping.tidy(settings)
    progress(
        f"  lake: {done.snapshots_expired} snapshots expired, "
        f"{done.bytes_before / 1e6:,.1f} MB before, {done.bytes_after / 1e6:,.1f} MB now"
    )
    return done


@task(name="expire", cache_policy=NO_CACHE)
def expire(settings: Settings) -> int:
    """Removes issues from the archive that were kept long enough."""
    from dashboards.subscriptions.keeping import archive  # heavy

    gone = archive.expire(settings)
    progress(f"  archive: {gone} issues expired")
    return gone


@task(name="boards", cache_policy=NO_CACHE)
def boards(settings: Settings) -> int:
    """Removes the tables of pages that say what is no longer in the lake."""
    from dashboards.explore.board_upkeep import tidy_boards  # heavy

    gone = tidy_boards(settings)
    progress(f"  pages: {gone} outdated tables removed")
    return gone


@task(name="exports", cache_policy=NO_CACHE)
def exports(settings: Settings) -> int:
    """Removes files that were made to be taken away, and outlived the server that would have removed them."""
    from dashboards.explore.handing_out import remove_past

    return remove_past(settings)


@flow(name="upkeep")
def upkeep(config: str = "") -> None:
    """Tidies the lake, the archive and what pages keep on disk, and notes the schedules that were missed."""
    settings = settings_for(config)
    with recorded(settings, "upkeep"):
        progress("Tidying the lake …")
        note_missed_runs(settings)
        all_done(
            settings,
            "tidy",
            {
                "lake": tidy(settings, return_state=True),
                "archive": expire(settings, return_state=True),
                "boards": boards(settings, return_state=True),
                "exports": exports(settings, return_state=True),
            },
        )
