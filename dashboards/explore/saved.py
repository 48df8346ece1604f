"""Views that people named, to come back to: one list a page, for everybody who opens it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from analytics.task import Task
from connectors.errors import AssistantError, UsageError
from dashboards.explore.subscribed import hidden_columns
from dashboards.explore.view import View, view_of
from pipelines.settings import Settings
from pipelines.store import Audit, SavedView, Store, now

_LONGEST = 80  # letters of a name


@dataclass(frozen=True)
class Keeper:
    """Who names, renames and removes the views of a page; each act is noted under their name."""

    settings: Settings
    page: str
    who: str

    def save(self, name: str, address: str, *, replace: bool = False) -> SavedView:
        """Keeps what follows the `?` under a name; with `replace` in place of what the name stood for.

        Raises UsageError for a name that is none, or is taken.
        """
        wanted, told = _name(name), view_of(address).query()
        with self._writing(wanted) as session:
            found = self._named(session, wanted)
            if found is not None and not replace:
                raise _taken(wanted)
            if found is None:
                found = SavedView(page=self.page, name=wanted)
                session.add(found)
            found.address, found.who, found.at = told, self.who, now()
            self._note(session, "save", wanted)
        return found

    def rename(self, number: int, name: str) -> SavedView:
        """Gives a view another name. Raises UsageError for one that is taken, AssistantError for one gone."""
        wanted = _name(name)
        with self._writing(wanted) as session:
            found, other = self._of(session, number), self._named(session, wanted)
            if other is not None and other.id != number:
                raise _taken(wanted)
            self._note(session, "rename", f"{found.name} -> {wanted}")
            found.name = wanted
        return found

    def remove(self, number: int) -> None:
        """Forgets a view; that it is gone already is no error."""
        with Store(self.settings).session() as session:
            found = session.get(SavedView, number)
            if found is not None and found.page == self.page:
                self._note(session, "remove", found.name)
                session.delete(found)

    @contextmanager
    def _writing(self, name: str) -> Iterator[Session]:
        try:
            with Store(self.settings).session() as session:
                yield session
        except IntegrityError:  # somebody else gave the same name at this moment
            raise _taken(name) from None

    def _named(self, session: Session, name: str) -> SavedView | None:
        query = select(SavedView).where(SavedView.page == self.page, SavedView.name == name)
        return session.scalars(query).one_or_none()

    def _of(self, session: Session, number: int) -> SavedView:
        found = session.get(SavedView, number)
        if found is None or found.page != self.page:
            raise AssistantError(
                "This view was removed meanwhile.", "Reload the page to see those there are."
            )
        return found

    def _note(self, session: Session, action: str, name: str) -> None:
        detail = json.dumps({"page": self.page, "name": name}, ensure_ascii=False)
        session.add(Audit(who=self.who, action=f"view.{action}", detail=detail))


def saved_views(settings: Settings, page: str) -> list[SavedView]:
    """The views of a page, by name."""
    query = select(SavedView).where(SavedView.page == page).order_by(SavedView.name)
    with Store(settings).session() as session:
        return list(session.scalars(query))


def views_for(settings: Settings, page: str, task: Task, role: str) -> tuple[list[SavedView], int]:
    """Those of them that a role may open, and how many are kept from it.

    A view that uses a column which the role does not see would tell it values of that column, as would the
    name that somebody gave it.
    """
    hidden, views = hidden_columns(settings, task, role), saved_views(settings, page)
    open_to_it = [each for each in views if not used_columns(view_of(each.address)) & hidden]
    return open_to_it, len(views) - len(open_to_it)


def used_columns(view: View) -> frozenset[str]:
    """The columns whose values a view tells: it filters, sorts, searches or compares by them."""
    used = {*view.filtered_columns, view.sort.removeprefix("-")}
    used |= {view.against.column} if view.against else set()
    return frozenset(used | ({"entity_id"} if view.search else set())) - {""}


def name_of(settings: Settings, page: str, view: View) -> str:
    """What a page's people named the cases that a view shows, whatever their order; "" where nobody did."""
    wanted = view.filters.query()
    named = (
        each.name for each in saved_views(settings, page) if view_of(each.address).filters.query() == wanted
    )
    return next(named, "")


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > _LONGEST:
        raise UsageError(f"A view needs a name of at most {_LONGEST} letters.", "Write a short name.")
    return name


def _taken(name: str) -> UsageError:
    return UsageError(f"There is a view «{name}» on this page already.", "Take another name, or replace it.")
