"""The variables of a define.xml: type, length, codelist, origin, method, comment, and what depends on the value of another."""

from __future__ import annotations

from typing import Any

import odmlib.define_2_1.model as define
import pandas as pd

from cdisc import specs
from cdisc.algorithms import ALGORITHMS
from cdisc.dataset_json import is_whole
from cdisc.define_codelists import CodelistBook, bound_values, text_in_english
from cdisc.specs import DATE_FORMAT, Note, Variable

COLLECTED_BY = {"Collected": "Investigator"}
"""Who a value comes from, by the type of its origin; everything not collected is the sponsor's."""

MANDATORY = ("Req",)
PREDECESSOR = "Predecessor"
"""The origin of a variable that is a copy; its note names the variable copied."""
SAID_ELSEWHERE = ("Derived", PREDECESSOR)
"""The origins whose note is no comment: it stands in the method, or in the origin itself."""


class Items:
    """Defines each variable once as the datasets refer to it, with the methods, comments and value lists it needs."""

    def __init__(self, codelists: CodelistBook, datasets: dict[str, pd.DataFrame]) -> None:
        self._codelists = codelists
        self._bound = {name: bound_values(name, frame) for name, frame in datasets.items()}
        self.definitions: list[Any] = []
        self.value_lists: list[Any] = []
        self.where_clauses: list[Any] = []
        self.methods: list[Any] = []
        self.comments: list[Any] = []

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
        if _is_empty(variable, frame):
            reference.HasNoData = "Yes"
        note = _note(dataset, variable)
        if note.origin == "Derived":
            reference.MethodOID = self._method(dataset, variable.name, note)
        self.definitions.append(self._definition(dataset, variable, note, frame))
        return reference

    def _definition(self, dataset: str, variable: Variable, note: Note, frame: pd.DataFrame) -> Any:
        item = _typed(f"IT.{dataset}.{variable.name}", variable, frame[variable.name])
        item.Description = text_in_english(variable.label)
        if note.text and note.origin not in SAID_ELSEWHERE:
            item.CommentOID = self._comment(dataset, variable, note)
        bound = next((key for key in self._bound[dataset] if key[0] == variable.name), None)
        if bound:
            item.ValueListRef = define.ValueListRef(ValueListOID=self._value_list(dataset, variable, bound[1], frame))
        elif variable.codelist and not _is_empty(variable, frame):
            item.CodeListRef = self._codelists.use(variable.codelist, frame[variable.name].unique())
        elif own := self._codelists.own_tests(dataset, variable.name):
            item.CodeListRef = own
        if not _is_empty(variable, frame):
            item.Origin = [_origin(note)]
        return item

    def _method(self, dataset: str, name: str, note: Note) -> str:
        oid = f"MT.{dataset}.{name}"
        method = define.MethodDef(OID=oid, Name=f"Derivation of {dataset}.{name}", Type="Computation")
        method.Description = text_in_english(note.text)
        self.methods.append(method)
        return oid

    def _comment(self, dataset: str, variable: Variable, note: Note) -> str:
        oid = f"COM.{dataset}.{variable.name}"
        self.comments.append(define.CommentDef(OID=oid, Description=text_in_english(note.text)))
        return oid

    def _value_list(self, dataset: str, variable: Variable, deciding: str, frame: pd.DataFrame) -> str:
        """The definition of a variable value by value of another, each with its codelist where it has one."""
        oid = f"VL.{dataset}.{variable.name}"
        values = self._bound[dataset][variable.name, deciding]
        references = [
            self._value(dataset, variable, deciding, value, codelist, order, frame)
            for order, (value, codelist) in enumerate(values, 1)
        ]
        self.value_lists.append(define.ValueListDef(OID=oid, ItemRef=references))
        return oid

    def _value(
        self, dataset: str, variable: Variable, deciding: str, value: str, codelist: str, order: int, frame: pd.DataFrame
    ) -> Any:
        name = value.replace(" ", "_")
        item_oid, where_oid = f"IT.{dataset}.{variable.name}.{name}", f"WC.{dataset}.{variable.name}.{name}"
        cells = frame[variable.name][frame[deciding] == value]
        item = _typed(item_oid, variable, cells)
        if codelist:
            item.CodeListRef = self._codelists.use(codelist, cells.unique())
        note = _value_note(dataset, value)
        item.Origin = [_origin(note)]
        self.definitions.append(item)
        check = define.RangeCheck(Comparator="EQ", SoftHard="Soft", ItemOID=f"IT.{dataset}.{deciding}")
        check.CheckValue = [define.CheckValue(_content=value)]
        self.where_clauses.append(define.WhereClauseDef(OID=where_oid, RangeCheck=[check]))
        reference = define.ItemRef(ItemOID=item_oid, OrderNumber=order, Mandatory="No")
        if note.origin == "Derived":
            reference.MethodOID = self._method(dataset, value, note)
        reference.WhereClauseRef = [define.WhereClauseRef(WhereClauseOID=where_oid)]
        return reference


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
            item.SignificantDigits = 10
        return item
    if variable.name.endswith("DTC"):
        return define.ItemDef(OID=oid, Name=variable.name, DataType="partialDatetime", SASFieldName=variable.name)
    item = define.ItemDef(OID=oid, Name=variable.name, DataType="text", SASFieldName=variable.name)
    item.Length = max(1, max((len(value) for value in cells), default=1))
    return item


def _origin(note: Note) -> Any:
    if note.origin == PREDECESSOR:
        return define.Origin(Type=PREDECESSOR, Description=text_in_english(note.text))
    return define.Origin(Type=note.origin, Source=COLLECTED_BY.get(note.origin, "Sponsor"))


def _value_note(dataset: str, value: str) -> Note:
    found = next((s for s in specs.supplements() if (f"SUPP{s.dataset}", s.qnam) == (dataset, value)), None)
    return specs.note(dataset, value) or Note(found.origin if found else "Collected", "")


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
    return Note(algorithm.origin, algorithm.method if algorithm.origin == "Derived" else "")
