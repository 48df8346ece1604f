"""What rules of contracts and modes of loads are called, wherever loads are told of."""

from dashboards.wording import Say


def rule_in_words(rule: str, _: Say) -> str:
    """A rule as a person calls it."""
    words = {
        "type": _("wrong type"),
        "required": _("value missing"),
        "finite": _("not a finite number"),
        "range": _("out of range"),
        "allowed": _("value not allowed"),
        "pattern": _("wrong form"),
        "unique": _("key given twice"),
        "reference": _("refers to nothing"),
        "unit": _("unknown unit"),
        "unreadable": _("not readable as a record"),
    }
    return words.get(rule, rule.replace("_", " "))


def mode_in_words(mode: str, _: Say) -> str:
    """What a load does to its table."""
    words = {
        "append": _("adds rows"),
        "merge": _("adds and updates by key"),
        "replace": _("replaces"),
        "snapshot": _("adds, updates and closes"),
    }
    return words.get(mode, mode)
