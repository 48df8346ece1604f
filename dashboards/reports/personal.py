"""What stands at the end of a mail for one reader only: why it came, the links to leave and to change it."""

from dataclasses import dataclass

import htpy as h

from dashboards.wording import say

_LINK = "color:#52606D;text-decoration:underline"


@dataclass(frozen=True)
class Personal:
    """The reader's address and links; "" for a link that there is none of."""

    recipient: str
    unsubscribe: str = ""
    preferences: str = ""
    archive: str = ""
    why: str = ""  # the mail came, with the reader's `{address}`

    def in_html(self, language: str) -> str:
        """The lines as HTML, on a line of their own."""
        links = [h.a(".quiet", href=address, style=_LINK)[words] for words, address in self._links(language)]
        between = [part for link in links for part in (" · ", link)][1:]
        return f"\n{h.fragment[self._why(language), h.br, between]}\n"

    def in_text(self, language: str) -> str:
        """The lines as plain text."""
        return "\n".join([self._why(language), *(": ".join(link) for link in self._links(language)), ""])

    def _why(self, language: str) -> str:
        _ = say(language)
        why = self.why or _("You get this mail because {address} is subscribed to it.")
        return why.format(address=self.recipient)

    def _links(self, language: str) -> list[tuple[str, str]]:
        _ = say(language)
        links = (
            (_("Unsubscribe"), self.unsubscribe),
            (_("Change what you get"), self.preferences),
            (_("Past issues"), self.archive),
        )
        return [(words, address) for words, address in links if address]
