"""What people are refused most often, in their language.

Errors are written in English where they arise (`connectors.errors`), with what they are about within. The
likely ones stand here as they are written there, with placeholders (a test holds both together); an error
that fits one is said in the reader's language, any other stays as it is.
"""

import re
from collections.abc import Sequence
from functools import cache

from dashboards.wording import Say, say

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_WHY = "why"  # the placeholder of an error that is told within another one


def in_words(error: str, _: Say) -> str:
    """A problem or a remedy of an AssistantError, in the reader's language where it is one of these."""
    for pattern, words in zip(_patterns(), templates(_), strict=True):
        if fits := pattern.fullmatch(error):
            told = fits.groupdict()
            return words.format(**told | {_WHY: in_words(told.get(_WHY, ""), _)})
    return error


@cache
def _patterns() -> Sequence[re.Pattern[str]]:
    return [_pattern(template) for template in templates(say("en"))]


def _pattern(template: str) -> re.Pattern[str]:
    parts = _PLACEHOLDER.split(template)
    written = [
        (f"(?P={part})" if part in parts[1:place:2] else f"(?P<{part}>.*?)") if place % 2 else re.escape(part)
        for place, part in enumerate(parts)
    ]
    return re.compile("".join(written), re.DOTALL)


def templates(_: Say) -> tuple[str, ...]:
    """The likely problems and remedies in a language, always in the same order."""
    return (
        # A file, and what is to be predicted from it
        _("The file {name} is empty."),
        _("{name} holds no records."),
        _("Choose a file with a header and some rows."),
        _("«{name}» is empty."),
        _("«{name}» is not text but {kind}."),
        _("Give it the right name, or leave it out."),
        _("«{name}» is not a workbook that can be read."),
        _("Is it complete, and not protected by a password?"),
        _("«{name}» is protected by a password."),
        _("Unpack it first."),
        _("{table} has no column «{name}»."),
        _("The column «{name}» is missing."),
        _("The target «{name}» has {values} value{shown}: there is nothing to tell apart."),
        _("Choose another target, or load rows with other outcomes."),
        _("The target «{name}» has {values} different values and is not a number."),
        _("Choose a number, or a column of at most {most} classes."),
        _("{table} has no column to learn «{target}» from."),
        # A model that is not there or cannot be used
        _("{task} has no model in service."),
        _("Run `sda train {task}` first."),
        _("The model {model} of {task} is damaged: {what}. It was not loaded."),
        _("Restore the folder from a backup, or run `sda task rollback {task}` or `sda train {task}`."),
        # A disk
        _("The home folder {home} cannot be written to: {reason}."),
        _("The warehouse in {home} could not be written: {reason}."),
        _("The cases of {task} could not be laid out in {folder}: {reason}."),
        _("Free some space there or let this service write there (`sda status`), then open the page again."),
        _("The cases of {task} were laid out in {folder}, but cannot be read there."),
        _("Look at that disk, and whether this service may open files on it."),
        # A schedule, an address, a plan
        _("«{schedule}» is not a schedule: {why}."),
        _("«{part}» is not understood"),
        _("it says no time of the day"),
        _("it does not say on which day of the week"),
        _("Write for example {examples}."),
        _("«{address}» is not an e-mail address. {why}"),
        _("«{address}» is not an e-mail address."),
        _("Write the address alone, without a name and without < and >."),
        _("Write one address: each subscription has one reader."),
        _("Addresses at {domain} are not allowed ({list} allows {allowed})."),
        _("Take an address there, or add the domain to {list} in assistant.toml."),
        _("{address} already has {what} (subscription {number})."),
        _("The plan {plan} of the account {account} ended on {day}."),
        _("The plan {plan} of the account {account} does not have the report {report}."),
        _("The plan {plan} of the account {account} has no {format} files."),
        _("The plan {plan} of the account {account} is for {most} readers; these would be {readers}."),
        _("Cancel subscriptions of others, or take another plan."),
        # A view, the worklist
        _("There is a view «{name}» on this page already."),
        _("Take another name, or replace it."),
        _("A view needs a name of at most {most} letters."),
        _("Write a short name."),
        _("This view was removed meanwhile."),
        _("Reload the page to see those there are."),
        _("The view filters by «{column}», which the role «{role}» does not see."),
        _("Take that filter away: who is shown would tell it."),
        _("This case is done."),
        _("Reopen it first."),
        _("The note is empty."),
        _("Write something, or leave it."),
    )
