"""What happened to the subject and what was measured: events, toxicity observations, vital signs, laboratory, biopsy."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Mapped

from app.tables.base import Captured, Form, code, codes, date, flag, link, number, result, text, whole


class AdverseEvent(Captured):
    """
    One adverse event; a CRS or ICANS episode is one event with its highest grade, its scale and the scale's version.

    Causality is asked for the product, the lymphodepletion and each of its drugs, procedures, background medication and the
    disease apart. `aespid` is the event's own number. From `aeloc` to `aeicu`: what grading a local toxicity (LICATS) asks
    beside the stay in hospital. The grades that it went through are records of their own, see `EventGrade`.
    """

    __tablename__ = "adverse_event"
    __form__ = Form("adverse-events", "Adverse Event", "AE", named="aespid")

    aespid: Mapped[str] = text("Sponsor-Defined Identifier", required=True, length=20)
    aeterm: Mapped[str] = text("Reported Term for the Adverse Event", required=True)
    aedecod: Mapped[str | None] = text("Dictionary-Derived Term")
    aecat: Mapped[str | None] = code("Category for Adverse Event", "AECAT")
    aestdtc: Mapped[str | None] = date("Start Date/Time of Adverse Event")
    aeendtc: Mapped[str | None] = date("End Date/Time of Adverse Event")
    aeongo: Mapped[str | None] = flag("Ongoing Adverse Event")
    aetoxgr: Mapped[str | None] = code("Standard Toxicity Grade", "AETOXGR")
    aetoxscl: Mapped[str | None] = code("Toxicity Scale", "TOXSCALE")
    aetoxver: Mapped[str | None] = text("Toxicity Scale Version", length=20)
    aeser: Mapped[str | None] = flag("Serious Event")
    aesdth: Mapped[str | None] = flag("Results in Death")
    aeslife: Mapped[str | None] = flag("Is Life Threatening")
    aeshosp: Mapped[str | None] = flag("Requires or Prolongs Hospitalization")
    aesdisab: Mapped[str | None] = flag("Persist or Signif Disability/Incapacity")
    aescong: Mapped[str | None] = flag("Congenital Anomaly or Birth Defect")
    aesmie: Mapped[str | None] = flag("Other Medically Important Serious Event")
    aerel: Mapped[str | None] = code("Causality", "AEREL")
    aerelld: Mapped[str | None] = code("Causality to Lymphodepletion", "AEREL")
    aerelpr: Mapped[str | None] = code("Causality to Procedure", "AEREL")
    aeacn: Mapped[str | None] = code("Action Taken with Study Treatment", "ACN")
    aeout: Mapped[str | None] = code("Outcome of Adverse Event", "OUT")
    aecontrt: Mapped[str | None] = flag("Concomitant or Additional Trtmnt Given")
    aeinfno: Mapped[int | None] = whole("Infusion Before the Event", least=1, most=100)
    aeunexp: Mapped[str | None] = flag("Unexpected by the Reference Safety Info")
    aeawdtc: Mapped[str | None] = date("Date the Sponsor Became Aware")
    aeloc: Mapped[str | None] = code("Location of Event", "LOC")
    aeorgbef: Mapped[str | None] = flag("Organ Affected by the Disease Before")
    aeothcau: Mapped[str | None] = flag("Event Has Another Cause")
    aegcweek: Mapped[str | None] = flag("Glucocorticoid, Symptoms Over a Week")
    aeinnorg: Mapped[str | None] = flag("Relevant Inner Organ Involved")
    aeicu: Mapped[str | None] = flag("Intensive Care for the Event")
    aeworse: Mapped[str | None] = flag("Worsened While It Lasted")
    aewrsdtc: Mapped[str | None] = date("Date of the Last Worsening")
    aerelflu: Mapped[str | None] = code("Causality to Fludarabine", "AEREL")
    aerelcy: Mapped[str | None] = code("Causality to Cyclophosphamide", "AEREL")
    aerelbg: Mapped[str | None] = code("Causality to Background Medication", "AEREL")
    aereldis: Mapped[str | None] = code("Causality to the Disease Under Study", "AEREL")
    aeacnld: Mapped[str | None] = code("Action Taken with Lymphodepletion", "ACN")
    aenextin: Mapped[str | None] = code("Effect on the Next Infusion", "NEXTINF")
    aesawdtc: Mapped[str | None] = date("Date/Time the Site Became Aware")
    aegrdrea: Mapped[str | None] = text("Reason Grade Differs From the Computed")
    aerefrac: Mapped[str | None] = flag("Refractory to Transfusion/Growth Factor")


class EventGrade(Captured):
    """
    The grade of an adverse event from a date on, in the scale of the event: its first grade, then each that it changed to.

    The event itself keeps its highest grade. Source: SDTMIG 3.4, FA about AE: severity over time.
    """

    __tablename__ = "event_grade"
    __form__ = Form("adverse-event-grades", "Grade of an Adverse Event Over Time", "FA")

    aespid: Mapped[str] = link("Adverse Event Graded", "adverse_event", required=True)
    fadtc: Mapped[str] = date("Date/Time From Which the Grade Holds", required=True)
    toxgr: Mapped[str] = code("Toxicity Grade", "AETOXGR", required=True)


class ToxicityObservation(Captured):
    """
    What CRS and ICANS grading needs, at one time after an infusion; made on a schedule, so that "none" is evidence.

    Lists: empty is recorded as none, null is not recorded. ICE and CAPD are assessments of their own at the same time.
    """

    __tablename__ = "toxicity_observation"
    __form__ = Form("toxicity-observations", "Toxicity Observation", "FA", visit="optional")

    fadtc: Mapped[str] = date("Date/Time of Collection", required=True, precision="time")
    age: Mapped[int] = whole("Completed Age at Observation", unit="YEARS", required=True, most=120)
    infusno: Mapped[int | None] = whole("Infusion Before the Observation", least=1, most=100)
    aespid: Mapped[str | None] = text("Adverse Event Observed", length=20)
    temp: Mapped[Decimal | None] = number("Highest Temperature", least="30", most="115")
    tempu: Mapped[str | None] = code("Temperature Unit", "TEMPU")
    feveroth: Mapped[str | None] = flag("Fever Has Another Cause")
    given: Mapped[list[Any] | None] = codes("Antipyretics, Anticytokines Since Last", "CRSTRT")
    sysbp: Mapped[Decimal | None] = number("Systolic Blood Pressure", unit="mmHg", least="20", most="300")
    diabp: Mapped[Decimal | None] = number("Diastolic Blood Pressure", unit="mmHg", least="10", most="200")
    hypotens: Mapped[str | None] = flag("Hypotension by the Investigator")
    hypototh: Mapped[str | None] = flag("Hypotension Has Another Cause")
    pressors: Mapped[list[Any] | None] = codes("Vasopressors Running", "PRESSOR")
    oxysat: Mapped[Decimal | None] = number("Oxygen Saturation", unit="%", least="0", most="100")
    o2device: Mapped[str | None] = code("Oxygen Device", "O2DEVICE")
    o2flow: Mapped[Decimal | None] = number("Oxygen Flow", unit="L/min", least="0", most="100")
    fio2: Mapped[Decimal | None] = number("Fraction of Inspired Oxygen", unit="fraction", least="0.21", most="1")
    hypoxoth: Mapped[str | None] = flag("Hypoxia Has Another Cause")
    devdelay: Mapped[str | None] = flag("Developmental Delay")
    icerea: Mapped[str | None] = code("Reason ICE Not Done", "ICEREAS")
    capduna: Mapped[str | None] = flag("CAPD Impossible to Perform")
    conscious: Mapped[str | None] = code("Level of Consciousness", "CONSCIOUS")
    consoth: Mapped[str | None] = flag("Low Consciousness Has Another Cause")
    seizure: Mapped[str | None] = code("Seizure", "SEIZURE")
    seizmin: Mapped[Decimal | None] = number("Seizure Duration", unit="min", least="0")
    motor: Mapped[str | None] = code("Motor Finding", "MOTOR")
    icp: Mapped[str | None] = code("Raised Intracranial Pressure or Oedema", "ICP")
    haemorrh: Mapped[str | None] = flag("Intracranial Haemorrhage")
    death: Mapped[str | None] = code("Death", "TOXDEATH")
    constit: Mapped[str | None] = flag("Constitutional Symptoms")
    prshigh: Mapped[str | None] = flag("Vasopressor at a High Dose")
    orgtox: Mapped[int | None] = whole("Highest CTCAE Grade of Organ Toxicity", most=5)
    transam: Mapped[int | None] = whole("CTCAE Grade of Transaminitis", most=5)
    temploc: Mapped[str | None] = code("Location of Temperature Measurement", "LOC")
    fevcause: Mapped[str | None] = text("Other Cause of Fever")
    map: Mapped[Decimal | None] = number("Mean Arterial Pressure", unit="mmHg", least="10", most="250")
    fluidbol: Mapped[Decimal | None] = number("Fluid Bolus Since Last Observation", unit="mL/kg", least="0", most="200")
    hytcause: Mapped[str | None] = text("Other Cause of Hypotension")
    hyxcause: Mapped[str | None] = text("Other Cause of Hypoxia")
    concause: Mapped[str | None] = text("Other Cause of Low Consciousness")
    rass: Mapped[int | None] = whole("Richmond Agitation-Sedation Scale", least=-5, most=4)


class DltAssessment(Captured):
    """
    Whether something was a dose-limiting toxicity, as adjudicated: an event by its `aespid`, or the whole window.

    N without an event says that the window held no dose-limiting toxicity, which is evidence and not a blank.
    """

    __tablename__ = "dlt_assessment"
    __form__ = Form("dlt-assessments", "Dose-Limiting Toxicity Assessment", "FA", visit="optional")

    dltdtc: Mapped[str] = date("Date of Adjudication", required=True)
    dltyn: Mapped[str] = flag("Dose-Limiting Toxicity", required=True)
    dltitem: Mapped[str | None] = text("Item of the Checklist", length=8)
    aespid: Mapped[str | None] = link("Adverse Event Adjudicated", "adverse_event")
    dltby: Mapped[str] = text("Adjudicated By", required=True)
    dltreas: Mapped[str] = text("Reason for the Adjudication", required=True)
    dltvote: Mapped[str | None] = text("Vote of the Adjudicators")


class PrespecifiedEvent(Captured):
    """Whether an event asked about at every visit occurred: rejection, GvHD, infection, hospital, intensive care."""

    __tablename__ = "prespecified_event"
    __form__ = Form("prespecified-events", "Prespecified Clinical Event", "CE", visit="optional")

    ceterm: Mapped[str] = code("Reported Term for the Clinical Event", "CETERM", required=True)
    ceoccur: Mapped[str] = flag("Clinical Event Occurrence", required=True)
    cedtc: Mapped[str | None] = date("Date/Time of Event Collection")
    cestdtc: Mapped[str | None] = date("Start Date/Time of Clinical Event")
    ceendtc: Mapped[str | None] = date("End Date/Time of Clinical Event")
    aespid: Mapped[str | None] = link("Adverse Event Reported", "adverse_event")


class VitalSign(Captured):
    """One vital sign as measured; not done is `vsstat` with `vsreasnd`."""

    __tablename__ = "vital_sign"
    __form__ = Form("vital-signs", "Vital Signs", "VS", visit="optional")

    vstestcd: Mapped[str] = code("Vital Signs Test Short Name", "VSTESTCD", required=True)
    vsorres: Mapped[str | None] = result("Result or Finding in Original Units")
    vsorresu: Mapped[str | None] = code("Original Units", "VSRESU")
    vsstat: Mapped[str | None] = code("Completion Status", "ND")
    vsreasnd: Mapped[str | None] = text("Reason Not Performed")
    vsdtc: Mapped[str | None] = date("Date/Time of Measurements")


class Ecg(Captured):
    """One result of an electrocardiogram: an interval, a rate, a rhythm, or the interpretation of the whole (`INTP`)."""

    __tablename__ = "ecg"
    __form__ = Form("ecgs", "ECG Test Results", "EG", visit="optional")

    egtestcd: Mapped[str] = code("ECG Test or Examination Short Name", "EGTESTCD", required=True)
    egorres: Mapped[str | None] = result("Result or Finding in Original Units")
    egorresu: Mapped[str | None] = code("Original Units", "UNIT")
    egpos: Mapped[str | None] = code("ECG Position of Subject", "POSITION")
    egmethod: Mapped[str | None] = code("Method of Test or Examination", "EGMETHOD")
    egnam: Mapped[str | None] = text("Vendor Name")
    egclsig: Mapped[str | None] = flag("Clinically Significant, Collected")
    egstat: Mapped[str | None] = code("Completion Status", "ND")
    egreasnd: Mapped[str | None] = text("Reason ECG Not Done")
    egdtc: Mapped[str | None] = date("Date/Time of ECG")


class PhysicalExamination(Captured):
    """One body system as examined: `NORMAL`, or what was found, in words; what matters of it is an event or a history."""

    __tablename__ = "physical_examination"
    __form__ = Form("physical-examinations", "Physical Examination", "PE", visit="optional")

    petestcd: Mapped[str] = code("Body System Examined Short Name", "PETESTCD", required=True)
    peorres: Mapped[str | None] = result("Verbatim Examination Finding")
    peloc: Mapped[str | None] = code("Location of Physical Exam Finding", "LOC")
    pestat: Mapped[str | None] = code("Completion Status", "ND")
    pereasnd: Mapped[str | None] = text("Reason Not Examined")
    pedtc: Mapped[str | None] = date("Date/Time of Examination")


class Laboratory(Captured):
    """One laboratory result as reported: value or censored value, unit, and the range of the laboratory that measured it."""

    __tablename__ = "laboratory"
    __form__ = Form("laboratory", "Laboratory Test Result", "LB", visit="optional")

    lbtestcd: Mapped[str] = code("Lab Test or Examination Short Name", "LBTESTCD", required=True)
    lbcat: Mapped[str | None] = code("Category for Lab Test", "LBCAT")
    lborres: Mapped[str | None] = result("Result or Finding in Original Units")
    lborresu: Mapped[str | None] = code("Original Units", "UNIT")
    lbornrlo: Mapped[Decimal | None] = number("Reference Range Lower Limit in Orig Unit")
    lbornrhi: Mapped[Decimal | None] = number("Reference Range Upper Limit in Orig Unit")
    lbspec: Mapped[str | None] = code("Specimen Type", "SPECTYPE")
    lbmethod: Mapped[str | None] = code("Method of Test or Examination", "METHOD")
    lbnam: Mapped[str | None] = text("Vendor Name")
    lbstat: Mapped[str | None] = code("Completion Status", "ND")
    lbreasnd: Mapped[str | None] = text("Reason Test Not Done")
    lbdtc: Mapped[str | None] = date("Date/Time of Specimen Collection")


class Immunogenicity(Captured):
    """One autoantibody or anti-product antibody result; `isbdagnt` names what an autoantibody binds."""

    __tablename__ = "immunogenicity"
    __form__ = Form("immunogenicity", "Immunogenicity Specimen Assessment", "IS", visit="optional")

    istestcd: Mapped[str] = code("Immunogenicity Test/Exam Short Name", "ISTESTCD", required=True)
    isbdagnt: Mapped[str | None] = code("Binding Agent", "ISBDAGT")
    isorres: Mapped[str | None] = result("Results or Findings in Original Units")
    isorresu: Mapped[str | None] = code("Original Units", "UNIT")
    isornrhi: Mapped[Decimal | None] = number("Reference Range Upper Limit in Orig Unit")
    islloq: Mapped[Decimal | None] = number("Lower Limit of Quantitation")
    isspec: Mapped[str | None] = code("Specimen Type", "SPECTYPE")
    ismethod: Mapped[str | None] = code("Method of Test or Examination", "METHOD")
    isnam: Mapped[str | None] = text("Vendor Name")
    isstat: Mapped[str | None] = code("Completion Status", "ND")
    isreasnd: Mapped[str | None] = text("Reason Not Done")
    isdtc: Mapped[str | None] = date("Date/Time of Collection")


class FlowCytometry(Captured):
    """One cell population by flow cytometry: B-cell subsets, NK cells, CAR-positive NK cells; the marker is a string."""

    __tablename__ = "flow_cytometry"
    __form__ = Form("flow-cytometry", "Cell Phenotype Findings", "CP", visit="optional")

    cptestcd: Mapped[str] = code("Test or Examination Short Name", "CPTESTCD", required=True)
    cpmrkstr: Mapped[str | None] = text("Marker String")
    cporres: Mapped[str | None] = result("Result or Finding in Original Units")
    cporresu: Mapped[str | None] = code("Original Units", "UNIT")
    cplloq: Mapped[Decimal | None] = number("Lower Limit of Quantitation", least="0")
    cpspec: Mapped[str | None] = code("Specimen Type", "SPECTYPE")
    cpmethod: Mapped[str | None] = code("Method of Test or Examination", "METHOD")
    cpstat: Mapped[str | None] = code("Completion Status", "ND")
    cpreasnd: Mapped[str | None] = text("Reason Not Done")
    cpdtc: Mapped[str | None] = date("Date/Time of Collection")


class Biopsy(Captured):
    """
    One finding of a biopsy; `HEMOPHAG` is PRESENT or ABSENT. For the ISN/RPS class `miorres` is verbatim; `micodes` the classes
    it codes to.

    `micodes` stays null where the wording is ambiguous ("III+III-V"): nothing is normalised by guess. `miprno` is the number of
    the procedure that took the tissue (`prspid`).
    """

    __tablename__ = "biopsy"
    __form__ = Form("biopsies", "Microscopic Findings", "MI", visit="optional")

    mitestcd: Mapped[str] = code("Microscopic Examination Short Name", "MITESTCD", required=True)
    miorres: Mapped[str | None] = result("Result or Finding in Original Units")
    micodes: Mapped[list[Any] | None] = codes("ISN/RPS Classes", "ISNRPS")
    mispec: Mapped[str | None] = code("Specimen Material Type", "SPECTYPE")
    miloc: Mapped[str | None] = code("Specimen Collection Location", "LOC")
    mistat: Mapped[str | None] = code("Completion Status", "ND")
    mireasnd: Mapped[str | None] = text("Reason Not Done")
    midtc: Mapped[str | None] = date("Date/Time of Specimen Collection")
    miprno: Mapped[str | None] = link("Procedure That Took the Specimen", "procedure")


class Microbiology(Captured):
    """
    One organism looked for: detected or not, or how much of it (a viral load); the infection itself is an adverse event.

    Reactivation of EBV, CMV or hepatitis B is seen here first, and reported as an event where it is one.
    """

    __tablename__ = "microbiology"
    __form__ = Form("microbiology", "Microbiology Specimen", "MB", visit="optional")

    mbtestcd: Mapped[str] = code("Microbiology Test or Finding Short Name", "MBTESTCD", required=True)
    mborres: Mapped[str | None] = result("Result or Finding in Original Units")
    mborresu: Mapped[str | None] = code("Original Units", "UNIT")
    mbspec: Mapped[str | None] = code("Specimen Material Type", "SPECTYPE")
    mbloc: Mapped[str | None] = code("Specimen Collection Location", "LOC")
    mbmethod: Mapped[str | None] = code("Method of Test or Examination", "METHOD")
    mbnam: Mapped[str | None] = text("Laboratory/Vendor Name")
    mbstat: Mapped[str | None] = code("Completion Status", "ND")
    mbreasnd: Mapped[str | None] = text("Reason Not Done")
    mbdtc: Mapped[str | None] = date("Date/Time of Collection")
    mbaeno: Mapped[str | None] = link("Infection as Adverse Event", "adverse_event")


class CellularKinetics(Captured):
    """One measurement of the product in the body: copies of its transgene, with the assay's lower limit."""

    __tablename__ = "cellular_kinetics"
    __form__ = Form("cellular-kinetics", "Pharmacokinetics Concentrations", "PC", visit="optional")

    pctestcd: Mapped[str] = code("Pharmacokinetic Test Short Name", "PCTESTCD", required=True)
    pcorres: Mapped[str | None] = result("Result or Finding in Original Units")
    pcorresu: Mapped[str | None] = code("Original Units", "PKUNIT")
    pclloq: Mapped[Decimal | None] = number("Lower Limit of Quantitation", least="0")
    pcspec: Mapped[str | None] = code("Specimen Material Type", "SPECTYPE")
    pcmethod: Mapped[str | None] = code("Method of Test or Examination", "METHOD")
    pcnam: Mapped[str | None] = text("Vendor Name")
    pcstat: Mapped[str | None] = code("Completion Status", "ND")
    pcreasnd: Mapped[str | None] = text("Reason Test Not Done")
    pcdtc: Mapped[str | None] = date("Date/Time of Specimen Collection")
