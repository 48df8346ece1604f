"""What may be entered into the book: told when a subscription is made, not when its issue is due."""

from collections.abc import Iterable
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from connectors.errors import UsageError, did_you_mean
from dashboards.reports import viewed
from dashboards.reports.declared import figures_of, report_names, report_settings
from dashboards.reports.reader import attributes_of
from dashboards.subscriptions.accounts import usage
from dashboards.subscriptions.accounts.money import minor_digits
from dashboards.subscriptions.accounts.plans import has_report, mailboxes, rhythm, title_of
from dashboards.subscriptions.accounts.terms import Phase, Term, term_on, terms_of
from dashboards.subscriptions.sending import conditions
from dashboards.subscriptions.timing import clock
from pipelines.settings import Settings
from pipelines.store import Subscription, now

_LOOKED_AT = 20  # coming moments of a schedule


def check_figures(settings: Settings, entry: Subscription) -> None:
    """Raises UsageError for a condition on a figure that the report never has: it would never be sent."""
    for each in entry.only_if:
        conditions.check(each, figures_of(settings, entry.report))


def check_view(settings: Settings, entry: Subscription) -> None:
    """Raises UsageError for a view of cases with a value that nobody has."""
    given = report_settings(settings, entry.report)
    viewed.check_known(settings, entry.report, given, attributes_of(entry.attributes))


def check_wish(settings: Settings, entry: Subscription) -> None:
    """Raises UsageError where the account's present (or first) plan does not have what `entry` wishes for."""
    if not entry.account:
        return
    phase, term = _present_term(settings, entry.account)
    plan, title, where = term.plan, title_of(term), f"accounts.{entry.account}"
    if phase == "after":
        raise UsageError(
            f"The plan {title} of the account {entry.account} ended on {term.last}.",
            f"Renew it first ({where}.end or {where}.changes in assistant.toml).",
        )
    if not has_report(plan, entry.report):
        raise UsageError(
            f"The plan {title} of the account {entry.account} does not have the report {entry.report}.",
            f"It has {', '.join(plan.reports) or 'none'}; another plan may have it.",
        )
    for each in entry.formats:
        if each not in plan.formats:
            raise UsageError(
                f"The plan {title} of the account {entry.account} has no {each} files.",
                f"Take {', '.join(plan.formats) or 'none'}, or another plan.",
            )
    if plan.at_most and _is_more_often(settings, entry, plan.at_most):
        raise UsageError(
            f"The plan {title} of the account {entry.account} has one issue {rhythm(plan, 'en')}; "
            f"«{entry.schedule}» is due more often.",
            "Take a schedule that is due less often, or another plan.",
        )


def check_recipients(settings: Settings, session: Session, accounts: Iterable[str]) -> None:
    """Raises UsageError where an account has more readers than its plan is for (in an open transaction)."""
    for name in filter(None, set(accounts)):
        term = _present_term(settings, name)[1]
        readers = len(mailboxes(session, name))
        if term.plan.recipients is not None and readers > term.plan.recipients:
            raise UsageError(
                f"The plan {title_of(term)} of the account {name} is for {term.plan.recipients} readers; "
                f"these would be {readers}.",
                "Cancel subscriptions of others, or take another plan.",
            )


def check_plans(settings: Settings) -> None:
    """Raises UsageError where a plan names a report or a currency that is not there."""
    known = report_names(settings)
    for name, plan in settings.plans.items():
        for report in plan.reports:
            if report not in (*known, "*"):
                raise UsageError(
                    f"Plan «{name}»: there is no report «{report}».", did_you_mean(report, known)
                )
        minor_digits(plan.currency)


def _present_term(settings: Settings, name: str) -> tuple[Phase, Term]:
    account = settings.accounts[name]
    today = now().astimezone(ZoneInfo(account.timezone)).date()
    return term_on(terms_of(account, settings.plans), today, account.grace_days)


def _is_more_often(settings: Settings, entry: Subscription, at_most: str) -> bool:
    """Whether two of the coming moments fall into one hour, day, week or month on its own clock."""
    zone = ZoneInfo(entry.timezone)
    coming = clock.coming(settings, entry, now(), _LOOKED_AT)
    return any(
        usage.beginning(at_most, one, zone) == usage.beginning(at_most, other, zone)
        for one, other in pairwise(coming)
    )
