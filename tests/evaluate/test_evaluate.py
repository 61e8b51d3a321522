"""The bench as a whole: worked cases of every system, errors of one case alone, the comparison, the command."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from app.cli import app
from app.errors import Invalid
from app.evaluate import cases
from app.evaluate.cases import Difference, differences, evaluate, read, results
from app.evaluate.systems import SYSTEMS
from tests.evaluate import build

FILE = Path(__file__).parent / "cases.json"
WORKED: list[dict[str, Any]] = read(FILE.read_bytes())
LUPUS = build.case(build.baseline(), build.m2(), build.m3())
ONE_OF_EACH = list({each["system"]: each for each in [*WORKED, LUPUS] if each["inputs"]}.values())


def named(id_: str) -> dict[str, Any]:
    """A worked case of one's own to change."""
    return copy.deepcopy(next(each for each in WORKED if each["id"] == id_))


@pytest.mark.parametrize("case", WORKED, ids=[case["id"] for case in WORKED])
def test_a_worked_case(case: dict[str, Any]) -> None:
    answer = evaluate(case)

    assert "error" not in answer
    assert (case["id"], case["system"]) == (answer["id"], answer["system"])
    assert [] == list(differences(case, answer))


def test_every_system_has_a_worked_case() -> None:
    assert set(SYSTEMS) == {case["system"] for case in ONE_OF_EACH}
    assert len(WORKED) == len({case["id"] for case in WORKED})


def test_an_answer_names_the_rule_and_what_it_rests_on() -> None:
    answer = evaluate(named("CRS: temperature not recorded"))

    assert ("crs", "1") == (answer["rule"], answer["rule_version"])
    assert {"fever": None, "hypotension": True, "hypoxia": False} == answer["result"]["criteria"]
    assert "hypotension by the investigator: yes" in answer["result"]["because"]
    assert "highest temperature: not recorded" in answer["result"]["because"]


def test_a_unit_that_cannot_be_converted_says_why() -> None:
    answer = evaluate(named("CTCAE: cells in a field are no count"))

    assert answer["result"]["missing"] == [
        "a unit of Neutrophil count decreased that can be converted to 10^9/L; reported in cells/HPF"
    ]


BAD: list[tuple[str, str, Any, str, str]] = [
    ("CRS: no fever, nothing else", "hypotension", "yes", "bad_type", "/inputs/hypotension"),
    ("CRS: no fever, nothing else", "o2_device", "TENT", "unknown_value", "/inputs/o2_device"),
    ("CRS: no fever, nothing else", "temperature", {"value": 37}, "missing", "/inputs/temperature/unit"),
    ("CRS: no fever, nothing else", "temperature", 37, "not_an_object", "/inputs/temperature"),
    ("CRS: no fever, nothing else", "vasopressors", ["EPINEPHRINE", 1], "bad_type", "/inputs/vasopressors"),
    ("CRS: no fever, nothing else", "sbp_mmhg", -1, "bad_value", "/inputs/sbp_mmhg"),
    ("CRS: no fever, nothing else", "sbp_mmhg", Decimal("1E+9999"), "bad_value", "/inputs/sbp_mmhg"),
    ("CRS: no fever, nothing else", "age_years", 151, "bad_value", "/inputs/age_years"),
    ("CRS episode: none", "assessments", None, "missing", "/inputs/assessments"),
    ("CRS episode: none", "assessments", [{"datetime": "yesterday"}], "bad_value", "/inputs/assessments/0/datetime"),
    ("ICANS: born on a leap day", "birth_date", "2026-01-01", "bad_value", "/inputs/birth_date"),
    ("ICANS: born on a leap day", "ice", {"year": 2}, "bad_value", "/inputs/ice/year"),
    ("ICANS: born on a leap day", "baseline_capd", Decimal("1.5"), "bad_value", "/inputs/baseline_capd"),
    ("CAPD: nine", "answers", ["NEVER"], "bad_value", "/inputs/answers"),
    ("CAPD: nine", "answers", ["OFTEN"] * 7 + ["Often"], "unknown_value", "/inputs/answers/7"),
    ("CTCAE: platelets of 25", "term", "Platelets", "unknown_value", "/inputs/term"),
    ("3+3: none of three", "dlt", 4, "bad_value", "/inputs/dlt"),
    ("3+3: none of three", "level_status", {"top": None}, "bad_value", "/inputs/level_status/top"),
    ("BOIN: 3 of 3 is", "target", 1, "bad_value", "/inputs/target"),
    ("BOIN: 3 of 3 is", "p_tox", Decimal("0.2"), "bad_value", "/inputs/target"),
    ("BOIN: 3 of 3 is", "eliminated_levels", 3, "bad_type", "/inputs/eliminated_levels"),
    ("ICAHT: two higher days join the runs", "anc_by_day", {"a/b~c": 1}, "bad_value", "/inputs/anc_by_day/a~1b~0c"),
    ("ICAHT: late", "anc_lowest_two_per_ul", 480, "bad_type", "/inputs/anc_lowest_two_per_ul"),
    ("MG-ADL to one", "baseline", 25, "bad_value", "/inputs/baseline"),
    ("ICAHT: late", "window", None, "missing", "/inputs/window"),
]


@pytest.mark.parametrize(("id_", "key", "value", "code", "pointer"), BAD, ids=[f"{bad[0]}, {bad[1]}, {bad[2]}" for bad in BAD])
def test_a_malformed_input_is_an_error_of_its_case(id_: str, key: str, value: Any, code: str, pointer: str) -> None:
    case = named(id_)
    case["inputs"][key] = value
    answer = evaluate(case)

    assert {"id", "error"} == set(answer)
    assert (code, pointer) == (answer["error"]["code"], answer["error"]["pointer"])
    assert answer["error"]["detail"]


def test_a_timepoint_that_is_neither_planned_nor_a_visit_is_an_error() -> None:
    case = copy.deepcopy(LUPUS)
    case["inputs"]["timepoint"] = "M5"

    assert ("unknown_value", "/inputs/timepoint") == tuple(evaluate(case)["error"][key] for key in ("code", "pointer"))


@pytest.mark.parametrize(
    ("case", "id_", "code", "pointer"),
    [
        ({"id": "1", "system": "CRS_ASTCT_2020", "inputs": {}}, "1", "unknown_system", "/system"),
        ({"id": "1", "inputs": {}}, "1", "missing", "/system"),
        ({"system": "BOIN", "inputs": {}}, None, "missing", "/id"),
        ({"id": ["1"], "system": "BOIN", "inputs": {}}, None, "bad_type", "/id"),
        ({"id": Decimal("NaN"), "system": "BOIN", "inputs": {}}, None, "bad_value", "/id"),
        ({"id": 1, "system": "BOIN", "inputs": None}, 1, "missing", "/inputs"),
        ({"id": "1", "system": "CTCAE_LAB", "version": {}, "inputs": {}}, "1", "bad_type", "/version"),
        ({"id": "1", "system": "BOIN"}, "1", "missing", "/inputs"),
        ({"id": "1", "system": "BOIN", "inputs": []}, "1", "not_an_object", "/inputs"),
        ({"id": "1", "system": "CTCAE_LAB", "version": "4.03", "inputs": {}}, "1", "unknown_version", "/version"),
        (["BOIN"], None, "not_an_object", ""),
        (None, None, "not_an_object", ""),
    ],
)
def test_a_case_that_is_none(case: Any, id_: str | None, code: str, pointer: str) -> None:
    answer = evaluate(case)

    assert id_ == answer["id"]
    assert (code, pointer) == (answer["error"]["code"], answer["error"]["pointer"])


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("{", "invalid_json"),
        ('{"format": "casebook-evaluate/1", "cases": [NULL]}', "invalid_json"),
        ("[" * 100_000, "invalid_json"),
        ("[]", "unknown_format"),
        ('{"format": "casebook-evaluate/2", "cases": []}', "unknown_format"),
        ('{"format": "casebook-evaluate/1", "cases": {}}', "no_cases"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(raw: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(raw)

    assert code == refused.value.code


@pytest.mark.parametrize("written", ["NaN", "-Infinity", "1e99999999999999999999", "9" * 5000, "1e-99999999999999999999"])
def test_a_number_that_is_none_is_an_error_of_its_case(written: str) -> None:
    given = json.dumps({"format": cases.FORMAT, "cases": [named("CAPD: nine"), named("Mosteller")]}, default=float)
    bad, good = (evaluate(case) for case in reversed(read(given.replace('"height_cm": 160', f'"height_cm": {written}'))))

    assert ("bad_value", "/inputs/height_cm") == (bad["error"]["code"], bad["error"]["pointer"])
    assert 9 == good["result"]["total"]


def test_an_expected_number_that_is_none_differs() -> None:
    case = named("CAPD: nine")
    for odd in (Decimal("NaN"), Decimal("Infinity"), Decimal("1e999999999")):
        assert [odd] == [row.expected for row in differences(case | {"expected": {"total": odd}}, evaluate(case))]


def test_a_result_leaves_as_json_that_every_reader_takes() -> None:
    dose = named("Prednisone: dexamethasone") | {"id": "lone \ud800"}
    dose["inputs"] = {"drug": "prednisone", "dose_mg_per_day": Decimal(10**30)}
    answer = results([evaluate(dose)])["results"][0]

    assert ("lone ?", 1e30) == (answer["id"], answer["result"]["prednisone_equivalent_mg_per_day"])


def test_decimals_are_compared_as_written() -> None:
    """0.9 to 1.2 is exactly 0.3: a worsening, which no binary fraction would see."""
    case = build.case(build.baseline(mark="0.9"), build.m2(), build.m3(mark="1.2"))
    read_back = read(json.dumps({"format": cases.FORMAT, "cases": [case]}, default=float))[0]

    assert read_back["inputs"]["visits"][2]["pga"]["value"] == Decimal("1.2")
    assert evaluate(read_back)["result"]["sri4"]["components"]["pga_not_worsened"] is False


def test_a_difference_names_case_key_and_both_values() -> None:
    case = named("CRS: 100.4 F is exactly 38.0 C") | {
        "expected": {"grade": 2, "grade_min": 1, "status": "NOT_GRADABLE", "x": None}
    }
    found = list(differences(case, evaluate(case)))

    assert [
        Difference(case["id"], "grade", 2, 1),
        Difference(case["id"], "status", "NOT_GRADABLE", "GRADED"),
        Difference(case["id"], "x", None, None),
    ] == found


def test_how_close_a_number_must_be() -> None:
    def found(expected: dict[str, Any], result: dict[str, Any]) -> list[str]:
        return [row.key for row in differences({"expected": expected}, {"id": "1", "result": result})]

    assert [] == found({"egfr": Decimal("94.4")}, {"egfr": Decimal("94.5")})
    assert ["egfr"] == found({"egfr": Decimal("94.4")}, {"egfr": Decimal("94.51")})
    assert [] == found({"value": 1, "tolerance": Decimal("0.5")}, {"value": Decimal("1.5")})
    assert ["value"] == found({"value": 1}, {"value": Decimal("1.02")})
    assert ["a.b"] == found({"a": {"b": 1}}, {"a": {"b": Decimal("1.001")}})
    assert ["a.b"] == found({"a": {"b": 1}}, {"a": None})
    assert ["met"] == found({"met": 1}, {"met": True})
    assert ["grade"] == found({"grade": 1, "grade_min": 1, "check_bounds": False}, {"grade": 2, "grade_min": 2})
    assert ["grades"] == found({"grades": [1, None]}, {"grades": [1, 0]})


def test_results_leave_as_plain_numbers_in_the_order_of_the_cases() -> None:
    plain = results([evaluate(case) for case in WORKED])

    assert [case["id"] for case in WORKED] == [result["id"] for result in plain["results"]]
    assert json.loads(json.dumps(plain)) == plain
    values = {result["id"]: result["result"].get("value") for result in plain["results"]}
    assert (103.25, 1.4907) == (values["Schwartz: umol/L"], values["Mosteller"])


def run(tmp_path: Path, given: list[dict[str, Any]], *arguments: str) -> Any:
    """The command on these cases."""
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({"format": cases.FORMAT, "cases": given}, default=float), encoding="utf-8")
    return CliRunner().invoke(app, ["evaluate", str(file), *arguments])


def test_the_command_answers_and_ends_well_where_nothing_differs(tmp_path: Path) -> None:
    done = run(tmp_path, WORKED, "--out", str(tmp_path / "results.json"))
    written = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))

    assert (0, cases.FORMAT, len(WORKED)) == (done.exit_code, written["format"], len(written["results"]))


def test_the_command_prints_what_differs_and_ends_with_1(tmp_path: Path) -> None:
    case = named("CRS: 100.4 F is exactly 38.0 C") | {"id": "[/no markup]", "expected": {"grade": 4}}
    done = run(tmp_path, [case])

    assert 1 == done.exit_code
    assert 1 == json.loads(done.stdout)["results"][0]["result"]["grade"]
    assert "grade" in done.stderr
    assert "[/no markup]" in done.stderr


def test_the_command_answers_the_others_and_ends_with_2_where_a_case_is_faulty(tmp_path: Path) -> None:
    done = run(tmp_path, [{"id": "no [such] system", "system": "x"}, named("CAPD: nine") | {"expected": {"total": 8}}])
    answers = json.loads(done.stdout)["results"]

    assert 2 == done.exit_code
    assert ("unknown_system", 9) == (answers[0]["error"]["code"], answers[1]["result"]["total"])
    assert "no [such] system: 'x' is no system of this bench (/system)" in done.stderr


def test_the_command_reads_standard_input() -> None:
    done = CliRunner().invoke(app, ["evaluate", "-", "--out", "-"], input=FILE.read_text(encoding="utf-8"))

    assert 0 == done.exit_code
    assert len(WORKED) == len(json.loads(done.stdout)["results"])


def test_the_command_refuses_what_is_no_file_of_cases() -> None:
    done = CliRunner().invoke(app, ["evaluate", "-"], input="[]")

    assert (2, "") == (done.exit_code, done.stdout)
    assert cases.FORMAT in done.stderr


def places(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in the inputs of a case, but no more than the first of a list."""
    for key, each in part.items() if isinstance(part, dict) else enumerate(part[:1]) if isinstance(part, list) else ():
        yield (*path, key)
        yield from places(each, (*path, key))


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 40),
    st.decimals("-2", "200", places=1),
    st.sampled_from(["", "ND", "NONE", "2025-06-01", "2024-02-29T10:00", "oral", Decimal("1E-99"), Decimal("NaN"), {}, []]),
)


@pytest.mark.parametrize("case", ONE_OF_EACH, ids=[case["system"] for case in ONE_OF_EACH])
@settings(max_examples=30)
@given(data=st.data())
def test_whatever_stands_in_a_case_is_answered_or_named(case: dict[str, Any], data: st.DataObject) -> None:
    changed = copy.deepcopy(case)
    every = list(places(changed["inputs"]))
    for path in data.draw(st.lists(st.sampled_from(every), min_size=1, max_size=3)):
        part = changed["inputs"]
        for key in path[:-1]:
            part = part[key] if part and isinstance(part, list if isinstance(key, int) else dict) else {}
        if isinstance(part, dict):
            part[path[-1]] = data.draw(anything)
    answer = evaluate(changed)

    assert ("result" in answer) != ("error" in answer)
    json.dumps(results([answer]))
