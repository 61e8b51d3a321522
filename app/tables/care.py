"""What happened around the treatment: procedures, stays in hospital, deviations, details of a death; and comments."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.orm import Mapped

from app.tables.base import Captured, Form, code, date, flag, link, number, result, text


class Procedure(Captured):
    """
    One procedure: a renal biopsy, a lumbar puncture, an apheresis, a transfusion, dialysis, ventilation.

    A transfusion is a procedure with its volume or units as dose; a growth factor or immunoglobulin is a medication. `prspid`
    is the site's own number of it, by which findings name it.
    """

    __tablename__ = "procedure"
    __form__ = Form("procedures", "Procedures", "PR", visit="optional", named="prspid")

    prtrt: Mapped[str] = text("Reported Name of Procedure", required=True)
    prdecod: Mapped[str | None] = code("Standardized Procedure Name", "PROCEDUR")
    prcat: Mapped[str | None] = code("Category", "PRCAT")
    prindc: Mapped[str | None] = text("Indication")
    prdose: Mapped[Decimal | None] = number("Dose", least="0")
    prdosu: Mapped[str | None] = code("Dose Units", "UNIT")
    prloc: Mapped[str | None] = code("Location of Procedure", "LOC")
    prstdtc: Mapped[str | None] = date("Start Date/Time of Procedure")
    prendtc: Mapped[str | None] = date("End Date/Time of Procedure")
    praeno: Mapped[str | None] = link("Adverse Event Treated or Investigated", "adverse_event")
    prspid: Mapped[str | None] = text("Sponsor-Defined Identifier", length=20)


class HealthcareEncounter(Captured):
    """One stay in hospital or intensive care, or another encounter; its days follow from its first and last date."""

    __tablename__ = "healthcare_encounter"
    __form__ = Form("healthcare-encounters", "Healthcare Encounters", "HO")

    hoterm: Mapped[str] = text("Healthcare Encounter Term", required=True)
    hodecod: Mapped[str] = code("Dictionary-Derived Term", "HODECOD", required=True)
    hostdtc: Mapped[str | None] = date("Start Date/Time of Healthcare Encounter")
    hoendtc: Mapped[str | None] = date("End Date/Time of Healthcare Encounter")
    hoongo: Mapped[str | None] = flag("Ongoing Healthcare Encounter")
    hoaeno: Mapped[str | None] = link("Adverse Event That Led to It", "adverse_event")


class ProtocolDeviation(Captured):
    """One departure from the protocol as the site or a monitor reports it."""

    __tablename__ = "protocol_deviation"
    __form__ = Form("protocol-deviations", "Protocol Deviations", "DV")

    dvterm: Mapped[str] = text("Protocol Deviation Term", required=True)
    dvdecod: Mapped[str] = code("Protocol Deviation Coded Term", "DVDECOD", required=True)
    dvcat: Mapped[str | None] = code("Category for Protocol Deviation", "DVCAT")
    dvstdtc: Mapped[str | None] = date("Start Date/Time of Deviation")
    dvendtc: Mapped[str | None] = date("End Date/Time of Deviation")


class DeathDetail(Captured):
    """One detail of a death: its cause, its place, an autopsy; the death itself is a disposition or an adverse event."""

    __tablename__ = "death_detail"
    __form__ = Form("death-details", "Death Details", "DD")

    ddtestcd: Mapped[str] = code("Death Detail Assessment Short Name", "DTHDXCD", required=True)
    ddorres: Mapped[str | None] = result("Result or Finding as Collected")
    dddtc: Mapped[str | None] = date("Date/Time of Collection")


class Comment(Captured):
    """
    One comment in free words, about a record of the subject, or about the subject where none is named.

    It is data like any other and is sent (CO); a question about a value is a query and is not. A comment on a record has the
    date of the record and none of its own (SDTMIG 3.4, CO: CODTC).
    """

    __tablename__ = "comment"
    __form__ = Form("comments", "Comments", "CO")

    coval: Mapped[str] = text("Comment", required=True)
    codtc: Mapped[str | None] = date("Date/Time of Comment")
    corecord: Mapped[str | None] = text("Record Commented On", length=36)
