"""Scores that only rank say so, in both languages; others say nothing."""

from dashboards.models.measures import warning


def test_a_model_that_only_ranks_warns_in_both_languages() -> None:
    assert "order" in warning({"only_ranks": True}, "en")
    assert "次序" in warning({"only_ranks": True}, "zh")


def test_other_models_and_older_versions_warn_of_nothing() -> None:
    assert warning({"only_ranks": False}, "en") == warning({}, "zh") == warning(None, "en") == ""
