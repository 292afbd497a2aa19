"""How steadiness is measured, on answers whose steadiness is known; and the table of the replay."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.peers.online import seam_table, table  # noqa: E402
from benchmarks.steadiness import UNKNOWN, compared, judged, late_share, matched, on_a_line, seams  # noqa: E402

FOUND = json.loads((ROOT / "benchmarks" / "results" / "replay.json").read_text(encoding="utf-8"))


@given(st.lists(st.integers(-1, 6), min_size=2, max_size=60), st.permutations(range(7)))
def test_other_ids_for_the_same_topics_are_matched(topics, names):
    before = np.array([*topics, 0])
    after = np.where(before < 0, -1, np.array(names)[before] + 20)
    assert np.array_equal(matched(before, after), before)
    found = compared(before, after)
    assert found["same"] == 0 and found["same when matched"] == 1
    assert found["AMI"] == pytest.approx(1)


@given(st.lists(st.tuples(st.integers(-1, 5), st.integers(-1, 5)), min_size=1, max_size=60))
def test_matching_never_loses_papers_and_never_joins_topics(pairs):
    before, after = np.array([*pairs, (0, 0)]).T
    renamed = matched(before, after)
    inside = before >= 0
    assert np.mean((renamed == before)[inside]) >= np.mean((after == before)[inside])
    assert len(np.unique(renamed)) == len(np.unique(after))
    assert np.array_equal(renamed == -1, after == -1)


def test_a_topic_without_a_match_gets_an_id_of_its_own():
    assert matched(np.array([0, 0, 0]), np.array([4, 4, 0])).tolist() == [0, 0, 1]


def test_papers_that_one_answer_does_not_have_are_left_out():
    found = compared(np.array([0, 0, 1, 1, -1, UNKNOWN]), np.array([0, 1, 1, -1, 2, 5]))
    assert found["same"] == 0.5  # of the four in a topic before, the second and the fourth moved


def test_steps_are_compared_with_the_last_answer_there_is():
    nothing = np.full(4, UNKNOWN)
    answers = np.array([[0, 0, 1, UNKNOWN], nothing, [0, 0, 1, 1], [0, 0, 0, -1]])
    found = judged(answers)
    assert found["steps"] == 2
    assert found["same"] == {"mean": 0.75, "least": 0.5}
    assert found["steps at which most papers moved"] == 0
    assert found["topics"] == [2, 1] and found["unassigned"] == [0, 0.25]
    assert late_share(answers, 3) == [0, 1]


def test_a_line_gives_the_steps_between():
    found = on_a_line([1_000, 3_000], [2.0, 4.0], [1_000, 2_000, 3_000])
    assert found["seconds for 1,000 papers more"] == 1 and found["sum of all steps, by the line"] == 9
    assert found["R squared"] == 1


def test_a_seam_is_seen_and_chance_is_not():
    drawn = np.random.default_rng(0).integers(0, 4, 4_000)
    late = np.arange(4_000) >= 2_000
    assert abs(seams(drawn, late)["z of the unassigned"]) == 0
    assert seams(drawn, late)["largest |z|"] < 3
    lost = np.where(late & (drawn == 0), -1, drawn)
    assert seams(lost, late)["z of the unassigned"] > 10
    assert seams(lost, late)["unassigned, before and after"][0] == 0


def test_the_tables_of_the_replay_say_what_was_measured():
    page = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    assert table(FOUND) in page
    assert seam_table(FOUND) in page
    anew = FOUND["scratch"]
    cpu, line = anew["CPU seconds"], anew["scratch, CPU"]
    ours = cpu["update"]["sum"] + cpu["refit"]["sum"]
    assert f"{ours:.0f} s of processor time" in page
    assert f"{line['sum of all steps, by the line']:,.0f} s" in page
    assert f"{anew['times dearer from nothing, CPU']} times" in page
