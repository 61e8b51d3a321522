"""
The codelists of a define.xml: the terms a package uses, with NCI codes where CDISC has them.

Of a published list the terms that occur and those that a form offers; a list of the sponsor's own is given whole where it is
short. A flag that only ever says Y has a list of its own. A term that the sponsor added to a list of CDISC's carries
ExtendedValue; a list of the sponsor's own, IsNonStandard.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import odmlib.define_2_1.model as define
import pandas as pd

from cdisc import terminology
from cdisc.terminology import Codelist, Term

PUBLISHED = {"CDISC": "STD.CT", "CDISC ADaM": "STD.CT.ADAM"}
"""The published terminology that a list is of, by its origin."""
SHORT = 30
"""A list of the sponsor's of at most so many terms is given whole."""
FLAG = "NY.Y"
"""The list of a flag, which nobody answers: Y, or null."""
NCI = "nci:ExtCodeID"
OWN_CODES = {"RSTESTCD": "RSTEST", "QSTESTCD": "QSTEST", "PARAMCD": "PARAM"}
"""Codes that follow from instrument documents, or from tests and their specimens: their names stand beside them in the data."""


def text_in_english(text: str) -> Any:
    """A description of one English text."""
    return define.Description(TranslatedText=[define.TranslatedText(_content=text, lang="en")])


class CodelistBook:
    """Gathers the codelists that items refer to, and the values of each that the datasets use."""

    def __init__(self, datasets: dict[str, pd.DataFrame], offered: Mapping[str, frozenset[str]]) -> None:
        """`offered`: the terms that forms offer, by the name of their list."""
        self._datasets = datasets
        self._offered = offered
        self._used: dict[str, set[str]] = {}
        self._own: dict[str, dict[str, str]] = {}

    def use(self, name: str, values: Iterable[str], *, collected: bool) -> Any:
        """A reference to a codelist of the specification, of which `values` occur where they were `collected`, or made."""
        said = {value for value in values if value}
        listed = FLAG if name == "NY" and said == {"Y"} and not collected else name
        self._used.setdefault(listed, set()).update(said)
        return define.CodeListRef(CodeListOID=f"CL.{listed}")

    def own_tests(self, dataset: str, variable: str) -> Any | None:
        """A reference to the test codes of a dataset whose codes follow from instrument documents; None for others."""
        if variable not in OWN_CODES:
            return None
        frame = self._datasets[dataset]
        self._own[variable] = dict(zip(frame[variable], frame[OWN_CODES[variable]], strict=True))
        return define.CodeListRef(CodeListOID=f"CL.{variable}")

    def definitions(self) -> list[Any]:
        """The CodeList elements, in the order of their names."""
        found = {name: self._standard(name, used) for name, used in self._used.items()}
        found |= {name: _instrument_tests(name, tests) for name, tests in self._own.items()}
        return [found[name] for name in sorted(found)]

    def _standard(self, name: str, used: Collection[str]) -> Any:
        codelist = terminology.codelist(name.removesuffix(".Y"))
        title = f"{codelist.title} (flag)" if name == FLAG else codelist.title
        made = define.CodeList(OID=f"CL.{name}", Name=title, DataType="text")
        if codelist.origin in PUBLISHED:
            made.StandardOID = PUBLISHED[codelist.origin]
        else:
            made.IsNonStandard = "Yes"
        if codelist.origin.startswith("ISO 3166"):
            made.ExternalCodeList = define.ExternalCodeList(Dictionary="ISO3166", Version="2020")
            return made
        made.CodeListItem = [_item(term, codelist) for term in _listed(codelist, {*used, *self._offered.get(name, ())})]
        if codelist.code:
            made.Alias = [define.Alias(Context=NCI, Name=codelist.code)]
        return made


def _listed(codelist: Codelist, said: Collection[str]) -> list[Term]:
    terms = list(codelist.terms.values())
    whole = codelist.origin == "sponsor" and len(terms) <= SHORT
    return sorted((term for term in terms if whole or term.value in said), key=lambda term: term.value)


def _item(term: Term, codelist: Codelist) -> Any:
    item = define.CodeListItem(CodedValue=term.value, Decode=_decode(term.decode))
    if term.code:
        item.Alias = [define.Alias(Context=NCI, Name=term.code)]
    elif codelist.origin in PUBLISHED:
        item.ExtendedValue = "Yes"
    return item


def _instrument_tests(name: str, tests: dict[str, str]) -> Any:
    made = define.CodeList(OID=f"CL.{name}", Name=f"Codes and Names in the Data ({name})", DataType="text", IsNonStandard="Yes")
    made.CodeListItem = [define.CodeListItem(CodedValue=code, Decode=_decode(tests[code])) for code in sorted(tests)]
    return made


def _decode(text: str) -> Any:
    return define.Decode(TranslatedText=[define.TranslatedText(_content=text, lang="en")])
