"""What plans say of their making, in the reader's language.

Where travel times come from and what was mended in the input is written by the planning itself, in English
and with names and numbers in it; these are its sentences. One that is not known here stays as it is.
"""

import json
import re
from functools import cache

from dashboards.wording import SOURCE_LANGUAGE, Say, say


def _sentences(_: Say) -> tuple[str, ...]:
    """Every sentence of `analytics.routing` that a plan keeps; the more special ones first."""
    return (
        _("the matrix in {file}"),
        _("the routing server (OSRM)"),
        _("speeds learned from {legs} legs of past trips, by hour and area"),
        _("great-circle distance x {detour} at {speed} km/h"),
        _("Estimated by: {source}."),
        _("Too few past trips near to learn speeds from: {legs} legs, {least} are needed."),
        _("The routing server was asked in vain: {problem}."),
        _("Places with a way to themselves: {places}; taken as 0."),
        _("Negative entries: {entries}; taken as missing."),
        _("Missing pairs: {missing} of {pairs}; filled with the quickest way over other places."),
        _("Missing pairs that no way over others leads to: {missing} of {pairs}; estimated."),
        _(
            "Pairs slower than a detour over a third place (the triangle inequality does not hold): {pairs}, "
            "by up to {seconds} s; kept as given."
        ),
        _("Places that the matrix file does not hold: {places} of {all} ({some})."),
        _("Pairs that the matrix file says more than once: {pairs}; the last one counts."),
        _("A stop that comes more than once was taken as first given: {names}."),
        _("Latitude and longitude of the depot were exchanged: put right."),
        _("Latitude and longitude of a stop were exchanged: put right: {names}."),
        _("Left out, for its coordinates are missing or (0, 0): {names}."),
        _("Left out, for the stop where its goods are picked up is left out: {names}."),
        _("Brings another amount than is picked up for it, which is what counts: {names}."),
        _("{why}: its goods are taken to come from the depot: {names}."),
        _("A pickup that names a stop where its goods are picked up"),
        _("The stop where its goods are picked up is not among the day's stops"),
        _("The stop where its goods are picked up picks nothing up"),
        _("The stop where its goods are picked up already gives them to another one"),
        _("an unknown time zone, «{name}»"),
        _("no time zone"),
        _("the whole day"),
        _("The depot has {zone}: its shifts are taken in {other}."),
        _("A window that closes before it opens was ignored: {names}."),
        _("Windows that overlap were merged: {names}."),
        _("Every window lies outside the hours in which vehicles drive: {names}."),
        _("Without a shift, so the depot's usual hours were taken ({hours}): {names}."),
        _("{names} and {count} more"),
    )


def source_in_words(sentence: str, language: str) -> str:
    """A sentence of a plan in `language`."""
    if language == SOURCE_LANGUAGE:
        return sentence
    for pattern, translated in _patterns(language):
        found = pattern.fullmatch(sentence)
        if found:
            return translated.format(
                **{name: source_in_words(v, language) for name, v in found.groupdict().items()}
            )
    return sentence


def intervals_in_words(made_by: str | None, language: str) -> str:
    """Where the intervals of arrivals come from (`plans.plans.arrival_model`); "" where there are none."""
    from analytics.routing.arrivals import PAST_TRIPS

    _ = say(language)
    if made_by == PAST_TRIPS:
        return _("from the spread of past trips")
    return _("from the model {version}").format(version=made_by) if made_by else ""


def notes_of(stored: str | None, language: str) -> list[str]:
    """The notes of a plan (`plans.plans.notes`), each a sentence."""
    return [source_in_words(str(note), language) for note in json.loads(stored or "[]")]


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The English sentence as a pattern with its gaps as groups, and the translation."""
    return tuple(
        (re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+)", re.escape(english))), translated)
        for english, translated in zip(_sentences(str), _sentences(say(language)), strict=True)
    )
