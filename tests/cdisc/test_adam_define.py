"""The define.xml of the analysis datasets: valid, and for each parameter what its value is and how it came about."""

from __future__ import annotations

from pathlib import Path

from defineutils.validate.validate import DefineSchemaValidator  # type: ignore[import-untyped]
from lxml import etree  # type: ignore[import-untyped]
from odmlib.schema_manager import get_schema_path

from cdisc.define import define_xml
from cdisc.specs import ADAM, PREDECESSOR
from tests.cdisc import build
from tests.cdisc.test_adam import FIRST, datasets, record


def test_define_xml_is_valid_by_both_judges_and_names_the_standard(tmp_path: Path) -> None:
    content = define_xml.encode(datasets(), build.trial(), ADAM)
    document = etree.fromstring(content)
    (tmp_path / "define.xml").write_bytes(content)

    etree.XMLSchema(etree.parse(get_schema_path("define", "2.1"))).assertValid(etree.ElementTree(document))
    DefineSchemaValidator(tmp_path / "define.xml").validate_define_file()
    standards = [each for each in document.iter("{http://www.cdisc.org/ns/def/v2.1}Standard") if each.get("Type") == "IG"]
    assert [(each.get("Name"), each.get("Version")) for each in standards] == [("ADaMIG", "1.3")]


def test_the_answer_of_an_endpoint_is_a_term_and_a_parameter_of_a_test_has_its_name() -> None:
    document = etree.fromstring(define_xml.encode(datasets(), build.trial(), ADAM))
    lists = {
        item.get("OID"): [ref.get("CodeListOID") for ref in item.iter("{*}CodeListRef")] for item in document.iter("{*}ItemDef")
    }

    assert lists["IT.ADEFF.AVALC.SRI4"] == ["CL.NY"]
    assert lists["IT.ADEFF.AVALC.PGA"] == []
    assert lists["IT.ADLB.PARAMCD"] == ["CL.PARAMCD"]


def test_the_value_of_a_parameter_has_a_method_of_its_own_with_the_criteria_of_an_endpoint() -> None:
    document = etree.fromstring(define_xml.encode(datasets(), build.trial(), ADAM))
    methods = {one.get("OID"): "".join(one.itertext()).strip() for one in document.iter("{*}MethodDef")}
    used = {one.get("ItemOID"): one.get("MethodOID") for one in document.iter("{*}ItemRef")}
    of = {name: methods[used[f"IT.ADEFF.{name}"]] for name in ("AVAL.SRI4", "AVALC.SRI4", "AVAL.PGA", "AVALC.SLED2K")}

    assert of["AVAL.SRI4"] == of["AVALC.SRI4"]
    assert of["AVAL.SRI4"].startswith("By rule sri4: Y (AVAL 1) where all of these hold")
    assert all(words in of["AVAL.SRI4"] for words in record("ADEFF", FIRST, PARAMCD="SRI4", DTYPE="")[["CRIT1", "CRIT4"]])
    assert of["AVAL.PGA"].startswith("By rule pga: ")
    assert of["AVALC.SLED2K"].startswith("By rule sledai2k: ")


def test_a_criterion_is_defined_for_each_endpoint_in_the_words_of_the_data() -> None:
    document = etree.fromstring(define_xml.encode(datasets(), build.trial(), ADAM))
    words = {
        item.get("OID"): "".join(item.itertext()).strip()
        for item in document.iter("{*}ItemDef")
        if item.get("OID").startswith("IT.ADEFF.CRIT1") and item.get("OID").count(".") == 3
    }

    assert words == {
        "IT.ADEFF.CRIT1.DORIS": "A clinical SLEDAI-2K of 0",
        "IT.ADEFF.CRIT1.LLDAS": "A PGA of 1 or less",
        "IT.ADEFF.CRIT1.SRI4": "A fall of SLEDAI-2K by 4 points or more",
        "IT.ADEFF.CRIT1FL.DORIS": "A clinical SLEDAI-2K of 0",
        "IT.ADEFF.CRIT1FL.SRI4": "A fall of SLEDAI-2K by 4 points or more",
    }


def test_every_derived_variable_has_a_method_and_every_copy_names_its_source() -> None:
    document = etree.fromstring(define_xml.encode(datasets(), build.trial(), ADAM))
    odm, deff = "{http://www.cdisc.org/ns/odm/v1.3}", "{http://www.cdisc.org/ns/def/v2.1}"
    methods = {item.get("ItemOID") for item in document.iter(f"{odm}ItemRef") if item.get("MethodOID")}
    origins = {item.get("OID"): item.find(f"{deff}Origin") for item in document.iter(f"{odm}ItemDef")}
    known = {oid: origin for oid, origin in origins.items() if origin is not None}

    assert {oid for oid, origin in known.items() if origin.get("Type") == "Derived"} <= methods
    assert all("".join(o.itertext()).strip() for o in known.values() if o.get("Type") == PREDECESSOR)
