"""
The case report form as the exporter is told of it: what is asked, of whom, at which visit.

Plain descriptions, made by the service from the same fields that its routes take; `acrf` draws them, `annotations` says where
each answer goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "code", "codes", "number", "whole", "date", "flag", "result"]


@dataclass(frozen=True, slots=True)
class Question:
    """
    One thing that a form asks.

    `column`: the captured field; for an item of an instrument its key. `choices`: what may be ticked, empty where the answer is
    written. `hint`: what the form prints beside an answer that is written. `unit`: where the form fixes it. `given`: filled in
    by the service. `testcd`: the test code of an item. `group`: the heading under which it stands. `codelist`: the list of the
    choices.
    """

    column: str
    label: str
    kind: Kind
    choices: tuple[str, ...] = ()
    hint: str = ""
    unit: str = ""
    required: bool = False
    given: bool = False
    testcd: str = ""
    group: str = ""
    codelist: str = ""


@dataclass(frozen=True, slots=True)
class CrfForm:
    """
    One form. `table`: the captured table whose frame its answers reach the exporter in; `path`: its name in a visit's list.

    `domain` decides between the datasets of a table that serves several: an instrument goes to RS or to QS.
    """

    table: str
    path: str
    title: str
    domain: str
    about: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class CrfVisit:
    """A planned visit and the forms that it asks for, by path."""

    visit: str
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Crf:
    """All forms of a study, in the order in which they are printed, and its visits."""

    forms: tuple[CrfForm, ...]
    visits: tuple[CrfVisit, ...]

    @property
    def offered(self) -> Mapping[str, frozenset[str]]:
        """The terms that may be ticked, by the name of their list."""
        found: dict[str, frozenset[str]] = {}
        for question in (question for form in self.forms for question in form.questions if question.codelist):
            found[question.codelist] = found.get(question.codelist, frozenset()) | set(question.choices)
        return found
