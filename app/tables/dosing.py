"""What the subject was given: product lots, custody, decisions on levels, infusions, lymphodepletion, other medication."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.orm import Mapped

from app.tables.base import Captured, Form, code, date, flag, link, number, text, whole


class ProductLot(Captured):
    """A lot of the study product; `dsubjid` names the one subject of an autologous lot, `donorid` the donor of the other."""

    __tablename__ = "product_lot"
    __form__ = Form("lots", "Product Lot", "DI", scope="study", named="eclot", after="nothing")

    eclot: Mapped[str] = text("Lot Number", required=True, length=40)
    expdtc: Mapped[str | None] = date("Expiry Date")
    lotstat: Mapped[str] = code("Release Status", "LOTSTAT", required=True)
    reldtc: Mapped[str | None] = date("Date of Release")
    coiid: Mapped[str | None] = text("Chain of Identity Identifier", length=40)
    dsubjid: Mapped[str | None] = text("Subject of an Autologous Lot", length=40)
    donorid: Mapped[str | None] = text("Donor Identifier", length=40)
    viabpct: Mapped[Decimal | None] = number("Viability", unit="%", least="0", most="100")
    carpct: Mapped[Decimal | None] = number("CAR-Positive Cells", unit="%", least="0", most="100")


class CustodyEvent(Captured):
    """
    One event of a bag of the product on its way to the subject: collected, shipped, received, frozen, taken out, thawed,
    destroyed, out of its temperature.

    `berefid` is what stands on the bag, `bedtc` when its cells were collected. `beparty` and `beprtyid` say in whose hands it
    was. An event that was entered is never changed but by a version of its own, as any record is.
    """

    __tablename__ = "custody_event"
    __form__ = Form("custody-events", "Custody of the Product", "BE", visit="optional")

    berefid: Mapped[str] = text("Reference ID", required=True, length=40)
    beterm: Mapped[str] = text("Reported Term for the Biospecimen Event", required=True)
    bedecod: Mapped[str] = code("Dictionary-Derived Term", "BEDECOD", required=True)
    beparty: Mapped[str | None] = text("Accountable Party")
    beprtyid: Mapped[str | None] = text("Identification of Accountable Party")
    beplace: Mapped[str | None] = text("Place of the Event")
    bedtc: Mapped[str | None] = date("Date/Time of Specimen Collection")
    bestdtc: Mapped[str] = date("Start Date/Time of Biospecimen Event", required=True)
    beendtc: Mapped[str | None] = date("End Date/Time of Biospecimen Event")
    belot: Mapped[str | None] = text("Lot Number", length=40)
    betemp: Mapped[Decimal | None] = number("Most Extreme Temperature", unit="C", least="-273", most="100")


class CommitteeDecision(Captured):
    """
    A decision of the safety review committee on a dose level, from the data cut that it saw, in force from its own moment on
    once it is signed.

    `decrule` and `decrec` are given by the service: what the design of the study document recommends for the level at that cut.
    """

    __tablename__ = "committee_decision"
    __form__ = Form(
        "decisions",
        "Committee Decision on a Dose Level",
        "",
        scope="study",
        after="nothing",
        given=("decrule", "decrec"),
        signed=True,
    )

    doselvl: Mapped[str] = text("Dose Level", required=True, length=20)
    decision: Mapped[str] = code("Decision", "DOSEDEC", required=True)
    decreas: Mapped[str] = text("Reason for the Decision", required=True, length=1000)
    members: Mapped[str] = text("Members of the Committee", required=True, length=400)
    decdtc: Mapped[str] = date("Date of the Decision", required=True)
    effdtc: Mapped[str] = date("Date/Time From Which It Is in Force", required=True, precision="time")
    cutname: Mapped[str] = text("Data Cut That the Committee Saw", required=True, length=40)
    decrule: Mapped[str | None] = text("Rule of the Recommendation", length=80)
    decrec: Mapped[str | None] = text("Recommendation at the Cut", length=400)


class Infusion(Captured):
    """
    One infusion of the study product: planned and given dose, the weight that chose the tier, interruptions.

    `ecdostxt` holds a dose that a source states only as text. Level and tier are kept apart: a tier is not a dose level.
    `eccoiid` is what stands on the bag: it is held beside the identifier of the lot.
    """

    __tablename__ = "infusion"
    __form__ = Form("infusions", "Exposure as Collected: Product Infusion", "EC", visit="optional", after="eligibility")

    ectrt: Mapped[str] = text("Name of Treatment", required=True, length=100)
    infusno: Mapped[int | None] = whole("Infusion Number", least=1, most=100)
    ecoccur: Mapped[str] = flag("Occurrence", required=True)
    ecreasoc: Mapped[str | None] = text("Reason for Occur Value")
    ecthwdtc: Mapped[str | None] = date("Date/Time of the End of Thawing")
    ecstdtc: Mapped[str | None] = date("Start Date/Time of Treatment")
    ecendtc: Mapped[str | None] = date("End Date/Time of Treatment")
    ecpdose: Mapped[Decimal | None] = number("Planned Dose", least="0")
    ecdose: Mapped[Decimal | None] = number("Dose", least="0")
    ecdosu: Mapped[str | None] = code("Dose Units", "UNIT")
    ecdostxt: Mapped[str | None] = text("Dose Description")
    ecdosfrm: Mapped[str | None] = code("Dose Form", "FRM")
    ecroute: Mapped[str | None] = code("Route of Administration", "ROUTE")
    eclot: Mapped[str | None] = text("Lot Number", length=40)
    doselvl: Mapped[str | None] = text("Dose Level", length=20)
    dosetier: Mapped[str | None] = text("Weight Tier", length=20)
    ecwt: Mapped[Decimal | None] = number("Weight Used for Dose", unit="kg", least="1", most="300")
    ecwtdtc: Mapped[str | None] = date("Date of Weight Used for Dose")
    ecintrp: Mapped[str | None] = flag("Infusion Interrupted")
    ecadj: Mapped[str | None] = text("Reason for Dose Adjustment")
    ecidchk: Mapped[str | None] = flag("Identity Checked by Two Persons")
    eccoiid: Mapped[str | None] = text("Chain of Identity Read at the Bedside", length=40)


class Lymphodepletion(Captured):
    """One dose of a lymphodepleting drug, with the dose per body surface that it was computed from."""

    __tablename__ = "lymphodepletion"
    __form__ = Form("lymphodepletion", "Exposure as Collected: Lymphodepletion", "EC", visit="optional", after="eligibility")

    ectrt: Mapped[str] = code("Name of Treatment", "LDTRT", required=True)
    ecoccur: Mapped[str] = flag("Occurrence", required=True)
    ecreasoc: Mapped[str | None] = text("Reason for Occur Value")
    ecstdtc: Mapped[str | None] = date("Start Date/Time of Treatment")
    ecendtc: Mapped[str | None] = date("End Date/Time of Treatment")
    ecdose: Mapped[Decimal | None] = number("Dose", least="0")
    ecdosu: Mapped[str | None] = code("Dose Units", "UNIT")
    ecdosm2: Mapped[Decimal | None] = number("Dose per Body Surface Area", unit="mg/m2", least="0")
    ecbsa: Mapped[Decimal | None] = number("Body Surface Area Used for Dose", unit="m2", least="0.1", most="4")
    ecdosfrm: Mapped[str | None] = code("Dose Form", "FRM")
    ecroute: Mapped[str | None] = code("Route of Administration", "ROUTE")
    ecadj: Mapped[str | None] = text("Reason for Dose Adjustment")


class Medication(Captured):
    """
    A prior or concomitant drug at one dose: a change of dose is the end of one record and the start of another.

    Glucocorticoids carry dose and frequency; antimalarials, immunosuppressants and biologics their dose; vasopressors and
    anticytokine drugs their times. `cmaeno` names the adverse event (its `aespid`) that the drug treats.
    """

    __tablename__ = "medication"
    __form__ = Form("medications", "Concomitant/Prior Medication", "CM")

    cmtrt: Mapped[str] = text("Reported Name of Drug, Med, or Therapy", required=True)
    cmdecod: Mapped[str | None] = text("Standardized Medication Name")
    cmcat: Mapped[str | None] = code("Category for Medication", "CMCAT")
    cmindc: Mapped[str | None] = text("Indication")
    cmdose: Mapped[Decimal | None] = number("Dose per Administration", least="0")
    cmdosu: Mapped[str | None] = code("Dose Units", "UNIT")
    cmdosfrq: Mapped[str | None] = code("Dosing Frequency per Interval", "FREQ")
    cmroute: Mapped[str | None] = code("Route of Administration", "ROUTE")
    cmstdtc: Mapped[str | None] = date("Start Date/Time of Medication")
    cmendtc: Mapped[str | None] = date("End Date/Time of Medication")
    cmongo: Mapped[str | None] = flag("Ongoing")
    cmaeno: Mapped[str | None] = link("Related Adverse Event ID", "adverse_event")
