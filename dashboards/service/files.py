"""`/file/<token>`: a file of an issue that was too large for the mail, until its link expires.

The link is the same for all who got that issue. It stays good until it expires even for who has left since:
they were sent it, as they were sent the mail itself.
"""

from starlette.responses import Response

from connectors.errors import AssistantError
from dashboards.service.asking import Ask
from dashboards.service.downloads import streamed
from dashboards.service.page import message
from dashboards.subscriptions.keeping import archive
from dashboards.subscriptions.keeping.tokens import ExpiredTokenError, subject_of
from dashboards.wording import say
from pipelines.settings import Settings


def answer(ask: Ask) -> Response:
    try:
        key, _, name = subject_of(ask.settings, "file", ask.token).partition("/")
    except ExpiredTokenError as error:
        return _gone(ask.settings, error.subject.partition("/")[0])
    try:
        kept = archive.issue(ask.settings, key)
        sizes = {file.name: file.size for file in kept.files}
        return streamed(name, kept.pieces(name), sizes[name])
    except (AssistantError, KeyError):
        return _gone(ask.settings, key)


def _gone(settings: Settings, key: str) -> Response:
    entry = archive.entry(settings, key)
    language = entry.language if entry else settings.language
    _ = say(language)
    return message(
        settings,
        language,
        _("This file is no longer here"),
        _("It was kept for a while and then removed. The newest issue has its files with it."),
        status=410,
    )
