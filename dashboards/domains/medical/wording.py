"""What the clinic's pages and reports are called and what they say of themselves."""

from dashboards.decide.words import Deciding
from dashboards.wording import Say


def title(_: Say) -> str:
    return _("Patient risk")


def notice(_: Say) -> str:
    """What must stand on everything shown of a patient's risk."""
    return _(
        "This is not a diagnosis. The scores are statistical estimates from records, for deciding whom "
        "to invite to an examination. They do not replace a clinician's judgement, and nobody may be "
        "refused care because of one."
    )


def purpose(_: Say) -> str:
    """What the numbers are for, and what they are not."""
    return _(
        "The score is the probability that a patient who never had type 2 diabetes is diagnosed with it "
        "within twelve months. It is meant for planning check-ups and prevention. A low score is no "
        "reason not to examine anyone."
    )


def deciding(_: Say) -> Deciding:
    """Calling patients in for a check-up."""
    return Deciding(
        about=_(
            "Patients at or above the threshold would be called in for a check-up. A lower threshold finds "
            "more cases early and calls more people who will stay well. Who is not called is not safe: "
            "whoever has complaints is examined, whatever the score."
        ),
        threshold=_("Call patients from this score on"),
        acted=_("Patients to call"),
        rest=_("Not called"),
        found=_("Cases found"),
        missed=_("Cases missed"),
        effort=_("Calls for one case found"),
        capacity=_("Or: how many can you call?"),
        miss=_("A case found a year late costs"),
        alarm=_("A call for nothing costs"),
        to_list=_("Open the list of patients to call"),
    )


def value_words(_: Say) -> dict[str, str]:
    """The codes of the clinic's tables in words."""
    return {
        "female": _("female"),
        "male": _("male"),
        "other": _("other"),
        "unknown": _("unknown"),
        # smoking
        "current": _("smokes"),
        "former": _("smoked in the past"),
        "never": _("never smoked"),
        # HL7 MaritalStatus
        "M": _("married"),
        "S": _("never married"),
        "D": _("divorced"),
        "W": _("widowed"),
        # LOINC codes that often come without their text
        "8480-6": _("systolic blood pressure"),
        "8462-4": _("diastolic blood pressure"),
        "conditions": _("diagnosis"),
        "observations": _("measurement"),
        "encounters": _("visit"),
        "medication_requests": _("prescription"),
        "active": _("active"),
        "resolved": _("resolved"),
        "finished": _("finished"),
        "in-progress": _("ongoing"),
        "completed": _("completed"),
        "stopped": _("stopped"),
    }
