"""`sda status`: how things stand."""

from collections import Counter
from typing import Any

import click

from flows.answer import Answer, answering, table


@click.command("status")
@answering
def command() -> Answer:
    """Show how data, models, deliveries and runs stand."""
    from flows.status import status
    from pipelines.settings import load_settings

    document = status(load_settings())
    return Answer(document, "\n".join(_lines(document)))


def _lines(now: dict[str, Any]) -> list[str]:
    metric = {m["task"]: m["metrics"].get("test", {}) for m in now["models"]}
    models = [
        {
            "task": m["task"],
            "version": m["version"],
            "since": m["since"],
            "check": (m["check"] or {}).get("verdict"),
            **_shown(metric[m["task"]]),
        }
        for m in now["models"]
    ]
    runs = [
        {"flow": flow, **{k: run[k] for k in ("started_at", "state", "detail")}}
        for flow, run in now["runs"].items()
    ]
    disk = ", ".join(f"{part} {size / 1e6:,.1f} MB" for part, size in now["disk"].items())
    lines = [
        *_part("Data", table(now["sources"], "No source is declared.")),
        *_part("Quarantine", table(_by_table(now["quarantine"]), "No record waits.")),
        *_part("Models in service", table(models, "None yet.")),
        *_part(
            "Deliveries", ", ".join(f"{n} {state}" for state, n in now["deliveries"].items()) or "None yet."
        ),
        *_part("Last runs", table(runs, "None yet.")),
        *_part("Disk", f"{now['home']}: {disk}"),
    ]
    attention = [f"{n['at']:%Y-%m-%d %H:%M} {n['subject']}: {n['message']}" for n in now["notices"]]
    attention += [
        f"{flow} was due at {due:%Y-%m-%d %H:%M %Z} and has not run." for flow, due in now["not_run"].items()
    ]
    return [*lines, *_part("Needs attention", "\n".join(attention) or "Nothing.")]


def _part(title: str, text: str) -> list[str]:
    return [f"{title}:", *(f"  {line}" for line in text.splitlines()), ""]


def _by_table(waiting: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Records waiting, by table; `sda quarantine list` has them by rule."""
    counts: dict[str, Counter[str]] = {}
    for row in waiting:
        counts.setdefault(row["table"], Counter())[row["rule"]] += row["records"]
    return [
        {
            "table": name,
            "records": rules.total(),
            "rules": [f"{rule} {count}" for rule, count in rules.most_common()],
        }
        for name, rules in sorted(counts.items())
    ]


def _shown(metrics: dict[str, Any]) -> dict[str, float | None]:
    """The first measure or two that a person compares: for probabilities AUROC and ECE."""
    names = [name for name in ("auroc", "ece", "rmse", "mae", "accuracy") if name in metrics][:2]
    return {name: metrics[name] for name in names} if names else {}
