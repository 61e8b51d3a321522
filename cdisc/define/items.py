"""The variables of a define.xml: type, length, codelist, origin, method, comment, and what depends on the value of another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import odmlib.define_2_1.model as define
import pandas as pd

from cdisc import specs, value_level
from cdisc.acrf import annotation
from cdisc.define.codelists import CodelistBook, text_in_english
from cdisc.files.dataset_json import is_whole
from cdisc.sdtm.algorithms import ALGORITHMS
from cdisc.specs import DATE_FORMAT, PREDECESSOR, Note, Variable
from cdisc.value_level import ValueList

ACRF = "LF.ACRF"
"""The annotated CRF among the documents."""
COLLECTED_BY = {"QS": "Subject"}
"""Who a collected value comes from, by dataset, where it is not the investigator; everything not collected is the sponsor's."""

MANDATORY = ("Req",)
TIMED = {"DTC": "partialDatetime"} | dict.fromkeys(specs.DURATIONS, "durationDatetime")
"""The data type of a text by how the name of its variable ends."""
ANY, TOTAL = "*", "TOTAL"
"""The note on every derived total."""
ANSWERS = ("AVAL", "AVALC")
"""The values of a parameter."""
CONJUNCTION = (
    "By rule {rule}: Y (AVAL 1) where all of these hold, N (0) where one does not, null where that is open: {criteria}. "
    "An analysis value that differs from it has a record of its own (DTYPE)."
)
"""How an endpoint follows from its criteria."""
SAID_ELSEWHERE = ("Derived", PREDECESSOR)
"""The origins whose note is no comment: it stands in the method, or in the origin itself."""


class Items:
    """Defines each variable once as the datasets refer to it, with the methods, comments and value lists it needs."""

    def __init__(self, codelists: CodelistBook, pages: Mapping[tuple[str, str, str], tuple[int, ...]]) -> None:
        """`pages`: where the annotated CRF has a variable, as `acrf_pages.references` gives them."""
        self._codelists = codelists
        self._pages = pages
        self._defined: dict[str, Any] = {}
        self.definitions: list[Any] = []
        self.value_lists: list[Any] = []

    @property
    def methods(self) -> list[Any]:
        """The methods that were referred to, each once."""
        return [each for each in self._defined.values() if isinstance(each, define.MethodDef)]

    @property
    def comments(self) -> list[Any]:
        """The comments that were referred to."""
        return [each for each in self._defined.values() if isinstance(each, define.CommentDef)]

    @property
    def where_clauses(self) -> list[Any]:
        """The conditions of the value lists, each once however many variables it decides."""
        return [each for each in self._defined.values() if isinstance(each, define.WhereClauseDef)]

    def reference(self, variable: Variable, order: int, keys: list[str], frame: pd.DataFrame) -> Any:
        """The reference from a dataset to one of its variables; defines the variable on the way."""
        dataset = _dataset_of(frame, variable)
        oid = f"IT.{dataset}.{variable.name}"
        reference = define.ItemRef(ItemOID=oid, OrderNumber=order, Mandatory="Yes" if variable.core in MANDATORY else "No")
        if variable.role:
            reference.Role = variable.role
        if variable.name in keys:
            reference.KeySequence = keys.index(variable.name) + 1
        if variable.core == "Model":
            reference.IsNonStandard = "Yes"
        empty = _is_empty(variable, frame)
        if empty:
            reference.HasNoData = "Yes"
        note = _note(dataset, variable)
        if note.origin == "Derived":
            reference.MethodOID = self._method(dataset, variable.name, note)
        self.definitions.append(self._definition(dataset, variable, note, frame, empty))
        return reference

    def _definition(self, dataset: str, variable: Variable, note: Note, frame: pd.DataFrame, empty: bool) -> Any:
        item = _typed(f"IT.{dataset}.{variable.name}", variable, frame[variable.name])
        item.Description = text_in_english(variable.label)
        if note.text and note.origin not in SAID_ELSEWHERE:
            item.CommentOID = self._comment(dataset, variable, note)
        if empty:
            return item
        values = value_level.value_lists(dataset, frame).get(variable.name)
        if values:
            item.ValueListRef = define.ValueListRef(ValueListOID=self._value_list(dataset, variable, note, values, frame))
        if values and values.alone:
            return item
        if variable.codelist:
            item.CodeListRef = self._codelists.use(
                variable.codelist, frame[variable.name].unique(), collected=note.origin == "Collected"
            )
        elif own := self._codelists.own_tests(dataset, variable.name):
            item.CodeListRef = own
        item.Origin = [self._origin(note, dataset, variable.name)]
        return item

    def _method(self, dataset: str, name: str, note: Note) -> str:
        oid = f"MT.{dataset}.{name}"
        if oid not in self._defined:
            method = define.MethodDef(OID=oid, Name=f"Derivation of {dataset}.{name}", Type="Computation")
            method.Description = text_in_english(note.text)
            self._defined[oid] = method
        return oid

    def _comment(self, dataset: str, variable: Variable, note: Note) -> str:
        oid = f"COM.{dataset}.{variable.name}"
        self._defined[oid] = define.CommentDef(OID=oid, Description=text_in_english(note.text))
        return oid

    def _value_list(self, dataset: str, variable: Variable, note: Note, values: ValueList, frame: pd.DataFrame) -> str:
        """The definition of a variable value by value of others, each with its codelist where it has one."""
        oid = f"VL.{dataset}.{variable.name}"
        references = [
            self._value(dataset, variable, values, decided, frame.loc[cells.index], note, order)
            for order, (decided, cells) in enumerate(values.cases(frame[variable.name], frame), 1)
        ]
        self.value_lists.append(define.ValueListDef(OID=oid, ItemRef=references))
        return oid

    def _value(
        self,
        dataset: str,
        variable: Variable,
        values: ValueList,
        decided: tuple[tuple[str, str], ...],
        rows: pd.DataFrame,
        whole: Note,
        order: int,
    ) -> Any:
        value, name = decided[0][1], ".".join(value.replace(" ", "_") for _, value in decided)
        cells = rows[variable.name]
        item = value_level.item(f"IT.{dataset}.{variable.name}.{name}", variable, cells, is_date=value.endswith("DTC"))
        if values.described:
            item.Description = text_in_english(rows[values.described].iloc[0])
        own = _value_note(dataset, variable.name, value, rows)
        note = own or whole
        if codelist := values.codelists.get(value, values.codelist):
            item.DataType = "text"
            item.CodeListRef = self._codelists.use(codelist, cells.unique(), collected=note.origin == "Collected")
        item.Origin = [self._origin(note, dataset, variable.name, value)]
        self.definitions.append(item)
        reference = define.ItemRef(ItemOID=item.OID, OrderNumber=order, Mandatory="No")
        if note.origin == "Derived":
            reference.MethodOID = self._method(dataset, value if own else variable.name, note)
        reference.WhereClauseRef = [define.WhereClauseRef(WhereClauseOID=self._where(dataset, name, decided))]
        return reference

    def _where(self, dataset: str, name: str, decided: tuple[tuple[str, str], ...]) -> str:
        oid = f"WC.{dataset}.{decided[0][0]}.{name}"
        if oid not in self._defined:
            checks = []
            for deciding, value in decided:
                check = define.RangeCheck(Comparator="EQ", SoftHard="Soft", ItemOID=f"IT.{dataset}.{deciding}")
                check.CheckValue = [define.CheckValue(_content=value)]
                checks.append(check)
            self._defined[oid] = define.WhereClauseDef(OID=oid, RangeCheck=checks)
        return oid

    def _origin(self, note: Note, dataset: str, variable: str, value: str = "") -> Any:
        """Where values come from; of what was collected the pages of the annotated CRF."""
        if note.origin == PREDECESSOR:
            return define.Origin(Type=PREDECESSOR, Description=text_in_english(note.text))
        if note.origin != "Collected":
            return define.Origin(Type=note.origin, Source="Sponsor")
        origin = define.Origin(Type="Collected", Source=COLLECTED_BY.get(dataset, "Investigator"))
        pages = self._pages.get((dataset, variable, value)) or self._pages.get((dataset, variable, ""))
        if pages:
            place = define.PDFPageRef(Type="PhysicalRef", PageRefs=" ".join(map(str, pages)))
            origin.DocumentRef = [define.DocumentRef(leafID=ACRF, PDFPageRef=[place])]
        return origin


def _dataset_of(frame: pd.DataFrame, variable: Variable) -> str:
    return f"SUPP{frame['RDOMAIN'].iloc[0]}" if variable.dataset == "SUPPQUAL" else variable.dataset


def _is_empty(variable: Variable, frame: pd.DataFrame) -> bool:
    column = frame[variable.name]
    return bool(column.isna().all() if variable.type == "Num" else (column == "").all())


def _typed(oid: str, variable: Variable, cells: Any) -> Any:
    if variable.type == "Num":
        kind = "integer" if variable.is_date or is_whole(variable) else "float"
        item = define.ItemDef(OID=oid, Name=variable.name, DataType=kind, SASFieldName=variable.name)
        item.Length = 8
        if variable.is_date:
            item.DisplayFormat = DATE_FORMAT
        if kind == "float":
            item.SignificantDigits = max([1, *map(value_level.decimals, cells.dropna().unique())])
        return item
    if timed := next((kind for ending, kind in TIMED.items() if variable.name.endswith(ending)), ""):
        return define.ItemDef(OID=oid, Name=variable.name, DataType=timed, SASFieldName=variable.name)
    item = define.ItemDef(OID=oid, Name=variable.name, DataType="text", SASFieldName=variable.name)
    item.Length = max(1, max((len(value) for value in cells), default=1))
    return item


def _value_note(dataset: str, variable: str, value: str, rows: pd.DataFrame) -> Note | None:
    """The note on one value: the specification's, its qualifier's origin, what decides it; None: as the whole."""
    flag = f"{dataset}DRVFL"
    if flag in rows and (rows[flag] == "Y").all():
        return specs.value_note(ANY, TOTAL)
    if variable in ANSWERS and (criteria := value_level.criteria(rows)):
        return Note("Derived", CONJUNCTION.format(rule=rows["RULEID"].iloc[0], criteria="; ".join(criteria)))
    found = next((s for s in specs.supplements() if (f"SUPP{s.dataset}", s.qnam) == (dataset, value)), None)
    return specs.value_note(dataset, value) or (Note(found.origin, "") if found else None)


def _note(dataset: str, variable: Variable) -> Note:
    """Origin and text of a variable: the specification's note, else what its algorithm says."""
    noted = specs.note(dataset, variable.name)
    if noted:
        return noted
    if specs.dataset(dataset).group == "TRIAL DESIGN":
        return Note("Protocol", "")
    step = next((step for step in specs.steps(dataset) if step.variable == variable.name), None)
    if step is None:
        return Note("Assigned", "")
    algorithm = ALGORITHMS[step.algorithm]
    if algorithm.origin == "Collected" and (parent := annotation.parent(step.part)):
        return Note(PREDECESSOR, f"{parent}.{step.source}")
    return Note(algorithm.origin, algorithm.method if algorithm.origin == "Derived" else "")
