"""One small study with every form filled in, as the exporter receives it: three subjects, one of them a screen failure."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from app.tables import CAPTURED
from app.tables.base import fields
from cdisc.trial import InstrumentItem, InstrumentMetadata, Trial
from tests.cdisc.analysis import analysis
from tests.cdisc.examined import deviated, examined
from tests.cdisc.forms import CRF

HERE = Path(__file__).parent
STUDY = "TRIAL-01"
SLEDAI = InstrumentMetadata(
    id="SLEDAI-2K",
    version=1,
    title="SLEDAI-2K",
    domain="RS",
    category="SLEDAI-2K",
    items=(
        InstrumentItem("arthritis", "S2KARTH", "SLEDAI-2K Arthritis", "boolean", points={"true": 4, "false": 0}),
        InstrumentItem("rash", "S2KRASH", "SLEDAI-2K Rash", "boolean", points={"true": 2, "false": 0}),
        InstrumentItem("fever", "S2KFEVR", "SLEDAI-2K Fever", "boolean", points={"true": 1, "false": 0}),
    ),
    total=("S2KTOTAL", "SLEDAI-2K Total Score"),
    look_back_days=30,
)
PGA = InstrumentMetadata(
    id="PGA",
    version=1,
    title="Physician Global Assessment",
    domain="RS",
    category="PGA",
    items=(InstrumentItem("score", "PGASCORE", "PGA Score", "number"),),
    total=None,
)
FATIGUE = InstrumentMetadata(
    id="FATIGUE",
    version=1,
    title="A questionnaire",
    domain="QS",
    category="FATIGUE",
    items=(
        InstrumentItem(
            "tired",
            "FATTIRED",
            "FAT01-I Feel Tired",
            "choice",
            answers={"NEVER": ("None of the time", "0"), "ALWAYS": ("All of the time", "4")},
            points={"NEVER": 0, "ALWAYS": 4},
        ),
    ),
    total=None,
)
VISITS: dict[str, tuple[str, str, int | None]] = {
    "SCREENING": ("1", "SCREENING", -14),
    "INFUSION 1": ("2", "TREATMENT", 1),
    "INFUSION 2": ("3", "TREATMENT", 8),
    "M1": ("4", "FOLLOW-UP", 30),
}


def trial(**changes: Any) -> Trial:
    """The study at its cut; `changes` replace what is given."""
    given: dict[str, Any] = {
        "study_id": STUDY,
        "title": "A small study for the tests of the export",
        "protocol": "P-01",
        "study_version": 1,
        "origin": "collected",
        "cut_name": "interim",
        "cut_at": datetime(2025, 6, 30, 12, 0, 5, tzinfo=UTC),
        "build": "test",
        "design": design(),
        "arms": {"DOSE1": "Cells, dose 1"},
        "criteria": {"INCL01": ("INCLUSION", "Age 5 years or older"), "EXCL01": ("EXCLUSION", "Active infection")},
        "visits": VISITS,
        "elements": {"SCRN": "consent", "LD": "lymphodepletion", "CELL": "first_infusion", "FU": "last_infusion"},
        "treatment": "CELLS",
        "baseline": "before_first_infusion",
        "instruments": {(instrument.id, 1): instrument for instrument in (SLEDAI, PGA, FATIGUE)},
        "country": "CHN",
        "crf": CRF,
        "endpoints": frozenset({"sri4", "lldas", "doris"}),
    }
    return Trial(**(given | changes))


def design() -> dict[str, pd.DataFrame]:
    """Trial design: one arm of four elements, four visits, two criteria."""
    steps = (
        ("SCRN", "Screening", "SCREENING", "Informed consent"),
        ("LD", "Lymphodepletion", "TREATMENT", "First dose of lymphodepletion"),
        ("CELL", "Cell Infusions", "TREATMENT", "First infusion"),
        ("FU", "Follow-up", "FOLLOW-UP", "Last infusion"),
    )
    arm = {"ARMCD": "DOSE1", "ARM": "Cells, dose 1", "TABRANCH": None, "TATRANS": None}
    with (HERE / "trial_summary.csv").open(encoding="utf-8", newline="") as file:
        summary = [{name: value or None for name, value in row.items()} for row in csv.DictReader(file)]
    return {
        "TA": pd.DataFrame(
            [
                {**arm, "TAETORD": n, "ETCD": code, "ELEMENT": name, "EPOCH": epoch}
                for n, (code, name, epoch, _) in enumerate(steps, 1)
            ]
        ),
        "TE": pd.DataFrame(
            [
                {"ETCD": code, "ELEMENT": name, "TESTRL": start, "TEENRL": "Start of the next element", "TEDUR": None}
                for code, name, _, start in steps
            ]
        ),
        "TV": pd.DataFrame(
            [
                {"VISITNUM": number, "VISIT": name, "VISITDY": day, "ARMCD": None, "ARM": None, "TVSTRL": "As planned"}
                for name, (number, _, day) in VISITS.items()
            ]
        ),
        "TI": pd.DataFrame(
            [
                {"IETESTCD": "INCL01", "IETEST": "Age 5 years or older", "IECAT": "INCLUSION", "TIVERS": "1"},
                {"IETESTCD": "EXCL01", "IETEST": "Active infection", "IECAT": "EXCLUSION", "TIVERS": "1"},
            ]
        ),
        "TS": pd.DataFrame(summary),
    }


def frame(table: str, *rows: dict[str, Any]) -> pd.DataFrame:
    """A captured table as a cut gives it: every column it has, None where a row does not say."""
    head = ["study_id", "subject_id", "record_id", "version", "visit_id", "origin", "source"]
    made = [
        {"study_id": STUDY, "record_id": f"{table}-{n}", "version": 1, "origin": "collected", "source": "transcribed", **row}
        for n, row in enumerate(rows, 1)
    ]
    return pd.DataFrame(
        [{name: row.get(name) for name in [*head, *fields(CAPTURED[table])]} for row in made],
        columns=[*head, *fields(CAPTURED[table])],
        dtype=object,
    )


def subjects(*names: str, origin: str = "collected") -> pd.DataFrame:
    """The registered subjects, all of one site."""
    rows = [{"study_id": STUDY, "subject_id": name, "siteid": "01", "origin": origin} for name in names]
    return pd.DataFrame(rows, dtype=object)


def verdicts(*rows: dict[str, Any]) -> pd.DataFrame:
    """Verdicts about records."""
    names = ["subject_id", "rule", "about", "value", "amount", "lowest", "highest"]
    return pd.DataFrame([{name: row.get(name) for name in names} for row in rows], columns=names, dtype=object)


def _visits(subject: str, *visits: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        {"subject_id": subject, "record_id": f"{subject} {name}", "visit": name, "svpresp": "Y", "svoccur": "Y", "svstdtc": day}
        | {"svendtc": day}
        for name, day in visits
    ]


def _treated(subject: str) -> dict[str, list[dict[str, Any]]]:
    """The dispositions, visits and doses of a subject who completed two infusions after lymphodepletion."""
    at = {"subject_id": subject}
    milestone = {**at, "dscat": "PROTOCOL MILESTONE"}
    product = {**at, "ectrt": "CELLS", "ecoccur": "Y", "ecdosu": "10^9 Therapeutic Cells", "ecdosfrm": "INJECTION, SUSPENSION"}
    product |= {"ecroute": "INTRAVENOUS", "eclot": "LOT-1", "ecdose": "3.0", "ecpdose": "3.0", "doselvl": "DOSE1"}
    drug = {**at, "ecoccur": "Y", "ecdosu": "mg", "ecdosfrm": "INJECTION", "ecroute": "INTRAVENOUS", "ecbsa": "1.40"}
    consent = {"dsdecod": "INFORMED CONSENT OBTAINED", "dsterm": "Informed consent obtained", "dsstdtc": "2025-01-06"}
    assent = {"dsdecod": "INFORMED ASSENT OBTAINED", "dsterm": "Assent obtained", "dsstdtc": "2025-01-06"}
    entered = {"dsdecod": "ENTERED INTO TRIAL", "dsterm": "Entered into the trial", "dsstdtc": "2025-01-13", "armcd": "DOSE1"}
    ended = {"dsdecod": "COMPLETED", "dsterm": "Completed both infusions", "dsstdtc": "2025-01-27"}
    return {
        "disposition": [
            {**milestone, **consent, "dsicver": "2.0", "dssigner": "PARENT"},
            {**milestone, **assent, "dssigner": "SUBJECT"},
            {**milestone, **entered},
            {**at, "dscat": "DISPOSITION EVENT", "dsscat": "STUDY TREATMENT", **ended},
        ],
        "visit": _visits(
            subject,
            ("SCREENING", "2025-01-06"),
            ("INFUSION 1", "2025-01-20"),
            ("INFUSION 2", "2025-01-27"),
            ("M1", "2025-02-18"),
        ),
        "lymphodepletion": [
            {**drug, "ectrt": "FLUDARABINE", "ecstdtc": "2025-01-15T09:00", "ecdose": "42", "ecdosm2": "30"},
            {**drug, "ectrt": "CYCLOPHOSPHAMIDE", "ecstdtc": "2025-01-15T11:00", "ecdose": "420", "ecdosm2": "300"},
        ],
        "infusion": [
            {**product, "infusno": 1, "visit_id": f"{subject} INFUSION 1", "ecwt": "41.5", "ecwtdtc": "2025-01-20"}
            | {"ecstdtc": "2025-01-20T10:00", "ecendtc": "2025-01-20T10:40", "ecintrp": "N", "ecidchk": "Y"},
            {**product, "infusno": 2, "visit_id": f"{subject} INFUSION 2"}
            | {"ecstdtc": "2025-01-27T10:00", "ecendtc": "2025-01-27T10:30"},
        ],
    }


def _measured(subject: str) -> dict[str, list[dict[str, Any]]]:
    """Findings before and after treatment, among them a converted, a censored, a text and a missing result."""
    screening = {"subject_id": subject, "visit_id": f"{subject} SCREENING"}
    later = {"subject_id": subject, "visit_id": f"{subject} M1"}
    creatinine = {"lbtestcd": "CREAT", "lborresu": "mg/dL", "lbornrlo": "0.40", "lbornrhi": "1.00", "lbspec": "SERUM"}
    return {
        "vital_sign": [
            {**screening, "vstestcd": "TEMP", "vsorres": "98.60", "vsorresu": "F", "vsdtc": "2025-01-06T08:00"},
            {**screening, "vstestcd": "WEIGHT", "vsorres": "41.50", "vsorresu": "kg", "vsdtc": "2025-01-06"},
            {**later, "vstestcd": "WEIGHT", "vsstat": "NOT DONE", "vsreasnd": "Scale broken", "vsdtc": "2025-02-18"},
        ],
        "laboratory": [
            {**screening, **creatinine, "lborres": "0.90", "lbdtc": "2025-01-06T08:10", "lbnam": "Central"},
            {**later, **creatinine, "lborres": "1.20", "lbdtc": "2025-02-18"},
            {**screening, "lbtestcd": "PROTCRT", "lborres": "0.50", "lborresu": "mg/mg", "lbdtc": "2025-01-06"},
            {**later, "lbtestcd": "PROTCRT", "lborres": "50", "lborresu": "mg/mmol", "lbdtc": "2025-02-18"},
            {**screening, "lbtestcd": "CRP", "lborres": "<0.50", "lborresu": "mg/L", "lbornrhi": "5", "lbdtc": "2025-01-06"},
            {**screening, "lbtestcd": "CASTS", "lborres": "ABSENT", "lbdtc": "2025-01-06"},
        ],
        "immunogenicity": [
            {**screening, "istestcd": "ATIGGAB", "isbdagnt": "DOUBLE STRANDED DNA", "isorres": "310", "isorresu": "IU/mL"}
            | {"isornrhi": "100", "isdtc": "2025-01-06"},
        ],
        "flow_cytometry": [
            {
                **screening,
                "cptestcd": "BLYCE",
                "cpmrkstr": "CD19+",
                "cporres": "210",
                "cporresu": "cells/uL",
                "cpdtc": "2025-01-06",
            },
            {**later, "cptestcd": "BLYCE", "cpmrkstr": "CD19+", "cporres": "0", "cporresu": "cells/uL", "cpdtc": "2025-02-18"},
        ],
        "biopsy": [
            {
                **screening,
                "mitestcd": "ISNRPSCL",
                "miorres": "IV+V",
                "micodes": ["IV", "V"],
                "mispec": "TISSUE",
                "miloc": "KIDNEY",
            }
            | {"midtc": "2025-01", "miprno": "P-1"},
        ],
        "microbiology": [
            {**screening, "mbtestcd": "EBDNA", "mborres": "<0.50", "mborresu": "copies/uL", "mbdtc": "2025-01-06"},
            {**later, "mbtestcd": "EBDNA", "mborres": "4.20", "mborresu": "copies/uL", "mbdtc": "2025-02-18", "mbaeno": "2"},
        ],
        "cellular_kinetics": [
            {**later, "pctestcd": "CARDNA", "pcorres": "1250", "pcorresu": "DNA copies/ug", "pclloq": "50", "pcnam": "Central"}
            | {"pcdtc": "2025-02-18"},
        ],
    }


def _assessed(subject: str) -> list[dict[str, Any]]:
    sledai = {"subject_id": subject, "instrument": "SLEDAI-2K", "instrver": 1, "lookback": 30}
    before = {"visit_id": f"{subject} SCREENING", "rsdtc": "2025-01-06"}
    after = {"visit_id": f"{subject} M1", "rsdtc": "2025-02-18"}
    record = {"record_id": f"{subject} baseline"}
    return [
        {**sledai, **before, **record, "answers": {"arthritis": True, "rash": True, "fever": False}, "rstotal": "6"},
        {**sledai, **after, "answers": {"arthritis": False, "rash": None, "fever": False}},
        {
            "subject_id": subject,
            **before,
            "instrument": "PGA",
            "instrver": 1,
            "answers": {"score": "1.50"},
            "rsevalid": "INV-1",
        },
        {"subject_id": subject, **after, "instrument": "PGA", "instrver": 1, "rsstat": "NOT DONE", "rsreasnd": "Refused"},
        {"subject_id": subject, **before, "instrument": "FATIGUE", "instrver": 1, "answers": {"tired": "ALWAYS"}},
    ]


def _happened(subject: str) -> dict[str, list[dict[str, Any]]]:
    """A CRS with its treatment and two toxicity observations, a rash of unknown day, events asked for and intercurrent."""
    at = {"subject_id": subject}
    crs: dict[str, Any] = {"aespid": "1", "aeterm": "Cytokine release syndrome", "aedecod": "Cytokine release syndrome"}
    crs |= {"aecat": "CYTOKINE RELEASE SYNDROME", "aestdtc": "2025-01-20T18:00", "aeendtc": "2025-01-22", "aetoxgr": "2"}
    crs |= {"aetoxscl": "ASTCT 2019", "aetoxver": "2019", "aeser": "Y", "aeshosp": "Y", "aesdth": "N", "aeslife": "N"}
    crs |= {
        "aerel": "RELATED",
        "aerelld": "NOT RELATED",
        "aeacn": "DOSE NOT CHANGED",
        "aeout": "RECOVERED/RESOLVED",
        "aeinfno": 1,
    }
    rash = {
        "aespid": "2",
        "aeterm": "Rash, na\N{LATIN SMALL LETTER I WITH DIAERESIS}ve skin",
        "aestdtc": "2025-01",
        "aetoxgr": "1",
    }
    rash |= {"aetoxscl": "CTCAE", "aeser": "N", "aerel": "NOT RELATED", "aeongo": "Y", "aeout": "NOT RECOVERED/NOT RESOLVED"}
    seen = {**at, "visit_id": f"{subject} INFUSION 1", "age": 13, "infusno": 1, "tempu": "C"}
    return {
        "adverse_event": [{**at, **crs}, {**at, **rash}],
        "toxicity_observation": [
            {**seen, "fadtc": "2025-01-20T18:00", "aespid": "1", "temp": "39.10", "sysbp": "95", "pressors": [], "fio2": "0.28"}
            | {"given": ["PARACETAMOL", "TOCILIZUMAB"], "o2device": "NASAL_CANNULA", "o2flow": "2.0", "conscious": "ALERT"},
            {**seen, "fadtc": "2025-01-21T06:00", "temp": "36.8", "death": "NO", "seizure": "NONE"},
        ],
        "event_grade": [{**at, "aespid": "1", "fadtc": "2025-01-20T18:00", "toxgr": "1"}],
        "medication": [
            {**at, "cmtrt": "Tocilizumab", "cmcat": "ANTICYTOKINE", "cmdose": "320", "cmdosu": "mg", "cmdosfrq": "ONCE"}
            | {"cmroute": "INTRAVENOUS", "cmstdtc": "2025-01-20T19:00", "cmendtc": "2025-01-20T20:00", "cmaeno": "1"},
            {**at, "cmtrt": "Hydroxychloroquine", "cmcat": "ANTIMALARIAL", "cmstdtc": "2023", "cmongo": "Y"},
        ],
        "procedure": [
            {**at, "visit_id": f"{subject} SCREENING", "prtrt": "Renal biopsy", "prdecod": "BIOPSY", "prcat": "BIOPSY"}
            | {"prloc": "KIDNEY", "prstdtc": "2025-01", "prspid": "P-1"},
            {**at, "prtrt": "Platelets", "prdecod": "TRANSFUSION OF PLATELETS", "prcat": "TRANSFUSION", "prdose": "250"}
            | {"prdosu": "mL", "prstdtc": "2025-01-23T14:00", "prendtc": "2025-01-23T15:00", "praeno": "1"},
        ],
        "custody_event": [
            {**at, "berefid": "BAG-1", "beterm": "Thawed in a water bath", "bedecod": "THAWING", "beparty": "SITE"}
            | {"beprtyid": "901", "beplace": "Ward", "bestdtc": "2025-01-20T09:00", "beendtc": "2025-01-20T09:20"},
        ],
        "healthcare_encounter": [
            {
                **at,
                "hoterm": "Admitted with fever",
                "hodecod": "HOSPITAL STAY",
                "hostdtc": "2025-01-20",
                "hoendtc": "2025-01-22",
            }
            | {"hoaeno": "1"},
        ],
        "protocol_deviation": [
            {**at, "dvterm": "Scale broken at M1", "dvdecod": "PROCEDURE NOT DONE", "dvcat": "NOT IMPORTANT"}
            | {"dvstdtc": "2025-02-18"},
        ],
        "dlt_assessment": [
            {**at, "dltdtc": "2025-02-18", "dltyn": "N", "aespid": "1", "dltby": "Committee", "dltreas": "Grade 1, resolved"},
            {**at, "dltdtc": "2025-02-18", "dltyn": "N", "dltby": "Committee", "dltreas": "No item of the checklist was met"},
        ],
        "prespecified_event": [
            {**at, "visit_id": f"{subject} M1", "ceterm": "REJECTION", "ceoccur": "N", "cedtc": "2025-02-18"},
            {**at, "visit_id": f"{subject} M1", "ceterm": "HOSPITALIZATION", "ceoccur": "Y", "cedtc": "2025-02-18"}
            | {"cestdtc": "2025-01-20", "ceendtc": "2025-01-22", "aespid": "1"},
        ],
        "intercurrent_event": [
            {**at, "icetype": "CRS_TREATMENT", "icestdtc": "2025-01-20", "icecount": "N", "iceadjby": "Committee"},
        ],
        "lupus_review": [
            {**at, "visit_id": f"{subject} M1", "rvdtc": "2025-02-18", "haemolys": "N", "giactiv": "N", "bgstable": "N"}
            | {"bgchgrea": "TAPER", "bgtolrtd": "Y"},
        ],
        "medical_history": [
            {**at, "mhterm": "Systemic lupus erythematosus", "mhcat": "DISEASE UNDER STUDY", "mhevdtyp": "DIAGNOSIS"}
            | {"mhstdtc": "2023", "mhongo": "Y", "mhdur": "2.0"},
            {**at, "mhterm": "Asthma", "mhcat": "GENERAL", "mhstdtc": "2015-04-02", "mhendtc": "2019"},
        ],
    }


def frames() -> dict[str, pd.DataFrame]:
    """All frames of the small study: 001 with every form, 002 treated, 003 a screen failure."""
    first, second = _treated("001"), _treated("002")
    rows: dict[str, list[dict[str, Any]]] = {name: first[name] + second[name] for name in first}
    rows |= _measured("001") | _happened("001") | examined("001")
    rows["assessment"] = _assessed("001")
    demographics = {"dmdtc": "2025-01-06", "sex": "F", "race": "ASIAN", "ethnic": "NOT HISPANIC OR LATINO", "country": "CHN"}
    rows["demographics"] = [
        {**demographics, "subject_id": "001", "brthdtc": "2011-08"},
        {**demographics, "subject_id": "002", "brthdtc": "2009", "age": 15, "sex": "M"},
        {**demographics, "subject_id": "003", "brthdtc": "2010-03"},
    ]
    rows["eligibility"] = [
        {"subject_id": "001", "ietestcd": "INCL01", "ieorres": "Y", "iedtc": "2025-01-06"},
        {"subject_id": "003", "ietestcd": "EXCL01", "ieorres": "Y", "iedtc": "2025-01-08"},
    ]
    failed = {"dsterm": "Active infection", "dsdecod": "SCREEN FAILURE", "dsstdtc": "2025-01-08"}
    rows["disposition"] += [
        {**rows["disposition"][0], "subject_id": "003"},
        {"subject_id": "003", "dscat": "DISPOSITION EVENT", "dsscat": "STUDY PARTICIPATION", **failed},
    ]
    rows["visit"] += _visits("003", ("SCREENING", "2025-01-06"))
    rows["product_lot"] = [{"eclot": "LOT-1", "lotstat": "RELEASED", "viabpct": "92.5", "donorid": "D-1", "subject_id": ""}]
    made = {table: frame(table, *rows.get(table, [])) for table in CAPTURED}
    made["subject"] = subjects("001", "002", "003")
    made["verdict"] = verdicts(
        {"subject_id": "001", "rule": "sledai2k", "about": "001 baseline", "value": "computed", "amount": "6"},
        {"subject_id": "001", "rule": "treatment_emergent", "about": "1", "value": "met"},
        {"subject_id": "001", "rule": "emergent_infusion", "about": "1", "value": "not_met"},
        {"subject_id": "001", "rule": "treatment_emergent", "about": "2", "value": "not_evaluable"},
    )
    made["analysis"] = analysis()
    made["derived_deviation"] = deviated(STUDY, "001")
    return made
