"""What a plan says of its making is known in every language, whoever wrote the sentence."""

import ast
from pathlib import Path

import numpy as np
import pytest

import analytics.routing
from analytics.routing import windows
from analytics.routing.mending import mended
from analytics.routing.problem import Place
from analytics.routing.remarks import Remarks
from analytics.routing.travel import travel_for
from dashboards.domains.logistics.plan_notes import intervals_in_words, notes_of, source_in_words
from pipelines.settings import Settings


def _remarks() -> set[str]:
    """Every remark that is written out in the planning, as literals of `remarks.add`."""
    found = {windows.BACKWARDS, windows.OVERLAPPING, windows.OUTSIDE}
    for file in Path(next(iter(analytics.routing.__path__))).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "remarks.add":
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    return found


REMARKS = sorted(_remarks())


@pytest.mark.parametrize("remark", REMARKS)
def test_every_remark_on_the_input_is_known(remark: str) -> None:
    remarks = Remarks()
    of_the_depot = "of the depot" in remark
    remarks.add(remark, *(() if of_the_depot else [f"S{n}" for n in range(13)]))
    (sentence,) = remarks.sentences()
    told = source_in_words(sentence, "zh")

    assert len(REMARKS) > 7
    assert source_in_words(sentence, "en") == sentence
    assert told != sentence
    assert "more" not in told
    assert of_the_depot or ("S0, S1" in told and "3" in told)


def test_everything_that_is_mended_in_a_matrix_is_known() -> None:
    seconds = np.array([[5.0, 10, 400], [10, 0, -1], [np.nan, 10, 0]])
    notes = mended(seconds * 10, seconds, lambda: (seconds, seconds))[2]
    broken = np.array([[0.0, 1, 500], [1, 0, 1], [500, 1, 0]])
    notes += mended(broken, broken, lambda: (broken, broken))[2]

    assert len(notes) >= 4
    assert [note for note in notes if source_in_words(note, "zh") == note] == []


def test_the_source_of_travel_times_is_known(home: Settings) -> None:
    travel = travel_for(home, [Place(51.5, 7.4), Place(51.6, 7.5)], None)

    assert source_in_words(travel.source, "zh") == "大圆距离×1.35，车速35公里/小时"
    assert all(source_in_words(note, "zh") != note for note in travel.notes)


def test_notes_of_a_plan_are_sentences_in_the_readers_language() -> None:
    stored = '["Windows that overlap were merged: S1, S2 and 3 more.", "Something new."]'

    assert notes_of(stored, "zh") == ["重叠的时窗已合并：S1, S2等另外3个。", "Something new."]
    assert notes_of(None, "zh") == []


def test_intervals_say_whether_a_model_made_them() -> None:
    assert intervals_in_words("past trips", "en") == "from the spread of past trips"
    assert intervals_in_words("20261101-1", "en") == "from the model 20261101-1"
    assert intervals_in_words(None, "en") == ""
