"""What the bench measures is what it says: two ways to the same verdicts, and to the same files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules import derive
from bench import exporting, filling, plain_pandas, report, results, vectorised
from bench.derive import SAME, equal
from tests.servers import SqliteServer


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_rules_say_of_complete_data_what_whole_array_arithmetic_says(seed: int) -> None:
    """An oracle that shares no code with the rules: SLEDAI-2K, SRI-4, LLDAS and DORIS at every visit."""
    cohort = vectorised.cohort(3, 8, seed)
    found = [derive.verdicts(each, SAME) for each in vectorised.facts(cohort)]

    equal(vectorised.said(cohort), found)


def test_the_study_of_the_bench_has_responders_and_others() -> None:
    said = vectorised.said(vectorised.cohort(100, 20))

    assert all(0.1 < said[rule].mean() < 0.9 for rule in SAME[1:])


@pytest.mark.parametrize("rule", SAME)
def test_one_verdict_that_differs_is_told(rule: str) -> None:
    cohort = vectorised.cohort(2, 3)
    found = [derive.verdicts(each, SAME) for each in vectorised.facts(cohort)]
    floor = vectorised.said(cohort)
    floor[rule] = np.where(np.arange(floor[rule].size).reshape(floor[rule].shape) == 1, floor[rule] ^ 1, floor[rule])

    with pytest.raises(AssertionError, match=f"{rule}: the rules and the arrays differ"):
        equal(floor, found)


def test_both_ways_to_the_files_of_the_results_say_the_same(
    sqlite_server: SqliteServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`measure` compares all three files of both; two subjects at one hour have what a thousand have at five."""
    monkeypatch.setattr(results, "HOURS", range(8, 9))
    found = results.measure(sqlite_server, 2 * results.OF_SUBJECT, lambda: None)

    assert found.rows == 2 * 20 * len(results.TESTS)
    assert set(found.ours.steps) == set(found.plain.steps)
    assert f"{found.rows:,}" in "\n".join(report.results(found))


def test_a_result_that_differs_between_both_ways_is_told(tmp_path: Path) -> None:
    for folder, value in (("ours", "1.5"), ("plain", "1.6")):
        path = tmp_path / folder / results.TRANSPORT
        path.parent.mkdir(parents=True)
        plain_pandas.write_transport(pd.DataFrame({"LBORRES": [value]}), path)

    with pytest.raises(AssertionError, match="LBORRES"):
        results.same(tmp_path / "ours", tmp_path / "plain")


def test_a_study_is_filled_and_exported_past_every_gate(sqlite_server: SqliteServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "UNPLANNED", filling.UNPLANNED[:1])
    filled, exported = exporting.measure(sqlite_server, 2, lambda: None)

    assert filled.records > 300
    assert exported.rows > filled.records
