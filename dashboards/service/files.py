"""`/file/<token>`: a file of an issue that was too large for the mail, until its link expires.

The link is the same for all who got that issue. It stays good until it expires even for who has left since:
they were sent it, as they were sent the mail itself.
"""

from starlette.responses import Response

from connectors.errors import AssistantError
from dashboards.service.asking import Ask
from dashboards.service.downloads import streamed
from dashboards.service.page import message
from dashboards.subscriptions import archive
from dashboards.subscriptions.tokens import subject_of
from dashboards.wording import say
from pipelines.settings import Settings


def answer(ask: Ask) -> Response:
    key, _, name = subject_of(ask.settings, "file", ask.token).partition("/")
    try:
        kept = archive.issue(ask.settings, key)
        sizes = {file.name: file.size for file in kept.files}
        return streamed(name, kept.pieces(name), sizes[name])
    except (AssistantError, KeyError):
        entry = archive.entry(ask.settings, key)
        return _gone(ask.settings, entry.language if entry else ask.settings.language)


def _gone(settings: Settings, language: str) -> Response:
    _ = say(language)
    return message(
        settings,
        language,
        _("This file is no longer here"),
        _("It was kept for a while and then removed. The newest issue has its files with it."),
        status=410,
    )
