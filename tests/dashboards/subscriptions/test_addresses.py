"""One mailbox, and nothing that could break a header, an envelope or a list of allowed domains."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import UsageError
from dashboards.subscriptions.readers.addresses import check_domain, check_email


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Ana.O'Brien+news@Carrier.EXAMPLE", "Ana.O'Brien+news@carrier.example"),
        ("  a@b.example\t", "a@b.example"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("a@例え.example", "a@xn--r8jz45g.example"),
        ("root@localhost", "root@localhost"),
        ("a" * 64 + "@b.example", "a" * 64 + "@b.example"),
    ],
)
def test_an_address_is_kept_as_servers_are_asked_for_it(written: str, kept: str) -> None:
    assert check_email(written) == kept


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        ("nobody", "name@example.org"),
        ("a@b.example\r\nBcc: c@d.example", "one address"),
        ("a@b.example, c@d.example", "one address"),
        ("Ann Lee <ann@b.example>", "without a name"),
        ("jürgen@b.example", "another address"),
        ('"ann lee"@b.example', "name@example.org"),
        ("a@[192.0.2.1]", "name@example.org"),
        ("a@192.0.2.1", "name@example.org"),
        (".a@b.example", "name@example.org"),
        ("a..b@b.example", "name@example.org"),
        ("a@-b.example", "name@example.org"),
        ("a@b", "name@example.org"),
        ("a@" + "b" * 64 + ".example", "name@example.org"),
        ("a" * 65 + "@b.example", "name@example.org"),
        ("a@" + "b." * 130 + "example", "name@example.org"),
        ("@b.example", "name@example.org"),
        ("", "name@example.org"),
    ],
)
def test_what_is_no_address_is_refused_with_what_to_write(wrong: str, remedy: str) -> None:
    with pytest.raises(UsageError, match="is not an e-mail address") as refused:
        check_email(wrong)
    assert remedy in refused.value.remedy
    assert "\n" not in str(refused.value)


@given(st.text(max_size=40) | st.from_regex(r"[^@]{1,20}@[^@]{1,20}\.[a-z]{2,5}", fullmatch=True))
def test_no_accepted_address_can_break_out_of_a_header(text: str) -> None:
    try:
        address = check_email(text)
    except UsageError:
        return
    assert not set(address) & set('\r\n<>,;: \t\0"()[]\\')
    assert address.isascii()
    assert address.count("@") == 1
    assert check_email(address) == address


@pytest.mark.parametrize(
    ("email", "allowed", "is_fine"),
    [
        ("a@acme.example", [], True),
        ("a@acme.example", ["other.example", "ACME.example"], True),
        ("a@sub.acme.example", ["acme.example"], False),
        ("a@sub.acme.example", ["*.acme.example"], True),
        ("a@acme.example", ["*.acme.example"], False),
        ("a@notacme.example", ["acme.example", "*.acme.example"], False),
        ("a@acme.example.evil.example", ["acme.example"], False),
        ("a@xn--bcher-kva.example", ["bücher.example"], True),
    ],
)
def test_only_domains_of_the_list_are_allowed(email: str, allowed: list[str], is_fine: bool) -> None:
    if is_fine:
        check_domain(email, allowed, "mail.allowed_domains")
    else:
        with pytest.raises(UsageError, match=r"not allowed \(mail\.allowed_domains"):
            check_domain(email, allowed, "mail.allowed_domains")
