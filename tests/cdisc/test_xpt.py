"""Transport files: read back by another program they are the frame, and what they cannot carry is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdisc.files import xpt
from cdisc.specs import Variable

AT = datetime(2025, 6, 30, 12, 0, 5, tzinfo=UTC)
TEXT = Variable("XX", "XXTERM", "A text", "Char", "Topic", "Perm", "")
NUMBER = Variable("XX", "XXSEQ", "A number", "Num", "Identifier", "Perm", "")
LARGEST = 16.0**62


def read(content: bytes, folder: Path) -> pd.DataFrame:
    path = folder / "xx.xpt"
    path.write_bytes(content)
    found: pd.DataFrame = pyreadstat.read_xport(path)[0]
    return found


@given(st.lists(st.floats(-LARGEST, LARGEST, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 16.0**-62), min_size=1))
def test_every_number_is_read_back_to_its_last_bit(tmp_path_factory: pytest.TempPathFactory, numbers: list[float]) -> None:
    frame = pd.DataFrame({"XXSEQ": np.array(numbers, dtype=np.float64)})

    found = read(xpt.encode("XX", "Test", (NUMBER,), frame, AT), tmp_path_factory.mktemp("xpt"))

    assert numbers == found["XXSEQ"].tolist()


@given(st.lists(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=200), min_size=1))
def test_every_ascii_text_is_read_back(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    frame = pd.DataFrame({"XXSEQ": [1.0] * len(texts), "XXTERM": pd.Series(texts, dtype="str")})

    found = read(xpt.encode("XX", "Test", (NUMBER, TEXT), frame, AT), tmp_path_factory.mktemp("xpt"))

    assert texts == found["XXTERM"].tolist()


def test_a_missing_number_stays_missing(tmp_path: Path) -> None:
    frame = pd.DataFrame({"XXSEQ": [1.0, np.nan]})

    found = read(xpt.encode("XX", "Test", (NUMBER,), frame, AT), tmp_path)

    assert found["XXSEQ"].isna().tolist() == [False, True]


def test_a_dataset_without_text_still_has_one_byte_for_it(tmp_path: Path) -> None:
    frame = pd.DataFrame({"XXSEQ": [1.0], "XXTERM": pd.Series([""], dtype="str")})

    assert read(xpt.encode("XX", "Test", (NUMBER, TEXT), frame, AT), tmp_path)["XXTERM"].tolist() == [""]


@pytest.mark.parametrize("text", ["\N{GREATER-THAN OR EQUAL TO} 2", "x" * 201])
def test_what_a_file_cannot_carry_is_refused(text: str) -> None:
    frame = pd.DataFrame({"XXTERM": pd.Series([text], dtype="str")})

    with pytest.raises(ValueError, match=r"ascii|201 bytes"):
        xpt.encode("XX", "Test", (TEXT,), frame, AT)


@pytest.mark.parametrize(
    ("name", "label", "variable"),
    [
        ("TOOLONGXX", "Test", TEXT),
        ("XX", "x" * 41, TEXT),
        ("XX", "Test", Variable("XX", "XXTERM", "x" * 41, "Char", "Topic", "Perm", "")),
    ],
)
def test_a_name_or_label_that_is_too_long_is_refused(name: str, label: str, variable: Variable) -> None:
    frame = pd.DataFrame({"XXTERM": pd.Series(["a"], dtype="str")})

    with pytest.raises(ValueError, match="too long"):
        xpt.encode(name, label, (variable,), frame, AT)


def test_a_number_beyond_the_format_is_refused() -> None:
    with pytest.raises(ValueError, match="range"):
        xpt.ibm_floats(np.array([1e300]))


def test_the_stamp_is_the_one_given() -> None:
    frame = pd.DataFrame({"XXSEQ": [1.0]})

    assert xpt.encode("XX", "Test", (NUMBER,), frame, AT).count(b"30JUN25:12:00:05") == 4


def test_a_numeric_date_is_shown_as_one(tmp_path: Path) -> None:
    """Days since 1960-01-01 with the format DATE9.; a reader of SAS dates sees the day."""
    started = Variable("ADSL", "TRTSDT", "Date of First Exposure to Treatment", "Num", "", "Cond", "")
    frame = pd.DataFrame({"TRTSDT": [(date(2025, 1, 20) - date(1960, 1, 1)).days, np.nan]})

    found = read(xpt.encode("ADSL", "Test", (started,), frame, AT), tmp_path)

    assert found["TRTSDT"].iloc[0] == date(2025, 1, 20)
    assert pd.isna(found["TRTSDT"].iloc[1])
