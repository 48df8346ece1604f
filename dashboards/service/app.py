"""The service that mails link to: leaving, preferences, confirmation, past issues, large files.

There is no login: a signed link is what lets somebody in, and it opens one thing for one reader. Nothing
changes without a POST. Behind a proxy it may lie under a path, that of `service_url`: the proxy may pass the
path on or cut it off, and the pages themselves link only from where they are.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from sqlalchemy import text
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from dashboards.service import confirming, files, leaving, past_issues, preferences, trouble
from dashboards.service.asking import Answers, language_of, noted
from dashboards.service.failures import Failures
from dashboards.service.shield import Shield
from pipelines.settings import Settings
from pipelines.signing import signing_key
from pipelines.store import Store


def service(settings: Settings, failures: Failures | None = None) -> ASGIApp:
    """The application. Raises AssistantError where there is no key to check links with."""
    signing_key(settings)
    routes = list(_routes(settings, failures or Failures()))
    prefix = urlsplit(settings.service_url).path.rstrip("/")
    under = [Mount(prefix, routes=routes)] if prefix else []

    async def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return trouble.refused(settings, language_of(settings, request), status)

    async def unexpected(request: Request, error: Exception) -> Response:
        return trouble.unexpected(settings, language_of(settings, request), noted(error))

    app = Starlette(
        routes=[*under, *routes], exception_handlers={HTTPException: refused, Exception: unexpected}
    )
    app.router.redirect_slashes = False  # an address with a slash too many is none of ours
    return Shield(app, lambda error: trouble.unexpected(settings, settings.language, noted(error)))


def _routes(settings: Settings, failures: Failures) -> Iterator[BaseRoute]:
    answers = Answers(settings, failures)
    both = ["GET", "POST"]
    yield Route("/unsubscribe/{token}", answers.by(leaving.answer), methods=both)
    yield Route("/preferences/{token}", answers.by(preferences.answer), methods=both)
    yield Route("/confirm/{token}", answers.by(confirming.answer), methods=both)
    yield Route("/archive/{token}", answers.by(past_issues.listing))
    yield Route("/archive/{token}/{delivery}/read", answers.by(past_issues.reading))
    yield Route("/archive/{token}/{delivery}/mail", answers.by(past_issues.mail))
    yield Route("/archive/{token}/{delivery}/file/{file}", answers.by(past_issues.attachment))
    yield Route("/file/{token}", answers.by(files.answer))

    async def health(_request: Request) -> Response:
        try:
            await run_in_threadpool(_ask_the_store, settings)
        except Exception as error:  # noqa: BLE001 - whatever keeps it from answering is the finding
            noted(error)
            return JSONResponse({"state": "the store does not answer"}, 503)
        return JSONResponse({"state": "ok"})

    yield Route("/health", health)


def _ask_the_store(settings: Settings) -> None:
    with Store(settings).session() as session:
        session.execute(text("SELECT 1"))
