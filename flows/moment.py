"""A moment as people and programs write it on the command line."""

from datetime import datetime

import click


class Moment(click.ParamType[datetime]):
    """ISO 8601, by day, minute or second, with `Z` or an offset or without (then: the settings' zone)."""

    name = "moment"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002
        return "YYYY-MM-DD[THH:MM[:SS][Z]]"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(value.strip())
        except ValueError:
            self.fail(f"{value!r} is no moment such as 2026-11-30, 2026-11-30T08:00 or ...Z.", param, ctx)


MOMENT = Moment()
