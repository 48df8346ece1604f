"""What holds for every page: headers, limits, no traceback, no token in a log, one answer to any forgery."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from connectors.errors import UsageError
from dashboards.service import leaving, shield
from dashboards.service.app import service
from dashboards.service.failures import Failures
from dashboards.service.run import check, require_free
from dashboards.subscriptions.keeping.links import file_link
from pipelines.settings import load_settings
from pipelines.store import now
from tests.dashboards.service.conftest import CSV, House, Open


def test_every_answer_forbids_copies_traces_frames_and_foreign_content(house: House, visit: Open) -> None:
    ann = house.reader()
    house.sent(ann)
    links = house.links(ann)
    answers = [
        visit(links.unsubscribe),
        visit(links.preferences),
        visit(links.archive),
        visit(f"{links.archive}/1/read"),
        visit(f"{links.archive}/1/mail"),
        visit(file_link(house.settings, "key", CSV.name, now())),
        visit(links.unsubscribe + "x"),
        visit("/nothing"),
        visit("/health"),
    ]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "noindex" in answer.headers["x-robots-tag"]
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "set-cookie" not in answer.headers


def test_the_style_sheet_of_a_page_is_the_one_its_policy_lets_in(house: House, visit: Open) -> None:
    import hashlib
    from base64 import b64encode

    answer = visit(house.links(house.reader()).unsubscribe)
    sheet = answer.text.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["content-security-policy"]


def test_forged_links_of_any_kind_get_one_answer(house: House, visit: Open) -> None:
    ann = house.reader()
    links = house.links(ann)
    token = links.archive.rsplit("/", 1)[1]
    wrong = [
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token[:10],
        "x",
        links.preferences.rsplit("/", 1)[1],
    ]
    pages = {visit(f"/archive/{each}").text for each in wrong}
    assert len(pages) == 1
    assert "not valid" in pages.pop()


def test_an_expired_link_says_so_in_the_readers_language_and_where_to_ask(house: House, visit: Open) -> None:
    ann = house.reader(language="zh")
    old = house.links(ann, now() - timedelta(days=401))
    for link in (old.unsubscribe, old.preferences, old.archive):
        answer = visit(link)
        assert answer.status_code == 410
        assert "已过期" in answer.text
        assert "reports@acme.example" in answer.text
    answer = visit(old.unsubscribe, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 410
    assert house.now(ann).status == "active"


@pytest.mark.parametrize(
    ("asked", "words"), [("zh-CN,zh;q=0.9", "此链接无效"), ("en-GB", "not valid"), ("", "not valid")]
)
def test_who_is_not_known_is_answered_as_the_browser_asks(visit: Open, asked: str, words: str) -> None:
    assert words in visit("/archive/x", headers={"Accept-Language": asked}).text


@pytest.mark.parametrize("size", [shield.MOST + 1, 3_000_000])
def test_a_form_too_large_is_refused(house: House, visit: Open, size: int) -> None:
    ann = house.reader()
    answer = visit(house.links(ann).unsubscribe, {"List-Unsubscribe": "One-Click", "more": "x" * size})
    assert answer.status_code == 413
    assert house.now(ann).status == "active"


def test_a_form_that_does_not_come_is_given_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shield, "_PATIENCE", 0.05)
    sent: list[int] = []

    async def never() -> dict[str, object]:
        await asyncio.sleep(60)
        return {}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            sent.append(int(str(message["status"])))

    path = house.links(house.reader()).unsubscribe.removeprefix(house.settings.service_url)
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"content-type", b"application/x-www-form-urlencoded")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "scheme": "http",
        "http_version": "1.1",
        "root_path": "",
    }
    asyncio.run(service(house.settings)(scope, never, send))  # type: ignore[arg-type]
    assert sent == [408]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(house: House, method: str) -> None:
    ann = house.reader()
    client = TestClient(service(house.settings), base_url=house.settings.service_url)
    assert client.request(method, house.links(ann).unsubscribe).status_code == 405
    assert house.now(ann).status == "active"


def test_too_many_forged_links_from_one_place_wait_and_valid_ones_do_not(house: House) -> None:
    client = TestClient(service(house.settings, Failures(most=3)), base_url=house.settings.service_url)
    answers = [client.get(f"/archive/{number}") for number in range(5)]
    assert [each.status_code for each in answers] == [404, 404, 404, 429, 429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
    ann = house.reader()
    assert client.get(house.links(ann).preferences).status_code == 200


def test_failures_are_counted_for_each_visitor_and_forgotten_after_a_minute() -> None:
    moment = [0.0]
    failures = Failures(most=2, seconds=60, clock=lambda: moment[0])
    assert [failures.note("a"), failures.note("b"), failures.note("a")] == [0, 0, 0]
    moment[0] = 59.5
    assert failures.note("a") == 1
    moment[0] = 60.0
    assert failures.note("a") == 0


def test_an_error_nobody_expected_is_a_number_for_the_reader_and_no_value_in_the_log(
    house: House, visit: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("ann@acme.example has 12 overdrafts")

    monkeypatch.setattr(leaving.readers, "title", broken)
    link = house.links(house.reader()).unsubscribe
    with caplog.at_level(logging.INFO):
        answer = visit(link)
    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert "overdrafts" not in answer.text + caplog.text
    number = answer.text.partition("<code>")[2].partition("</code>")[0]
    assert f"id {number}: ValueError" in caplog.text


def test_an_answer_that_breaks_on_its_way_is_cut_off_and_not_taken_for_whole(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from collections.abc import Iterator

    from dashboards.subscriptions.keeping.kept import Kept

    def pieces(_self: Kept, _name: str) -> Iterator[bytes]:
        yield b"half"
        raise OSError("ann@acme.example: input/output error")

    house.sent(house.reader())
    monkeypatch.setattr(Kept, "pieces", pieces)
    client = TestClient(service(house.settings), base_url=house.settings.service_url)
    with pytest.raises(ConnectionAbortedError) as cut:
        client.get(file_link(house.settings, "key", CSV.name, now()))
    assert cut.value.__suppress_context__
    assert "input/output" not in caplog.text


def test_the_log_tells_what_was_asked_and_neither_token_nor_address(
    house: House, visit: Open, caplog: pytest.LogCaptureFixture
) -> None:
    ann = house.reader()
    links = house.links(ann)
    with caplog.at_level(logging.DEBUG, "dashboards"):
        visit(links.unsubscribe, {"List-Unsubscribe": "One-Click"})
        visit(links.archive + "x")
    assert "POST leaving 200" in caplog.text
    assert "GET past_issues 404" in caplog.text
    for secret in (*(each.rsplit("/", 1)[1] for each in (links.unsubscribe, links.archive)), "ann@", "a…@"):
        assert secret not in caplog.text


@pytest.mark.parametrize("cut_off", [True, False])
def test_behind_a_proxy_all_works_under_a_path(house: House, cut_off: bool) -> None:
    settings = house.settings.model_copy(update={"service_url": "https://acme.example/mail"})
    ann = House(settings).reader()
    House(settings).sent(ann)
    client = TestClient(service(settings))
    outside = House(settings).links(ann).archive.removeprefix("https://acme.example")
    inside = outside.removeprefix("/mail") if cut_off else outside
    page = client.get(inside)
    assert page.status_code == 200
    href = page.text.partition('<a href="')[2].partition('"')[0]
    assert client.get(f"{inside.rsplit('/', 1)[0]}/{href}").status_code == 200
    assert client.get("/health" if cut_off else "/mail/health").json() == {"state": "ok"}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "pages.acme.example"])
def test_others_reach_the_pages_only_with_a_key_that_was_chosen(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("SDA_SERVICE_HOST", host)
    with pytest.raises(UsageError, match="SDA_SIGNING_KEY"):
        check(load_settings())
    monkeypatch.setenv("SDA_SIGNING_KEY", "long enough, and random")
    check(load_settings())


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_on_this_machine_the_homes_own_key_will_do(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("SDA_SERVICE_HOST", host)
    check(load_settings())


def test_a_home_whose_store_is_gone_is_not_healthy(house: House, tmp_path: Path) -> None:
    from pipelines import store

    client = TestClient(service(house.settings), base_url=house.settings.service_url)
    assert client.get("/health").status_code == 200
    engine = store.Store(house.settings).engine
    engine.dispose()
    (house.settings.home / "store.sqlite").unlink()
    (house.settings.home / "store.sqlite").mkdir()
    answer = client.get("/health")
    assert answer.status_code == 503
    assert str(tmp_path) not in answer.text


def test_a_port_that_is_taken_is_told(house: House) -> None:
    import socket

    from connectors.errors import AssistantError

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = house.settings.model_copy(update={"service_port": taken.getsockname()[1]})
        with pytest.raises(AssistantError, match="running already"):
            require_free(settings)
