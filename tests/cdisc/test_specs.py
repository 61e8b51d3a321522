"""The tables of the specification agree with each other, and nothing captured is left behind."""

from __future__ import annotations

import ast
import inspect

import pytest

from app.tables import CAPTURED
from app.tables.base import fields
from cdisc import specs, terminology
from cdisc.sdtm import demographics, instruments, people, relations, shapes
from cdisc.sdtm.algorithms import ALGORITHMS

READ_BY_CODE = {
    "demographics": (demographics, people),
    "disposition": (demographics, people, relations),
    "assessment": (instruments,),
    "reported_result": (shapes,),
    "product_lot": (shapes,),
    "toxicity_observation": (shapes,),
    "dlt_assessment": (shapes,),
    "event_grade": (shapes,),
    "lupus_review": (shapes,),
    "descriptor_exclusion": (shapes,),
    "medication": (relations,),
    "prespecified_event": (relations,),
    "procedure": (relations,),
    "healthcare_encounter": (relations,),
    "microbiology": (relations,),
    "biopsy": (relations,),
    "comment": (shapes,),
}
"""Forms of which code reads some columns by name: the modules that do."""

DECISION = "decides on a level of the study and belongs to no subject; it stands in the ledger, with the cut that it saw"
NOT_SENT = {
    **{("committee_decision", column): DECISION for column in fields(CAPTURED["committee_decision"])},
    ("product_lot", "lotstat"): "quality data of a lot, which belong to no subject",
    ("product_lot", "expdtc"): "quality data of a lot, which belong to no subject",
    ("product_lot", "reldtc"): "quality data of a lot, which belong to no subject",
    ("product_lot", "dsubjid"): "says whose lot it is; ECLOT links the two",
    ("product_lot", "eclot"): "joined to ECLOT",
    ("assessment", "instrument"): "chooses the document whose category is sent",
}
"""What is captured and not sent, and why."""


def mapped() -> set[tuple[str, str]]:
    """Every (part, column) that the specification's tables read."""
    found = {(supplement.part, supplement.source) for supplement in specs.supplements()}
    for name in specs.datasets():
        for step in specs.steps(name):
            words = f"{step.source} {step.argument}".split()
            found |= {(step.part, word) for word in words}
    for table in CAPTURED:
        found |= {(table, wide.column) for name in ("FA", "VS") for wide in specs.wide_findings(table, name)}
        found |= {(table, wide.unit_column) for name in ("FA", "VS") for wide in specs.wide_findings(table, name)}
    return found


def words_of(table: str) -> set[str]:
    """The texts in the modules that read a form by name."""
    trees = [ast.parse(inspect.getsource(module)) for module in READ_BY_CODE.get(table, ())]
    return {
        node.value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


PARTS = {
    "infusion": ("planned_infusion",),
    "eligibility": ("unmet_criterion",),
    "visit": ("sent_visit",),
    "assessment": ("rs_item",),
}


@pytest.mark.parametrize("table", sorted(CAPTURED))
def test_every_captured_column_is_sent_or_says_why_not(table: str) -> None:
    """F5: nothing collected is dropped without a reason."""
    read = {column for part, column in mapped() if part in (table, *PARTS.get(table, ()))} | words_of(table)

    assert {column for column in fields(CAPTURED[table]) if column not in read and (table, column) not in NOT_SENT} == set()


def test_every_variable_is_made_once_for_each_part_of_its_dataset() -> None:
    for name in specs.datasets():
        made = [(step.part, step.variable) for step in specs.steps(name)]
        assert len(made) == len(set(made))


def test_every_part_is_a_captured_table_or_a_shape() -> None:
    parts = {step.part for name in specs.datasets() for step in specs.steps(name)} - {specs.WHOLE}

    assert parts <= set(CAPTURED) | set(shapes.SHAPES)
    assert {supplement.part for supplement in specs.supplements()} <= parts


def test_every_algorithm_is_used_and_says_what_it_does() -> None:
    used = {step.algorithm for name in specs.datasets() for step in specs.steps(name)}

    assert used == set(ALGORITHMS)
    assert all(len(algorithm.method) > 10 for algorithm in ALGORITHMS.values())


def test_a_qualifier_is_no_variable_and_has_a_name_and_label_that_fit() -> None:
    variables = {variable.name for name in specs.datasets() for variable in specs.variables(name)}

    for supplement in specs.supplements():
        assert supplement.qnam not in variables
        assert len(supplement.qnam) <= 8
        assert len(supplement.qlabel) <= 40


def test_every_finding_of_a_wide_form_has_a_test_of_its_own() -> None:
    for table in ("toxicity_observation", "lupus_review", "dlt_assessment", "event_grade", "descriptor_exclusion"):
        for name in ("FA", "VS"):
            wide = specs.wide_findings(table, name)
            assert len({finding.testcd for finding in wide}) == len(wide)
            assert all(terminology.is_term(f"{name}TESTCD", finding.testcd) for finding in wide)


def test_keys_are_variables_of_their_dataset() -> None:
    for name, dataset in specs.datasets().items():
        assert set(dataset.keys) <= {variable.name for variable in specs.variables(name)}


def test_an_origin_is_one_of_define_xml() -> None:
    noted = {row["origin"] for row in terminology.rows("notes")} | {supplement.origin for supplement in specs.supplements()}

    assert noted <= {"Collected", "Derived", "Assigned", "Protocol", "Predecessor"}
    assert [row for row in terminology.rows("notes") if row["origin"] == "Derived" and not row["text"]] == []


SETTLED = ("TESTCD", "DECOD", "LBCAT", "LLOQ")
"""How the names end of what a form asks and is not sent as asked: codes, decodes, a category implied, a limit converted."""


def test_what_a_form_asks_under_the_name_of_its_variable_is_collected() -> None:
    asked = {
        (name, step.variable)
        for name in specs.datasets()
        for step in specs.steps(name)
        if step.source == step.variable.lower() and step.part in CAPTURED and step.source in fields(CAPTURED[step.part])
    }
    noted = {(name, variable): specs.note(name, variable) for name, variable in asked if not variable.endswith(SETTLED)}

    assert {key: note.origin for key, note in noted.items() if note and note.origin != "Collected"} == {}
