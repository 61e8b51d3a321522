"""Who the subject is and where the subject stands: registration, demographics, consent and disposition, history, visits."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.tables.base import Captured, Form, Kept, code, date, entry_key, flag, link, number, text, whole


class Subject(Kept):
    """A subject's one unambiguous code in the study, and the site that follows the subject; the first act of its chain."""

    __tablename__ = "subject"
    __table_args__ = entry_key()

    subject_id: Mapped[str] = mapped_column(String(40), primary_key=True, sort_order=-6)
    siteid: Mapped[str] = mapped_column(String(20))
    origin: Mapped[str] = mapped_column(String(30))


class Demographics(Captured):
    """Year (and month) of birth only: a full date of birth is never kept. `age` is for a source that states it alone."""

    __tablename__ = "demographics"
    __form__ = Form("demographics", "Demographics", "DM", once=True, after="nothing")

    dmdtc: Mapped[str | None] = date("Date/Time of Collection")
    brthdtc: Mapped[str | None] = date("Date/Time of Birth", precision="month")
    age: Mapped[int | None] = whole("Age", unit="YEARS", most=120)
    sex: Mapped[str] = code("Sex", "SEX", required=True)
    race: Mapped[str | None] = code("Race", "RACE")
    ethnic: Mapped[str | None] = code("Ethnicity", "ETHNIC")
    country: Mapped[str | None] = code("Country", "COUNTRY")


class Disposition(Captured):
    """
    Consent and assent (with the form's version and the signer), entry into an arm, ends of treatment and study, death.

    On entry into an arm `dsreplid` names the subject that this one replaces, `dsbkfill` says that it fills a level behind the
    one that is escalated. `dsaeno` names the adverse event (its `aespid`) to which an end or a death is due.
    """

    __tablename__ = "disposition"
    __form__ = Form("dispositions", "Disposition", "DS", after="nothing")

    dscat: Mapped[str] = code("Category for Disposition Event", "DSCAT", required=True)
    dsscat: Mapped[str | None] = code("Subcategory for Disposition Event", "DSSCAT")
    dsdecod: Mapped[str] = code("Standardized Disposition Term", "DSDECOD", required=True)
    dsterm: Mapped[str] = text("Reported Term for the Disposition Event", required=True)
    dsstdtc: Mapped[str | None] = date("Start Date/Time of Disposition Event")
    dsicver: Mapped[str | None] = text("Consent Form Version", length=40)
    dssigner: Mapped[str | None] = code("Consent Signed By", "DSSIGNER")
    armcd: Mapped[str | None] = text("Planned Arm Code", length=20)
    dsreplid: Mapped[str | None] = text("Subject Replaced", length=40)
    dsbkfill: Mapped[str | None] = flag("Backfill Subject")
    dsaeno: Mapped[str | None] = link("Adverse Event That Led to It", "adverse_event")


class Eligibility(Captured):
    """The answer to one inclusion or exclusion criterion of the study document: Y for an inclusion, N for an exclusion."""

    __tablename__ = "eligibility"
    __form__ = Form("eligibility", "Inclusion/Exclusion Criterion", "IE", visit="optional")

    ietestcd: Mapped[str] = text("Inclusion/Exclusion Criterion Short Name", required=True, length=8)
    ieorres: Mapped[str] = flag("I/E Criterion Original Result", required=True)
    iedtc: Mapped[str | None] = date("Date/Time of Collection")


class MedicalHistory(Captured):
    """Medical history, the diagnosis of the disease under study among it; `mhdur` is a duration as the source gives it."""

    __tablename__ = "medical_history"
    __form__ = Form("medical-history", "Medical History", "MH")

    mhterm: Mapped[str] = text("Reported Term for the Medical History", required=True)
    mhdecod: Mapped[str | None] = text("Dictionary-Derived Term")
    mhcat: Mapped[str | None] = code("Category for Medical History", "MHCAT")
    mhevdtyp: Mapped[str | None] = code("Medical History Event Date Type", "MHEDTTYP")
    mhstdtc: Mapped[str | None] = date("Start Date/Time of Medical History Event")
    mhendtc: Mapped[str | None] = date("End Date/Time of Medical History Event")
    mhongo: Mapped[str | None] = flag("Ongoing Medical History Event")
    mhdur: Mapped[Decimal | None] = number("Collected Duration", unit="YEARS", least="0", most="120")


class Visit(Captured):
    """
    A visit that was made, missed or not planned.

    `visit` names a visit of the study document; null is an unscheduled visit, whose number and name the service gives at
    creation and never changes.
    """

    __tablename__ = "visit"
    __form__ = Form("visits", "Subject Visit", "SV", named="visit", given=("visitnum", "svpresp"), after="nothing")

    visitnum: Mapped[Decimal | None] = number("Visit Number", least="0")
    visit: Mapped[str | None] = text("Visit Name", length=40)
    svpresp: Mapped[str | None] = flag("Pre-specified")
    svoccur: Mapped[str] = flag("Occurrence", required=True)
    svstdtc: Mapped[str | None] = date("Start Date/Time of Observation")
    svendtc: Mapped[str | None] = date("End Date/Time of Observation")
    svreasoc: Mapped[str | None] = text("Reason for Occur Value")
    svupdes: Mapped[str | None] = text("Description of Unplanned Visit")
