"""define.xml: valid, complete, consistent with itself, and the one that was reviewed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from lxml import etree  # type: ignore[import-untyped]
from odmlib.schema_manager import get_schema_path

from cdisc import specs
from cdisc.define import define_xml
from cdisc.sdtm import datasets as sdtm
from tests.cdisc import build

GOLDEN = Path(__file__).parent / "golden" / "define.xml"
ODM, DEF = "{http://www.cdisc.org/ns/odm/v1.3}", "{http://www.cdisc.org/ns/def/v2.1}"


@cache
def datasets() -> dict[str, pd.DataFrame]:
    """The datasets of the small study."""
    return sdtm.datasets(build.frames(), build.trial())


@cache
def document() -> etree._Element:
    """The define.xml of the small study."""
    return etree.fromstring(define_xml.encode(datasets(), build.trial()))


def every(tag: str) -> list[etree._Element]:
    """The elements of one name, anywhere."""
    return list(document().iter(tag))


def test_it_is_valid_against_the_published_schema() -> None:
    schema = etree.XMLSchema(etree.parse(get_schema_path("define", "2.1")))

    schema.assertValid(etree.ElementTree(document()))


def test_it_is_the_one_that_was_reviewed() -> None:
    """A change of the golden file is a reviewed change of what a reviewer of the package reads."""
    assert GOLDEN.read_bytes() == define_xml.encode(datasets(), build.trial())


def test_every_reference_has_its_definition_and_every_definition_is_referred_to() -> None:
    pairs = {
        "ItemOID": (f"{ODM}ItemDef",),
        "CodeListOID": (f"{ODM}CodeList",),
        "MethodOID": (f"{ODM}MethodDef",),
        f"{DEF}CommentOID": (f"{DEF}CommentDef",),
        "ValueListOID": (f"{DEF}ValueListDef",),
        "WhereClauseOID": (f"{DEF}WhereClauseDef",),
    }
    for reference, tags in pairs.items():
        referred = {value for element in document().iter() if (value := element.get(reference))}
        defined = [element.get("OID") for tag in tags for element in every(tag)]

        assert len(defined) == len(set(defined)) > 0
        assert referred == set(defined), reference


def test_the_reviewers_guide_is_a_document_that_a_reader_can_open() -> None:
    places = {leaf.get("ID"): leaf.get("{http://www.w3.org/1999/xlink}href") for leaf in every(f"{DEF}leaf")}

    assert [places[one.get("leafID")] for one in every(f"{DEF}SupplementalDoc")[0]] == ["../csdrg.pdf"]


def test_every_dataset_and_variable_that_is_sent_is_defined_in_its_order() -> None:
    for group in every(f"{ODM}ItemGroupDef"):
        name = str(group.get("Name"))
        references = [item.get("ItemOID") for item in group.findall(f"{ODM}ItemRef")]
        assert references == [f"IT.{name}.{column}" for column in datasets()[name].columns]
    assert [group.get("Name") for group in every(f"{ODM}ItemGroupDef")] == list(datasets())


def test_a_derived_variable_has_a_method_and_every_variable_with_values_an_origin_with_its_source() -> None:
    derived = {
        item.get("OID")
        for item in every(f"{ODM}ItemDef")
        if (o := item.find(f"{DEF}Origin")) is not None and o.get("Type") == "Derived"
    }
    with_method = {item.get("ItemOID") for item in every(f"{ODM}ItemRef") if item.get("MethodOID")}
    empty = {item.get("ItemOID") for item in every(f"{ODM}ItemRef") if item.get(f"{DEF}HasNoData")}
    without_origin = {item.get("OID") for item in every(f"{ODM}ItemDef") if item.find(f"{DEF}Origin") is None}
    by_value = {item.get("OID") for item in every(f"{ODM}ItemDef") if item.find(f"{DEF}ValueListRef") is not None}

    assert derived <= with_method
    assert without_origin - empty == {oid for oid in by_value if oid.endswith(("QVAL", "DSDECOD"))}
    assert all(origin.get("Source") or origin.get("Type") == "Predecessor" for origin in every(f"{DEF}Origin"))


@pytest.mark.parametrize(
    ("item", "attribute", "value"),
    [
        ("AE.AELLTCD", "DataType", "integer"),
        ("SE.TAETORD", "DataType", "integer"),
        ("MH.MHDUR", "DataType", "durationDatetime"),
        ("RS.RSEVLINT", "DataType", "durationDatetime"),
        ("SUPPEC.QVAL.DOSEWDTC", "DataType", "partialDatetime"),
        ("LB.LBSTNRHI", "SignificantDigits", "8"),
        ("LB.VISITNUM", "SignificantDigits", "1"),
    ],
)
def test_a_type_is_that_of_the_values(item: str, attribute: str, value: str) -> None:
    (found,) = [each for each in every(f"{ODM}ItemDef") if each.get("OID") == f"IT.{item}"]

    assert found.get(attribute) == value


def test_a_qualifier_is_described_by_its_label() -> None:
    found = {item.get("OID"): "".join(item.itertext()).strip() for item in every(f"{ODM}ItemDef")}

    assert found["IT.SUPPAE.QVAL.AERELLD"] == "Causality to Lymphodepletion"


def test_the_dates_of_an_element_give_the_epoch_and_in_the_design_the_protocol() -> None:
    origins = {item.get("OID"): [o.get("Type") for o in item.findall(f"{DEF}Origin")] for item in every(f"{ODM}ItemDef")}

    assert (origins["IT.LB.EPOCH"], origins["IT.TA.EPOCH"], origins["IT.SV.SVPRESP"]) == (
        ["Derived"],
        ["Protocol"],
        ["Assigned"],
    )


def test_a_method_says_how_and_a_comment_what() -> None:
    words = {
        element.get("OID"): "".join(element.itertext()).strip()
        for tag in (f"{ODM}MethodDef", f"{DEF}CommentDef")
        for element in every(tag)
    }

    assert all(len(text) > 20 for text in words.values())
    assert "not MedDRA-coded" in words["COM.AE.AEDECOD"]
    assert "first infusion" in words["MT.DM.RFSTDTC"]


@pytest.mark.parametrize(
    ("codelist", "value", "code"), [("SEX", "F", "C16576"), ("UNIT", "umol/L", "C48508"), ("LBTESTCD", "CREAT", "C64547")]
)
def test_a_term_of_cdisc_carries_its_nci_code(codelist: str, value: str, code: str) -> None:
    found = next(element for element in every(f"{ODM}CodeList") if element.get("OID") == f"CL.{codelist}")
    item = next(item for item in found.findall(f"{ODM}CodeListItem") if item.get("CodedValue") == value)

    assert [alias.get("Name") for alias in item.findall(f"{ODM}Alias")] == [code]
    assert found.get(f"{DEF}StandardOID") == "STD.CT"


def test_a_term_of_the_sponsor_says_so_and_so_does_a_list() -> None:
    lists = {element.get("OID"): element for element in every(f"{ODM}CodeList")}
    extended = [item.get("CodedValue") for item in lists["CL.MITESTCD"] if item.get(f"{DEF}ExtendedValue") == "Yes"]

    assert extended == ["ISNRPSCL"]
    assert lists["CL.CMCAT"].get(f"{DEF}IsNonStandard") == "Yes"
    assert lists["CL.RSTESTCD"].get(f"{DEF}IsNonStandard") == "Yes"


def terms(codelist: str) -> list[str]:
    """The terms of a codelist as the document gives it."""
    (found,) = [element for element in every(f"{ODM}CodeList") if element.get("OID") == f"CL.{codelist}"]
    return [str(item.get("CodedValue")) for item in found.findall(f"{ODM}CodeListItem")]


def test_a_published_list_has_the_terms_that_occur_and_those_that_a_form_offers() -> None:
    assert terms("EPOCH") == ["FOLLOW-UP", "SCREENING", "TREATMENT"]
    assert terms("NY") == ["N", "U", "Y"]
    assert terms("NY.Y") == ["Y"]
    assert terms("TOXSCALE") == [
        "ASTCT 2019",
        "CTCAE",
        "EHA/EBMT 2023",
        "HINES 2023",
        "LEE 2014",
        "LICATS 2025",
        "MAGIC 2016",
        "NIH 2014",
    ]


def test_a_value_that_depends_on_another_is_defined_value_by_value() -> None:
    lists = {element.get("OID") for element in every(f"{DEF}ValueListDef")}

    assert {"VL.DS.DSDECOD", "VL.FA.FAORRES", "VL.SUPPAE.QVAL"} <= lists


def test_labels_are_those_of_the_standard() -> None:
    labels = {
        item.get("OID"): "".join(item.find(f"{ODM}Description").itertext()).strip()
        for item in every(f"{ODM}ItemDef")
        if item.find(f"{ODM}Description") is not None
    }

    for name, frame in datasets().items():
        for variable in specs.sent_variables(name, frame):
            assert labels[f"IT.{name}.{variable.name}"] == variable.label
