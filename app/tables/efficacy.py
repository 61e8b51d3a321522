"""How active the disease is: instruments, the lupus review of a visit, intercurrent events, totals that others reported."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Mapped

from app.tables.base import Captured, Form, answers, code, date, flag, number, text, whole


class Assessment(Captured):
    """
    One instrument as answered: SLEDAI-2K, BILAG-2004, PGA, ICE, CAPD, or whatever document the study has in force.

    `rstotal` is a total that the assessor added up: refused where it disagrees with the items. The look-back that the form
    printed is stored with its answers. `predose` tells an assessment of the first infusion's day that precedes it. `rstrndtc`,
    when `rsevalid` was trained in the instrument, is asked where its document asks for trained assessors.
    """

    __tablename__ = "assessment"
    __form__ = Form(
        "assessments",
        "Disease Response and Clinical Classification",
        "RS",
        visit="optional",
        given=("instrver", "lookback"),
    )

    instrument: Mapped[str] = text("Instrument", required=True, length=40)
    instrver: Mapped[int] = whole("Instrument Version", least=1, required=True)
    lookback: Mapped[int | None] = whole("Look-Back", unit="days", most=366)
    rsdtc: Mapped[str | None] = date("Date/Time of Assessment")
    predose: Mapped[str | None] = flag("Assessed Before the Infusion")
    rsevalid: Mapped[str | None] = text("Evaluator Identifier", length=40)
    rsstat: Mapped[str | None] = code("Completion Status", "ND")
    rsreasnd: Mapped[str | None] = text("Reason Not Done")
    answers: Mapped[dict[str, Any] | None] = answers("Answers")
    rstotal: Mapped[Decimal | None] = number("Total as Added Up by the Assessor")
    rstrndtc: Mapped[str | None] = date("Date of the Assessor's Training")


class DescriptorExclusion(Captured):
    """
    Why a SLEDAI-2K descriptor whose limit the data reach is not scored at a visit: its cause other than lupus.

    Recorded beside the assessment, so that a question about a tick is answered without changing the tick.
    """

    __tablename__ = "descriptor_exclusion"
    __form__ = Form("descriptor-exclusions", "SLEDAI-2K Descriptor Not Scored", "FA", visit="required")

    descript: Mapped[str] = code("Descriptor Not Scored", "S2KDESC", required=True)
    exclreas: Mapped[str] = code("Cause Other Than Lupus", "S2KEXCL", required=True)
    exclword: Mapped[str | None] = text("Cause in Words")
    excldtc: Mapped[str | None] = date("Date of the Decision")


class LupusReview(Captured):
    """What LLDAS and remission ask beside the instruments: haemolysis, gut, background therapy stable, tolerated, changed."""

    __tablename__ = "lupus_review"
    __form__ = Form("lupus-reviews", "Lupus Review", "FA", visit="required")

    rvdtc: Mapped[str] = date("Date/Time of Review", required=True)
    haemolys: Mapped[str | None] = flag("Haemolytic Anaemia due to Lupus")
    giactiv: Mapped[str | None] = flag("Gastrointestinal Activity due to Lupus")
    glucoc: Mapped[str | None] = flag("Taking Systemic Glucocorticoid")
    bgstable: Mapped[str | None] = flag("Background Therapy Stable")
    bgchgrea: Mapped[str | None] = code("Reason for Change of Background Therapy", "BGCHGREA")
    bgtolrtd: Mapped[str | None] = flag("Background Therapy Well Tolerated")
    othinvst: Mapped[str | None] = flag("Other Investigational Drug")


class IntercurrentEvent(Captured):
    """An event after the start of treatment that bears on the endpoint; `icecount` is the adjudicators' decision."""

    __tablename__ = "intercurrent_event"
    __form__ = Form("intercurrent-events", "Intercurrent Event", "CE")

    icetype: Mapped[str] = code("Type of Intercurrent Event", "ICETYPE", required=True)
    icestdtc: Mapped[str] = date("Start Date/Time of Intercurrent Event", required=True)
    icedesc: Mapped[str | None] = text("Description")
    icecount: Mapped[str | None] = flag("Counts by Adjudication")
    iceadjby: Mapped[str | None] = text("Adjudicated By", length=100)
    icevisit: Mapped[str | None] = text("Visit at Which It Was Prescribed", length=40)


class ReportedResult(Captured):
    """A result that a source reports without what it was made of: kept as reported, never taken for a derived one."""

    __tablename__ = "reported_result"
    __form__ = Form("reported-results", "Result as Reported", "RS")

    rptestcd: Mapped[str] = code("Reported Result Short Name", "RPTESTCD", required=True)
    rporres: Mapped[str] = text("Result as Reported", required=True)
    rporresu: Mapped[str | None] = code("Unit as Reported", "UNIT")
    rptiming: Mapped[str | None] = code("Timing as Reported", "RPTIMING")
