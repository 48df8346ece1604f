"""Who may see what. Everything that is read for a person passes through `for_person`."""

import hashlib
import hmac
from functools import partial

import polars as pl

from connectors.errors import UsageError, did_you_mean
from pipelines.contract import Contract, Personal
from pipelines.settings import Settings
from pipelines.signing import key_for

# What each role sees of each kind of personal data; what is not listed is masked.
ROLES: dict[str, frozenset[Personal]] = {
    # Acts on individuals: a case worker, a nurse, a dispatcher.
    "caseworker": frozenset(("identifier", "name", "contact", "address", "birth_date", "free_text")),
    # Explores and acts on predictions; looks people up by their number.
    "analyst": frozenset(("identifier",)),
    # Receives reports by mail.
    "subscriber": frozenset(("identifier",)),
    # Keeps the data flowing; needs no individual.
    "engineer": frozenset(),
}
# Who looks after cases and says what became of them.
ACTING = ("caseworker", "analyst")


def for_person(settings: Settings, frame: pl.DataFrame, contract: Contract, role: str) -> pl.DataFrame:
    """`frame` as `role` may see it: personal columns of the contract are masked unless the role may see them.

    Columns are matched by name; columns that the contract does not tag pass unchanged.
    """
    seen = visible_to(role)
    masks = [
        _mask(settings, pl.col(column.name), column.personal).alias(column.name)
        for column in contract.columns
        if column.personal and column.personal not in seen and column.name in frame.columns
    ]
    return frame.with_columns(masks)


def entities_for_person(
    settings: Settings, frame: pl.DataFrame, role: str, contract: Contract | None = None, column: str = ""
) -> pl.DataFrame:
    """Predictions as `role` may see them: `entity_id` is masked like the contract's `column` it comes from.

    Where no contract tags that column as personal, it counts as an identifier.
    """
    kind = _entity_kind(contract, column)
    if kind in visible_to(role):
        return frame
    return frame.with_columns(_mask(settings, pl.col("entity_id"), kind).alias("entity_id"))


def sees_entities(role: str, contract: Contract | None = None, column: str = "") -> bool:
    """Whether `role` may tell one entity from another: only then may it search by them or open one.

    They come from the contract's `column`, as in `entities_for_person`.
    """
    return {"identifier", _entity_kind(contract, column)} <= visible_to(role)


def visible_to(role: str) -> frozenset[Personal]:
    """The kinds of personal data a role sees in clear; raises UsageError for an unknown role."""
    if role not in ROLES:
        raise UsageError(f"There is no role «{role}».", did_you_mean(role, ROLES))
    return ROLES[role]


def _entity_kind(contract: Contract | None, column: str) -> Personal:
    kind = contract.column(column).personal if contract and column in contract.names else ""
    return kind or "identifier"


def _mask(settings: Settings, column: pl.Expr, kind: Personal) -> pl.Expr:
    text = column.cast(pl.String)
    if kind == "identifier":
        return text.map_elements(partial(_named, _key(settings)), return_dtype=pl.String)
    if kind == "name":
        return text.str.slice(0, 1) + "."
    if kind == "contact":
        return text.str.replace(r"(?s)^(.).*?(@.*)?$", "$1…$2")
    if kind == "birth_date":
        return text.str.slice(0, 4)
    return pl.when(text.is_not_null()).then(pl.lit("•••"))


def pseudonym(settings: Settings, identifier: str) -> str:
    """The same short name for the same identifier, which it does not show.

    Keyed: whoever can list all identifiers cannot find this one by trying. Another key, other names.
    """
    return _named(_key(settings), identifier)


def _key(settings: Settings) -> bytes:
    return key_for(settings, "pseudonym")


def _named(key: bytes, identifier: str) -> str:
    return "#" + hmac.new(key, identifier.encode(), hashlib.sha256).hexdigest()[:8]
