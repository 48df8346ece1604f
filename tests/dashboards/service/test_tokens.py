"""Tokens: whatever is changed in one, it opens nothing; nor for another purpose, another reader, later."""

from datetime import UTC, datetime, timedelta
from string import ascii_letters, digits

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from dashboards.subscriptions.keeping.links import confirm_link, file_link, links_for, subject_for, visit
from dashboards.subscriptions.keeping.tokens import (
    LONGEST,
    ExpiredTokenError,
    ForgedTokenError,
    opened,
    subject_of,
    token,
)
from pipelines.settings import Settings
from pipelines.store import Store, Subscription
from tests.dashboards.service.conftest import House

PURPOSES = ("unsubscribe", "preferences", "archive", "confirm", "file")
ENDS = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
BEFORE = ENDS - timedelta(seconds=1)
LETTERS = ascii_letters + digits + "-_"

of_one_home = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
subjects = st.text(min_size=1, max_size=60).filter(lambda text: text.isprintable())


@of_one_home
@given(subject=subjects, purpose=st.sampled_from(PURPOSES), moment=st.datetimes(datetime(1971, 1, 1)))
def test_what_goes_in_comes_out_and_is_the_same_each_time(
    home: Settings, subject: str, purpose: str, moment: datetime
) -> None:
    ends = moment.replace(tzinfo=UTC)
    made = token(home, purpose, subject, ends)  # type: ignore[arg-type]
    assert made == token(home, purpose, subject, ends)  # type: ignore[arg-type]
    assert set(made) <= set(LETTERS)
    content = opened(home, purpose, made, ends - timedelta(days=1))  # type: ignore[arg-type]
    assert content.subject == subject
    assert content.expires_at == ends.replace(microsecond=0)


@of_one_home
@given(data=st.data())
def test_a_token_with_any_letter_changed_dropped_or_added_opens_nothing(
    home: Settings, data: st.DataObject
) -> None:
    made = token(home, "archive", "12.abcdefghijkl", ENDS)
    place = data.draw(st.integers(0, len(made) - 1))
    letter = data.draw(st.sampled_from(LETTERS).filter(lambda each: each != made[place]))
    for wrong in (
        made[:place] + letter + made[place + 1 :],
        made[:place] + made[place + 1 :],
        made[:place] + letter + made[place:],
        made[:place],
        made + letter,
    ):
        if wrong != made:
            with pytest.raises(ForgedTokenError):
                opened(home, "archive", wrong, BEFORE)


@of_one_home
@given(text=st.text(max_size=200))
def test_any_text_is_refused_in_the_same_words(home: Settings, text: str) -> None:
    with pytest.raises(ForgedTokenError, match="not valid"):
        opened(home, "unsubscribe", text, BEFORE)


def test_a_token_of_any_length_is_refused_at_once(home: Settings) -> None:
    with pytest.raises(ForgedTokenError):
        opened(home, "file", "A" * (LONGEST + 1), BEFORE)


@pytest.mark.parametrize("made_for", PURPOSES)
@pytest.mark.parametrize("used_for", PURPOSES)
def test_a_token_opens_only_what_it_was_made_for(home: Settings, made_for: str, used_for: str) -> None:
    made = token(home, made_for, "5.x", ENDS)  # type: ignore[arg-type]
    if made_for == used_for:
        assert subject_of(home, used_for, made, BEFORE) == "5.x"  # type: ignore[arg-type]
    else:
        with pytest.raises(ForgedTokenError):
            subject_of(home, used_for, made, BEFORE)  # type: ignore[arg-type]


@of_one_home
@given(seconds=st.integers(-(10**9), 10**9))
def test_a_token_opens_until_its_second_and_not_in_it_or_later(home: Settings, seconds: int) -> None:
    at = ENDS + timedelta(seconds=seconds)
    made = token(home, "file", "k/a.csv", ENDS)
    if seconds < 0:
        assert subject_of(home, "file", made, at) == "k/a.csv"
    else:
        with pytest.raises(ExpiredTokenError, match="2026-12-01") as ended:
            subject_of(home, "file", made, at)
        assert ended.value.subject == "k/a.csv"


def test_a_token_of_another_key_opens_nothing(home: Settings) -> None:
    other = home.model_copy(update={"signing_key": SecretStr("another key, long enough")})
    with pytest.raises(ForgedTokenError):
        opened(other, "file", token(home, "file", "x", ENDS), BEFORE)


def of(link: str) -> str:
    return link.rsplit("/", 1)[1]


def test_the_links_of_a_mail_are_the_same_again_and_lead_to_its_reader(house: House) -> None:
    ann, bob = house.reader(), house.reader("bob@acme.example")
    period = datetime(2026, 11, 2, 7, tzinfo=UTC)
    links = links_for(house.settings, ann, period)
    assert links == links_for(house.settings, house.now(ann), period)
    assert links != links_for(house.settings, bob, period)
    assert visit(house.settings, "archive", of(links.archive), period).subscription.id == ann.id
    with pytest.raises(ExpiredTokenError):
        visit(house.settings, "archive", of(links.archive), period + timedelta(days=400))
    with pytest.raises(ForgedTokenError):
        visit(house.settings, "unsubscribe", of(links.archive), period)


def test_leaving_works_for_sixty_days_however_short_the_archive(house: House) -> None:
    brief = house.settings.model_copy(
        update={"mail": house.settings.mail.model_copy(update={"archive_days": 1})}
    )
    ann, period = house.reader(), datetime(2026, 11, 2, 7, tzinfo=UTC)
    link = of(links_for(brief, ann, period).unsubscribe)
    assert visit(brief, "unsubscribe", link, period + timedelta(days=59)).subscription.id == ann.id


def test_a_number_given_out_again_after_a_restore_is_another_reader(house: House) -> None:
    ann = house.reader()
    link = of(house.links(ann).preferences)
    with Store(house.settings).session() as session:
        session.delete(session.get_one(Subscription, ann.id))
    bob = house.reader("bob@acme.example", id=ann.id)
    with pytest.raises(ForgedTokenError):
        visit(house.settings, "preferences", link)
    house.change(bob, email=ann.email)
    assert visit(house.settings, "preferences", link).subscription.id == ann.id


def test_the_subject_of_a_token_shows_no_address(house: House) -> None:
    # With a key of its own: of the letters that a random one makes, some may spell a name by chance.
    settings = house.settings.model_copy(update={"signing_key": SecretStr("the same key in every run")})
    ann, bob = house.reader(), house.reader(f"{'b' * 60}@acme.example")
    assert "ann" not in subject_for(settings, ann)
    assert "acme" not in subject_for(settings, ann)
    assert len(subject_for(settings, ann)) == len(subject_for(settings, bob))


def test_a_file_link_lasts_as_long_as_the_settings_say_and_a_confirmation_two_weeks(house: House) -> None:
    period = datetime(2026, 11, 2, 7, tzinfo=UTC)
    file = of(file_link(house.settings, "key", "表格 «1».csv", period))
    last = period + timedelta(days=house.settings.mail.link_days) - timedelta(seconds=1)
    assert subject_of(house.settings, "file", file, last) == "key/表格 «1».csv"
    with pytest.raises(ExpiredTokenError):
        subject_of(house.settings, "file", file, last + timedelta(seconds=1))
    confirm = of(confirm_link(house.settings, house.reader(), period))
    with pytest.raises(ExpiredTokenError):
        visit(house.settings, "confirm", confirm, period + timedelta(days=14))


def test_the_end_of_time_is_no_trouble(house: House) -> None:
    last = datetime.max.replace(tzinfo=UTC)
    link = of(links_for(house.settings, house.reader(), last).archive)
    assert visit(house.settings, "archive", link, last - timedelta(days=1)).expires_at.year == 9999


def test_links_lie_under_the_path_of_the_service(house: House) -> None:
    under = house.settings.model_copy(update={"service_url": "https://acme.example/mail/"})
    assert links_for(under, house.reader(), ENDS).archive.startswith("https://acme.example/mail/archive/")
