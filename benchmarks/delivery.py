"""Reports by mail: how long an issue takes to make, and how fast a home mails it, against bare smtplib.

`one_issue`: a report with its charts, PDF and XLSX (`benchmarks.rendering`). `row_cuts`: readers of so many
different row cuts, each issue with PDF and XLSX, from nothing to the last mail. `one_for_all`: readers of one
issue; `ratio` is its mails per second, all told, over those of bare smtplib sending the same bytes over one
connection that is kept, half of them before and half after. The server (`benchmarks.mail_server`) is a
process of its own, and the same for both.
"""

import argparse
import json
import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain, combinations, islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import mail_server
from dashboards.reports.reader import Reader, attributes_of
from pipelines.finance.contracts import PURPOSES
from pipelines.settings import Settings
from pipelines.store import Store, Subscription, now

REPORT = "credit-portfolio"
FORMATS = ["pdf", "xlsx"]
PARAMETER = "purpose"


def measured(given: argparse.Namespace) -> dict[str, Any]:
    """All parts, each in a home of its own over the same generated lake."""
    from tests.dashboards import lake

    parts = {
        "row_cuts": lambda settings, port: row_cuts(settings, port, given.cut_readers, given.cuts),
        "one_for_all": lambda settings, port: one_for_all(settings, port, given.readers),
    }
    found: dict[str, Any] = {"cases": given.cases}
    for name in given.only or ("one_issue", *parts):
        if name == "one_issue":
            found[name] = one_issue()
            continue
        with tempfile.TemporaryDirectory() as folder, mail_server.running() as port:
            settings = Settings(home=Path(folder) / "var", config=Path(folder) / "assistant.toml")
            lake.fill(settings, given.cases)
            found[name] = parts[name](settings, port)
    return found


def one_issue() -> dict[str, Any]:
    """A report with charts, PDF and XLSX; beside it a chart through Plotly's browser export."""
    from benchmarks import rendering

    return rendering.measured()


def row_cuts(settings: Settings, port: int, readers: int, cuts: int) -> dict[str, Any]:
    """So many readers of so many different cuts."""
    each = list(islice(chain.from_iterable(combinations(PURPOSES, n) for n in range(1, 8)), cuts))
    subscribe(settings, [each[number % len(each)] for number in range(readers)])
    sent = send(settings, port)
    return {
        "readers": readers,
        "cuts": len(each),
        **sent,
        "goal": {"seconds_at_most": 90.0, "readers": 1_000, "cuts": 50},
    }


def one_for_all(settings: Settings, port: int, readers: int) -> dict[str, Any]:
    """So many readers of one issue, and bare smtplib with the bytes of one of their mails."""
    subscribe(settings, [()] * readers)
    mail = specimen(settings)
    before = bare(port, mail, readers // 2)
    ours = send(settings, port)
    after = bare(port, mail, readers // 2)
    plain = 2 * (readers // 2) / (before + after)
    return {
        "readers": readers,
        "bytes_of_a_mail": len(mail),
        **ours,
        "bare_smtplib_mails_per_second": round(plain, 1),
        "ratio": round(ours["mails_per_second"] / plain, 3),
        "goal": {"ratio_at_least": 0.8, "renderings": 1, "peak_megabytes_below": 1024},
    }


def subscribe(settings: Settings, cuts: Sequence[tuple[str, ...]]) -> None:
    """One reader for each cut, an issue due for each within a week."""
    with Store(settings).session() as session:
        for number, cut in enumerate(cuts):
            attributes = attributes_of({PARAMETER: cut}) if cut else ()
            session.add(
                Subscription(
                    email=f"reader{number}@bank.example",
                    report=REPORT,
                    schedule="0 7 * * 1",
                    formats=FORMATS,
                    attributes={name: list(values) for name, values in attributes},
                    cut=Reader(attributes=attributes).cut,
                )
            )


def specimen(settings: Settings) -> bytes:
    """The mail that the first reader would get now."""
    from dashboards.reports.build import build
    from dashboards.reports.mail import sealed
    from dashboards.reports.render import render
    from dashboards.subscriptions.keeping.envelopes import envelope_for
    from dashboards.subscriptions.sending.sender import message_id_of

    with Store(settings).session() as session:
        reader = session.get_one(Subscription, 1)
    issue = render(build(settings, REPORT, Reader(timezone="UTC")), FORMATS)
    return sealed(issue).mail(envelope_for(settings, reader, now(), message_id_of(settings, reader, now())))


def bare(port: int, mail: bytes, count: int) -> float:
    """Seconds that smtplib takes for so many mails over one connection."""
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.sendmail("a@localhost", "warm@bank.example", mail)
        started = time.perf_counter()
        for number in range(count):
            server.sendmail("a@localhost", f"reader{number}@bank.example", mail)
        return time.perf_counter() - started


def send(settings: Settings, port: int) -> dict[str, Any]:
    """What `sda deliver` does for all that is due, in a process of its own."""
    command = [sys.executable, __file__, "--send", str(settings.home), "--port", str(port)]
    finished = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(finished.stdout)
    return found


def sending(home: Path, port: int) -> dict[str, Any]:
    """Delivers what is due a week from now; the peak is of this process alone."""
    import os

    os.environ |= {"SDA_SMTP_HOST": "127.0.0.1", "SDA_SMTP_PORT": str(port), "SDA_SMTP_TLS": "none"}
    from dashboards.subscriptions.sending import issues, outbox

    rendered, render = [], issues.render

    def counted(*parts: Any) -> Any:
        rendered.append(1)
        return render(*parts)

    issues.render = counted
    settings = Settings(home=home, config=home.parent / "assistant.toml")
    moment: datetime = now() + timedelta(days=7)
    started = time.perf_counter()
    results = outbox.deliver(settings, moment)
    seconds = time.perf_counter() - started
    sent = sum(result.state == "sent" for result in results)
    [line] = [text for text in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in text]
    return {
        "sent": sent,
        "renderings": len(rendered),
        "seconds": round(seconds, 2),
        "mails_per_second": round(sent / seconds, 1),
        "peak_megabytes": round(int(line.split()[1]) / 1024, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=2_000, help="Of each task.")
    parser.add_argument("--readers", type=int, default=10_000, help="Of one issue.")
    parser.add_argument("--cut-readers", type=int, default=1_000)
    parser.add_argument("--cuts", type=int, default=50)
    parser.add_argument("--only", nargs="*", choices=("one_issue", "row_cuts", "one_for_all"))
    parser.add_argument("--send", type=Path, default=None, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    found = sending(given.send, given.port) if given.send else measured(given)
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
