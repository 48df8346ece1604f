"""What a model says of itself: that its scores only rank, how far off its values are."""

from dashboards.models.measures import in_a_sentence, warning


def test_a_model_that_only_ranks_warns_in_both_languages() -> None:
    assert "order" in warning({"only_ranks": True}, "en")
    assert "次序" in warning({"only_ranks": True}, "zh")


def test_other_models_and_older_versions_warn_of_nothing() -> None:
    assert warning({"only_ranks": False}, "en") == warning({}, "zh") == warning(None, "en") == ""


def test_an_error_of_values_is_told_in_their_unit() -> None:
    figures = {"mae": 9.7, "r2": 0.73}
    assert "it is 9.70 min off on average" in in_a_sentence("regression", figures, "en", "min")
    assert "9.70 分钟" in in_a_sentence("regression", figures, "zh", "min")
    assert "it is 9.70 off" in in_a_sentence("regression", figures, "en")
