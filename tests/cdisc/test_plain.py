"""CSV and Parquet: read back by other programs they are the datasets, with every column and every table whatever the data."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from cdisc import specs
from cdisc.columns import blank
from cdisc.files import plain
from cdisc.files.batches import coded
from cdisc.sdtm import datasets as sdtm
from cdisc.specs import Variable
from tests.cdisc import build

TEXT = Variable("XX", "XXTERM", "A text", "Char", "Topic", "Perm", "")
NUMBER = Variable("XX", "XXSTRESN", "A number", "Num", "Result Qualifier", "Perm", "")
WHOLE = Variable("XX", "XXSEQ", "A sequence number", "Num", "Identifier", "Req", "")
DATE = Variable("XX", "XXDT", "A date", "Num", "", "Perm", "")
VARIABLES = (WHOLE, TEXT, NUMBER, DATE)
FRAME = pd.DataFrame(
    {
        "XXSEQ": [1.0, 2.0, 3.0],
        "XXTERM": pd.Series(['Rash, "malar"', "", "two\nlines"], dtype="str"),
        "XXSTRESN": [0.1, np.nan, 1e-7],
        "XXDT": [np.nan, 0.0, 23750.0],
    }
)


def as_csv(frame: pd.DataFrame, variables: tuple[Variable, ...] = VARIABLES) -> str:
    file = io.BytesIO()
    plain.write_csv(file, variables, [coded(variables, frame)])
    return file.getvalue().decode("ascii")


def as_parquet(*blocks: pd.DataFrame) -> bytes:
    file = io.BytesIO()
    plain.write_parquet(file, VARIABLES, [coded(VARIABLES, block) for block in blocks], "A dataset")
    return file.getvalue()


def test_csv_is_as_rfc_4180_has_it() -> None:
    """Header, CRLF, quotes doubled, empty where missing; numbers as they are, whole ones whole, dates as dates."""
    assert as_csv(FRAME) == (
        'XXSEQ,XXTERM,XXSTRESN,XXDT\r\n1,"Rash, ""malar""",0.1,\r\n2,,,1960-01-01\r\n3,"two\nlines",0.0000001,2025-01-09\r\n'
    )
    assert list(csv.reader(io.StringIO(as_csv(FRAME), newline="")))[3] == ["3", "two\nlines", "0.0000001", "2025-01-09"]


def test_parquet_has_types_nulls_and_labels() -> None:
    table = pq.read_table(io.BytesIO(as_parquet(FRAME)))

    assert table.to_pydict()["XXSEQ"] == [1, 2, 3]
    assert table.to_pydict()["XXTERM"] == ['Rash, "malar"', None, "two\nlines"]
    assert table.to_pydict()["XXSTRESN"] == [0.1, None, 1e-7]
    assert [str(day) for day in table.to_pydict()["XXDT"]] == ["None", "1960-01-01", "2025-01-09"]
    assert [table.field(each.name).metadata[b"label"].decode() for each in VARIABLES] == [each.label for each in VARIABLES]
    assert table.schema.metadata[b"label"] == b"A dataset"


def test_parquet_does_not_show_in_which_blocks_the_rows_came(monkeypatch: pytest.MonkeyPatch) -> None:
    """F4: groups of rows are made anew, so that a row more or less in a block moves nothing."""
    monkeypatch.setattr(plain, "ROWS_AT_ONCE", 2)

    assert as_parquet(FRAME) == as_parquet(FRAME.iloc[:1], FRAME.iloc[1:]) == as_parquet(*(FRAME.iloc[[n]] for n in range(3)))


@pytest.mark.parametrize("name", ["LB", "SUPPAE", "TS"])
def test_a_dataset_leaves_with_every_variable_and_as_it_is(name: str) -> None:
    frame = sdtm.datasets(build.frames(), build.trial())[name]
    columns = {each.name: frame.get(each.name, blank(each.type, frame.index)) for each in specs.variables(name)}
    whole = pd.DataFrame(columns)

    found = pd.read_csv(io.StringIO(as_csv(whole, specs.variables(name))), keep_default_na=False, dtype=str)

    assert found.columns.tolist() == [each.name for each in specs.variables(name)]
    for variable in specs.sent_variables(name, frame):
        if variable.type == "Char":
            assert found[variable.name].tolist() == frame[variable.name].tolist()
        else:
            read = pd.to_numeric(found[variable.name], errors="coerce")
            np.testing.assert_array_equal(read.to_numpy(dtype=float), frame[variable.name].to_numpy())
