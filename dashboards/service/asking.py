"""One question to the service, and the way every answer is made: what goes wrong is said in words."""

import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import token_hex
from time import monotonic

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from dashboards.service import trouble
from dashboards.service.failures import Failures
from dashboards.subscriptions.keeping.tokens import ExpiredTokenError, ForgedTokenError
from pipelines.settings import Settings

logger = logging.getLogger(__name__)
_MOST_FIELDS = 60
_FRAMES = 8


@dataclass(frozen=True)
class Ask:
    """What was asked: the token and what else stood in the address, and the fields of a form."""

    settings: Settings
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    chosen: Mapping[str, list[str]]  # fields that can have several values
    is_post: bool

    @property
    def token(self) -> str:
        return self.path["token"]


Work = Callable[[Ask], Response]


class Answers:
    """Makes endpoints of functions that answer: they run beside the event loop, and their errors in words."""

    def __init__(self, settings: Settings, failures: Failures) -> None:
        self._settings = settings
        self._failures = failures

    def by(self, work: Work) -> Callable[[Request], object]:
        """An endpoint that answers with `work`."""
        name = work.__module__.rpartition(".")[2]

        async def endpoint(request: Request) -> Response:
            started = monotonic()
            response = await self._answer(request, work)
            # Neither the address, which holds a token, nor whose it is.
            taken = 1000 * (monotonic() - started)
            logger.info("%s %s %d, %.0f ms", request.method, name, response.status_code, taken)
            return response

        return endpoint

    async def _answer(self, request: Request, work: Work) -> Response:
        settings, language = self._settings, language_of(self._settings, request)
        try:
            ask = await _asked(settings, request)
            return await run_in_threadpool(work, ask)
        except ForgedTokenError:
            wait = self._failures.note(request.client.host if request.client else "")
            return trouble.too_many(settings, language, wait) if wait else trouble.unknown(settings, language)
        except ExpiredTokenError as error:
            return await run_in_threadpool(trouble.expired, settings, language, error)
        except ClientDisconnect:
            return Response(status_code=400)  # which nobody gets
        except HTTPException as error:
            return trouble.refused(settings, language, error.status_code)


def language_of(settings: Settings, request: Request) -> str:
    """For whom nothing is known of yet: as the browser asks first, else as the house speaks."""
    wished = request.headers.get("accept-language", "").strip().lower()
    if wished.startswith("zh"):
        return "zh"
    return "en" if wished.startswith("en") else settings.language


def noted(error: BaseException) -> str:
    """Writes into the log where an error came from; gives its id."""
    number = token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    place = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    # Not the message: it may hold an address or values of a record.
    logger.error("page failed, id %s: %s at %s", number, type(error).__name__, place)
    return number


async def _asked(settings: Settings, request: Request) -> Ask:
    form: dict[str, str] = {}
    chosen: dict[str, list[str]] = {}
    if request.method == "POST":
        async with request.form(max_files=0, max_fields=_MOST_FIELDS) as fields:
            for name, value in fields.multi_items():
                form[name] = str(value)
                chosen.setdefault(name, []).append(str(value))
    return Ask(
        settings,
        request.path_params,
        request.query_params,
        form,
        chosen,
        request.method == "POST",
    )
