"""What the bank's pages and reports are called and what they say of themselves."""

from dashboards.decide.words import Deciding
from dashboards.wording import Say


def title(_: Say) -> str:
    return _("Credit portfolio")


def purpose(_: Say) -> str:
    """What the numbers are for, and what they are not."""
    return _(
        "The score is the probability that a loan defaults within twelve months of its application. It "
        "is meant for reviewing applications and setting money aside, together with the reasons given. "
        "It must not be the only ground for refusing anyone: a person decides, and tells the applicant "
        "why. Scored are the applications of the last 90 days that were not declined."
    )


def deciding(_: Say) -> Deciding:
    """Approving or turning down applications."""
    return Deciding(
        about=_(
            "Applications below the threshold would be approved, those at or above it turned down. A lower "
            "threshold avoids more losses and turns down more good customers. The threshold proposes; a "
            "person decides on each application."
        ),
        threshold=_("Turn applications down from this score on"),
        acted=_("Turned down"),
        rest=_("Approved"),
        found=_("Defaults avoided"),
        missed=_("Defaults among the approved"),
        effort=_("Turned down for one default avoided"),
        capacity=_("Or: how many may be turned down?"),
        miss=_("Of 100 lent, a default loses"),
        alarm=_("Of 100 not lent, a good customer turned down forgoes"),
        to_list=_("Open the list of applications to turn down"),
        goes_ahead=True,
        loss=_("Expected loss of the approved"),
        turned_away=_("Good customers turned down"),
    )


def value_words(_: Say) -> dict[str, str]:
    """The codes of the bank's tables in words."""
    return {
        "car": _("car"),
        "home": _("home"),
        "debt_consolidation": _("debt consolidation"),
        "education": _("education"),
        "medical": _("medical treatment"),
        "business": _("business"),
        "other": _("other"),
        "employed": _("employed"),
        "self_employed": _("self-employed"),
        "unemployed": _("unemployed"),
        "retired": _("retired"),
        "student": _("student"),
        "own": _("own home"),
        "mortgage": _("mortgage"),
        "rent": _("rented"),
        "family": _("with family"),
        "branch": _("branch"),
        "online": _("online"),
        "broker": _("broker"),
        "approved": _("approved"),
        "declined": _("declined"),
        "female": _("female"),
        "male": _("male"),
        "single": _("single"),
        "married": _("married"),
        "divorced": _("divorced"),
        "widowed": _("widowed"),
        "salary": _("salary"),
        "transfer_in": _("transfer received"),
        "transfer_out": _("transfer sent"),
        "card": _("card payment"),
        "cash": _("cash withdrawal"),
        "direct_debit": _("direct debit"),
        "returned_debit": _("returned direct debit"),
        "fee": _("fee"),
        "interest": _("interest"),
        "transactions": _("transaction"),
        "loans": _("loan application"),
    }
