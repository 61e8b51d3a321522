"""Codelists: CDISC's with their NCI codes, ISO's, the sponsor's own."""

from __future__ import annotations

import pytest

from cdisc import terminology
from cdisc.terminology import codelist


def test_a_unit_may_be_written_as_sources_write_it_and_is_sent_as_the_submission_value() -> None:
    assert terminology.is_term("UNIT", "mg/mg")
    assert terminology.submission_value("UNIT", "mg/mg") == "g/g"
    assert terminology.submission_value("UNIT", "cells/uL") == "10^6/L"
    assert "mg/mg" not in terminology.terms("UNIT")


def test_a_value_of_no_codelist_is_no_term() -> None:
    assert not terminology.is_term("SEX", "Male")
    with pytest.raises(KeyError):
        terminology.submission_value("SEX", "Male")


def test_the_name_of_a_test_follows_from_its_code() -> None:
    assert terminology.decode("LBTESTCD", "C3") == "Complement C3"
    assert set(terminology.terms("LBTEST")) == {terminology.decode("LBTESTCD", code) for code in terminology.terms("LBTESTCD")}


def test_the_disposition_terms_are_those_of_all_three_lists() -> None:
    parts = [term for name in ("NCOMPLT", "PROTMLST", "OTHEVENT") for term in terminology.terms(name)]

    assert set(terminology.terms("DSDECOD")) == set(parts)


@pytest.mark.parametrize("name", sorted(terminology.names()))
def test_every_codelist_has_distinct_terms_in_ascii(name: str) -> None:
    found = codelist(name)

    assert len(found.terms) == len(set(found.terms)) > 0
    assert all(term.value.isascii() and term.decode.isascii() and term.value and term.decode for term in found.terms.values())
    assert not set(found.synonyms) & set(found.terms)


def test_only_an_extensible_list_of_cdisc_holds_terms_of_the_sponsor() -> None:
    published = [
        codelist(name) for name in terminology.names() if codelist(name).origin.startswith("CDISC") and codelist(name).code
    ]
    extended = {found.name for found in published if any(term.code is None for term in found.terms.values())}

    assert {name for name in extended if not terminology.extensible(name)} == set()
    assert "CPTESTCD" in extended
    assert not terminology.extensible("SEX")
