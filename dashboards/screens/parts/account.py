"""Customer accounts: their plan and how long it holds, what was used this month, the statements."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from itertools import islice
from zoneinfo import ZoneInfo

import streamlit as st

from dashboards import numbers
from dashboards.reports.enclosed import size_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.export import offer_file
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.headline import Headline, show_headlines
from dashboards.screens.parts.subscribers import report_title
from dashboards.screens.parts.subscribing import FORMAT_NAMES
from dashboards.subscriptions.accounts import plans
from dashboards.subscriptions.accounts.money import written
from dashboards.subscriptions.accounts.statement import Statement, as_csv, statement_of
from dashboards.subscriptions.accounts.statement_page import printed
from dashboards.subscriptions.accounts.terms import Phase, Term, days_after, term_on, terms_of
from dashboards.wording import with_commas, with_value
from pipelines.mailing import AccountSettings
from pipelines.store import now

_MONTHS = 13  # whose statements can be chosen


def show_accounts(here: Here) -> None:
    """One account after it was chosen; with several, which."""
    _, accounts = here.say, here.settings.accounts
    if not accounts:
        st.info(_("There are no customer accounts."), icon=":material/storefront:")
        st.markdown(
            _(
                "Subscriptions of your own house need none. Declare a customer under `[accounts.NAME]` and "
                "what it may have under `[plans.NAME]` in `assistant.toml`."
            )
        )
        return
    name = st.selectbox(
        _("Account"),
        list(accounts),
        format_func=lambda name: accounts[name].title or name,
        key="account",
        width=320,
    )
    account = accounts[name]
    today = now().astimezone(ZoneInfo(account.timezone)).date()
    phase, term = term_on(terms_of(account, here.settings.plans), today, account.grace_days)
    title = with_value(account.title or name, plans.title_of(term), here.language)
    st.markdown(f"### {escaped(title)}")
    _show_phase(here, account, phase, term)
    _show_usage(here, name, term, today)
    _show_limits(here, term)
    _offer_statement(here, name, today)


def _show_phase(here: Here, account: AccountSettings, phase: Phase, term: Term) -> None:
    _, language = here.say, here.language
    first, last = numbers.day(term.first, language), numbers.day(term.last, language)
    if phase == "before":
        st.info(_("The plan begins on {day}.").format(day=first), icon=":material/event:")
    elif phase == "within":
        words = _("In force since {first}, until {last}.") if term.last else _("In force since {first}.")
        st.success(words.format(first=first, last=last), icon=":material/check_circle:")
    elif phase == "grace" and term.last:
        until = numbers.day(days_after(term.last, account.grace_days), language)
        words = _("The plan ended on {last}. Issues go on until {until}: it is time to renew it.")
        st.warning(words.format(last=last, until=until), icon=":material/hourglass_bottom:")
    else:
        words = _(
            "The plan ended on {last}. Issues are held until it is renewed; readers were told politely."
        )
        st.error(words.format(last=last), icon=":material/event_busy:")


def _show_usage(here: Here, name: str, term: Term, today: date) -> None:
    _, language = here.say, here.language
    made = statement_of(here.settings, name, today)
    with here.store.session() as session:
        readers = len(plans.mailboxes(session, name))
    held = [each for each in made.allotments if each.plan == term.name]
    included = held[-1].included if held else term.plan.issues
    used = _("Used in {month}").format(month=numbers.month(today, language))
    st.markdown(f"**{used}**")
    show_headlines(
        [
            Headline(
                _("Issues"),
                numbers.integer(made.usage.issues, language),
                note=_most(here, included, _("included")),
            ),
            Headline(
                _("Readers"),
                numbers.integer(readers, language),
                note=_most(here, term.plan.recipients, _("at most")),
            ),
            Headline(
                _("Sent in all"), size_in_words(made.usage.bytes, language) if made.usage.bytes else "0 kB"
            ),
            Headline(_("Owed so far"), _owed(here, made)),
        ]
    )


def _most(here: Here, number: int | None, what: str) -> str:
    _ = here.say
    return (
        _("without limit")
        if number is None
        else with_value(what, numbers.integer(number, here.language), here.language)
    )


def _owed(here: Here, made: Statement) -> str:
    _, totals = here.say, made.totals
    owed = [written(total, currency, here.language) for currency, total in totals.items()]
    return with_commas(owed, here.language) or _("nothing")


def _show_limits(here: Here, term: Term) -> None:
    _, plan = here.say, term.plan
    reports = (
        _("all")
        if "*" in plan.reports
        else with_commas((report_title(here, each) for each in plan.reports), here.language)
    )
    intervals = {"month": _("a month"), "year": _("a year"), "trial": _("for the trial")}
    facts = {
        _("Price"): f"{written(plan.price, plan.currency, here.language)} {intervals[plan.interval]}",
        _("Reports"): reports,
        _("How often at most"): _("once {rhythm}").format(rhythm=plans.rhythm(plan, here.language))
        if plan.at_most
        else _("without limit"),
        _("Files with the mail"): with_commas((FORMAT_NAMES[each] for each in plan.formats), here.language)
        or _("none"),
        _("Rows of a table in a file"): _("without limit")
        if plan.rows is None
        else numbers.integer(plan.rows, here.language),
    }
    st.markdown("\n".join(f"- {name}: **{escaped(value)}**" for name, value in facts.items()))


def _offer_statement(here: Here, name: str, today: date) -> None:
    _ = here.say
    with st.container(horizontal=True, vertical_alignment="bottom"):
        month = st.selectbox(
            _("Statement of"),
            list(islice(_months_back(today), _MONTHS)),
            format_func=lambda day: numbers.month(day, here.language),
            key="statement-month",
            width=180,
        )
        for form, make in (("pdf", partial(_pdf, here)), ("csv", as_csv)):
            offer_file(
                here,
                FORMAT_NAMES[form],
                partial(_statement, here, name, month, make),
                "statement",
                {"what": name, "format": form, "month": f"{month:%Y-%m}"},
                file_name=f"statement-{name}-{month:%Y-%m}.{form}",
                key=f"statement-{form}",
                icon=":material/download:",
            )


def _statement(here: Here, name: str, month: date, make: Callable[[Statement], bytes]) -> bytes:
    return make(statement_of(here.settings, name, month))


def _pdf(here: Here, made: Statement) -> bytes:
    from dashboards.reports.pdf import pdf

    return pdf(printed(made, here.settings.name))


def _months_back(day: date) -> Iterator[date]:
    """The first days of this month and of those before."""
    first = day.replace(day=1)
    while True:
        yield first
        first = (first.replace(month=first.month - 1)) if first.month > 1 else date(first.year - 1, 12, 1)
