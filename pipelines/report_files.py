"""Reports that are declared in files of their own: `[reports.weekly] file = "reports/weekly.toml"`."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from connectors.errors import UsageError
from pipelines.mailing import ReportSettings
from pipelines.toml_file import in_words, read_toml


def with_files(reports: Mapping[str, ReportSettings], folder: Path) -> dict[str, ReportSettings]:
    """The reports with what their files say; paths are relative to `folder`.

    Raises UsageError naming the file and the entry that is wrong.
    """
    return {
        name: _of_file(name, folder / Path(given.file).expanduser()) if given.file else given
        for name, given in reports.items()
    }


def _of_file(name: str, path: Path) -> ReportSettings:
    if not path.is_file():
        raise UsageError(f"Report «{name}»: there is no file {path}.", "Correct its entry «file».")
    said = read_toml(path)
    if "file" in said:
        raise UsageError(f"{path}: a report's file names no other file.", "Leave out the entry «file».")
    try:
        return ReportSettings.model_validate(said)
    except ValidationError as error:
        raise UsageError(*in_words(str(path), error, ReportSettings)) from None
