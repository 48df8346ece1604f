"""Value at risk in words: the methods, and what the tests say of one."""

from analytics.market.backtest import Backtest
from analytics.market.value_at_risk import Method
from dashboards import numbers
from dashboards.wording import Say, say, together


def method_words(_: Say) -> dict[Method, str]:
    """The three methods in words."""
    return {
        "historical": _("as the past was"),
        "normal": _("by the bell curve"),
        "filtered": _("as the past was, scaled to today's swings"),
    }


def judged(test: Backtest, language: str) -> str:
    """How often the loss was larger, and what the tests say of it."""
    _ = say(language)
    counted = _(
        "The loss was larger than foreseen on {found} of {days} days; {expected} were to be expected."
    )
    return together(
        [
            counted.format(
                found=numbers.integer(test.exceeded, language),
                days=numbers.integer(test.days, language),
                expected=numbers.number(test.expected, language, 1),
            ),
            verdict_words(_)[test.verdict],
        ],
        language,
    )


def verdict_words(_: Say) -> dict[str, str]:
    """What the tests of a method say, in a sentence."""
    return {
        "kept": _("That is what chance alone would bring: the method kept its word."),
        "too_often": _("That is more than chance would bring: the method promises too little loss."),
        "too_seldom": _("That is less than chance would bring: the method is too careful."),
        "in_runs": _("The number fits, but such days come in runs: the method reacts too slowly."),
    }
