"""When a mail that was put off is tried again: exponential back-off with jitter, and an end to it."""

from datetime import datetime, timedelta
from random import SystemRandom

# The retries within a run of the flow (`flows.deliver`: after 30, 120 and 600 s) find a mail due; later ones
# come with the next runs.
FIRST_WAIT = timedelta(seconds=20)
FACTOR = 4
LONGEST_WAIT = timedelta(hours=4)
JITTER = 0.25  # share by which a wait differs, so that senders that failed together do not return together
# A mail that a server puts off is given up after so many tries over so many days (RFC 5321, 4.5.4.1).
MOST_ATTEMPTS = 20
GIVE_UP_AFTER = timedelta(days=5)
_CHANCE = SystemRandom()


def wait(attempts: int) -> timedelta:
    """How long to wait after so many tries (at least one)."""
    steps = min(max(attempts, 1) - 1, 32)  # no power that overflows
    longest = LONGEST_WAIT.total_seconds()
    seconds = min(FIRST_WAIT.total_seconds() * float(FACTOR) ** steps, longest)
    return timedelta(seconds=seconds * _CHANCE.uniform(1 - JITTER, 1 + JITTER))


def is_given_up(attempts: int, period: datetime, at: datetime) -> bool:
    """Whether a mail of `period` that was tried so often has been tried long enough."""
    return attempts >= MOST_ATTEMPTS and at - period > GIVE_UP_AFTER
