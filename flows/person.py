"""Who sits at the terminal, for the audit."""

import getpass


def this_person() -> str:
    """The user's name on this machine; «unknown» where the machine has no name for them (some containers)."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
