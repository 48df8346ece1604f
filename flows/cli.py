"""The command `sda`: one module of `flows.commands` per command, imported only when it is asked for."""

import errno
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import FrameType
from typing import Any, NoReturn

import click

from connectors.errors import AssistantError
from flows.trouble import INTERRUPTIONS, log_unexpected

# In the order a newcomer meets them. Each name is a module of `flows.commands` holding `command`.
SECTIONS: dict[str, tuple[str, ...]] = {
    "Start": ("init", "demo", "doctor", "status"),
    "Data": ("source", "connector", "ingest", "contract", "quarantine"),
    "Predictions": ("task", "train", "score", "watch", "feedback"),
    "Planning": ("routes", "forecast", "stock"),
    "People": (
        *("report", "subscription", "deliver", "delivery", "suppression", "pages", "billing"),
        "dashboard",
    ),
    "Operation": ("flow", "serve", "backup", "restore"),
}

# What the file system says that a person can put right: not allowed, read-only, full.
_REFUSALS = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOTDIR)


class Failure(click.ClickException):
    """One clear line on standard error and an exit status: how every trouble ends at the command line."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]


class Commands(click.Group):
    """A group that knows its commands by name and imports the one that is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return [name for names in SECTIONS.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"flows.commands.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        # click looks for near misses among the commands registered with the group: here, none are.
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            raise click.exceptions.NoSuchCommand(args[0], possibilities=self.list_commands(ctx), ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(len(name) for name in self.list_commands(ctx))
        for section, names in SECTIONS.items():
            with formatter.section(section):
                commands = [(name, self.get_command(ctx, name)) for name in names]
                formatter.write_dl(
                    [(name.ljust(width), c.get_short_help_str(200)) for name, c in commands if c]
                )

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AssistantError as error:
            raise Failure(str(error), error.exit_code) from None
        except (click.ClickException, click.Abort, click.exceptions.Exit, *INTERRUPTIONS):
            raise
        except OSError as error:
            if error.errno in _REFUSALS:
                raise Failure(f"{error.filename or 'A file'}: {error.strerror}.", 1) from None
            raise Failure(log_unexpected(error), 1) from None
        except BaseException as error:  # noqa: BLE001 - the last line of defence: nobody is shown a traceback
            raise Failure(log_unexpected(error), 1) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="smart-data-assistant", message="%(version)s")
def sda() -> None:
    """Smart Data Assistant: data in, predictions with reasons out, on a dashboard and by e-mail.

    Settings are read from assistant.toml (or the file named by SDA_CONFIG) and from SDA_* variables.
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The entry point of `sda`."""
    signal.signal(signal.SIGTERM, _leave)
    sys.exit(sda.main(args=arguments, prog_name="sda"))


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    # As an exception, so that every `with` and `finally` on the way out stops its child processes.
    sys.exit(128 + signal.SIGTERM)
