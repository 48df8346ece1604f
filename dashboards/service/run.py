"""Runs the pages that mails link to, in this process: `python -m dashboards.service.run`."""

import ipaddress
import logging
import socket
import sys

from connectors.errors import AssistantError, UsageError
from pipelines.settings import Settings, load_settings
from pipelines.signing import is_own_choice, signing_key

_AT_ONCE = 200  # requests; more are told to come again
_FAREWELL = 5  # seconds for answers under way when it is stopped


def check(settings: Settings) -> None:
    """Raises UsageError where these settings would open the pages to others without a key that was chosen."""
    if not is_loopback(settings.service_host) and not is_own_choice(settings):
        raise UsageError(
            f"The pages of mails would listen on {settings.service_host} without a signing key of your own.",
            "Set SDA_SIGNING_KEY (`openssl rand -hex 32` writes one), or leave SDA_SERVICE_HOST at 127.0.0.1 "
            "and put a proxy in front.",
        )
    signing_key(settings)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def require_free(settings: Settings) -> None:
    """Raises AssistantError where the port is taken, or the address is none of this machine."""
    host, port = settings.service_host, settings.service_port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AssistantError(
                f"The pages of mails cannot listen on {host}:{port} ({error.strerror}), perhaps because they "
                "are running already.",
                "Stop what listens there, or set SDA_SERVICE_PORT (with it the proxy and SDA_SERVICE_URL). "
                "`sda serve --no-pages` goes without them.",
            ) from None


def run(settings: Settings) -> None:
    """Serves until it is stopped (Ctrl-C or SIGTERM). Raises as `check` and `require_free`."""
    import uvicorn

    from dashboards.service.app import service

    check(settings)
    require_free(settings)
    uvicorn.run(
        service(settings),
        host=settings.service_host,
        port=settings.service_port,
        # Addresses hold tokens: they are in no log. `asking` writes what was asked for without them.
        access_log=False,
        log_config=None,
        server_header=False,
        # Who is asking, where a proxy on this machine says so.
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1",
        limit_concurrency=_AT_ONCE,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=_FAREWELL,
    )


def write_log() -> None:
    """What is asked for and what goes wrong, one line each, to standard error; no addresses in it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def main() -> None:
    """The program of the child process that `launch` starts."""
    write_log()
    try:
        run(load_settings())
    except AssistantError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
