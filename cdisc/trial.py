"""
What the exporter is told of a trial: the metadata object beside the frames.

Design frames carry the IG's own variable names in upper case; capture frames the columns of the captured tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import pandas as pd

from cdisc.crf import Crf


@dataclass(frozen=True, slots=True, eq=False)
class InstrumentItem:
    """
    One item of an instrument as SDTM sends it. `answers`: value sent -> (original result, standard result);
    `points`: value -> numeric standard result, where the instrument scores it.
    """

    key: str
    testcd: str
    test: str
    type: Literal["boolean", "choice", "number", "integer"]
    answers: dict[str, tuple[str, str]] = field(default_factory=dict)
    points: dict[str, int] = field(default_factory=dict)
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class InstrumentMetadata:
    """
    An instrument in force: its domain (RS or QS), category (--CAT), and its total's (test code, name), if it has one.

    `grades`: the (test code, name) of each grade that is derived from its items.
    """

    id: str
    version: int
    title: str
    domain: str
    category: str
    items: tuple[InstrumentItem, ...]
    total: tuple[str, str] | None
    look_back_days: int | None = None
    grades: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trial:
    """
    One study at one cut.

    `design`: TA, TE, TV, TI and TS by dataset name, complete but for STUDYID and DOMAIN. `origin`: collected, synthetic or
    published. `baseline`: which rule marks --BLFL. `arms`: ARMCD -> ARM. `criteria`: IETESTCD -> (IECAT, IETEST).
    `visits`: VISIT -> (VISITNUM, EPOCH, VISITDY) as planned; VISITDY is a study day, so never 0, or None where the visit has
    none. `elements`: ETCD -> what it begins with: consent, apheresis, lymphodepletion, first_infusion or last_infusion.
    `treatment`: the product's name as EXTRT sends it. `ctcae_version`: of the events graded
    by CTCAE that name no version. `instruments`: by (id, version). `country`: ISO 3166-1 alpha-3, of
    subjects whose own is not recorded; None: sites of several. `crf`: the forms.
    `endpoints`: the rules of the casebook that decide the study's endpoints. `cut_at`: the instant of the cut, UTC.
    """

    study_id: str
    title: str
    protocol: str
    study_version: int
    origin: Literal["collected", "synthetic", "published"]
    cut_name: str
    cut_at: datetime
    build: str
    design: dict[str, pd.DataFrame]
    arms: dict[str, str]
    criteria: dict[str, tuple[str, str]]
    visits: dict[str, tuple[str, str, int | None]]
    elements: dict[str, str]
    treatment: str
    baseline: Literal["before_first_infusion", "before_lymphodepletion"]
    instruments: dict[tuple[str, int], InstrumentMetadata]
    country: str | None
    crf: Crf
    ctcae_version: str = "5.0"
    endpoints: frozenset[str] = frozenset()
