"""`sda doctor`: what is missing on this machine."""

import click

from flows.answer import Answer, answering


@click.command("doctor")
@answering
def command() -> Answer:
    """Check that this machine has what is needed.

    Python, packages, libraries, fonts, settings, warehouse, ports, mail server and disk.
    """
    from flows.doctor import examine

    findings = examine()
    lines = [
        f"{'ok ' if f.ok else 'BAD'} {f.check}: {f.detail}{'' if f.ok or not f.remedy else f'. {f.remedy}'}"
        for f in findings
    ]
    return Answer(findings, "\n".join(lines), failed=any(not finding.ok for finding in findings))
