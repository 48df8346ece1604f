"""E-mail addresses of subscribers: one mailbox each, written so that no header and no envelope can break.

Taken are addresses with a plain local part (dot-atom of RFC 5322, ASCII: others need SMTPUTF8, which many
servers lack) and a domain by name; an international domain is kept as servers are asked for it (IDNA 2008,
UTS 46). Quoted local parts and addresses by number are not taken: nobody's mailbox needs them.
"""

import re
from collections.abc import Sequence

from connectors.errors import UsageError

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
_DOMAIN = re.compile(rf"({_LABEL}\.)+{_LABEL}|localhost")
# Octets, by RFC 5321 (4.5.3.1) and RFC 1035.
_LONGEST_ADDRESS, _LONGEST_LOCAL, _LONGEST_LABEL = 254, 64, 63
_EXAMPLE = "Write it like name@example.org."
_SHOWN = 80


def check_email(address: str) -> str:
    """`address`, trimmed and with its domain in lower case and ASCII; raises UsageError if it is none."""
    trimmed = address.strip()
    local, at, domain = trimmed.rpartition("@")
    problem, remedy = "", _EXAMPLE
    if trimmed.endswith(">"):
        remedy = "Write the address alone, without a name and without < and >."
    elif len(trimmed.split("@")) > 2 and '"' not in trimmed:
        remedy = "Write one address: each subscription has one reader."
    elif at and not local.isascii():
        problem = "The part before the @ is not plain ASCII, which many mail servers do not take."
        remedy = "Ask for another address of the reader."
    elif at and _LOCAL.fullmatch(local) and len(local) <= _LONGEST_LOCAL and (known := _ascii(domain)):
        whole = f"{local}@{known}"
        if len(whole) <= _LONGEST_ADDRESS:
            return whole
    raise UsageError(f"«{_shown(trimmed)}» is not an e-mail address. {problem}".strip(), remedy)


def check_domain(email: str, allowed: Sequence[str], whose: str) -> None:
    """Raises UsageError where the domain of a checked `email` is not among `allowed` (none: all are).

    `*.example.org` allows every domain below example.org. `whose` names the list: the entry to change.
    """
    domain = email.rpartition("@")[2]
    if not allowed or any(_matches(domain, entry) for entry in allowed):
        return
    raise UsageError(
        f"Addresses at {domain} are not allowed ({whose} allows {', '.join(allowed)}).",
        f"Take an address there, or add the domain to {whose} in assistant.toml.",
    )


def _matches(domain: str, entry: str) -> bool:
    below, _, rest = entry.strip().rpartition("*.")
    known = _ascii(rest)
    return not below and bool(known) and (domain.endswith(f".{known}") if "*." in entry else domain == known)


def _ascii(domain: str) -> str:
    """The domain as a name server knows it; "" if it is none."""
    import idna

    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode()
        except (idna.IDNAError, UnicodeError):
            return ""
    domain = domain.lower()
    is_name = _DOMAIN.fullmatch(domain) and not domain.rpartition(".")[2].isdigit()
    return domain if is_name and all(len(each) <= _LONGEST_LABEL for each in domain.split(".")) else ""


def _shown(text: str) -> str:
    """What was typed, in a line of an error message."""
    plain = "".join(letter if letter.isprintable() else "�" for letter in text[:_SHOWN])
    return plain + ("…" if len(text) > _SHOWN else "")
