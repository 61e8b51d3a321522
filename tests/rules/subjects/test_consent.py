"""G4: consent of a guardian, assent, and consent anew of a subject who has come of age."""

from __future__ import annotations

from app.rules.explain import sentences
from app.rules.facts import Consent, Facts
from app.rules.study import Settings
from app.rules.subjects.consent import adult_consent, assent, guardian_consent
from app.rules.verdict import Source, Verdict
from tests.rules import build
from tests.rules.cases import cases


def _consent(number: int, words: list[str]) -> Consent:
    at, signer = words[0], words[-1]
    return Consent(
        None if at == "-" else at, None if signer == "-" else signer, "assent" in words, Source("disposition", f"D{number}", 1)
    )


def known(case: dict[str, str], settings: Settings) -> Facts:
    """A subject born, consented and seen as a case says."""
    given = (part.split() for part in case["consents"].split("; ") if part)
    visits = [build.visit(f"V{number}", at) for number, at in enumerate(case["visits"].split(), start=1)]
    consents = tuple(_consent(number, words) for number, words in enumerate(given, start=1))
    return build.facts(*visits, settings=settings, birth=case["birth"] or None, consents=consents)


def told(facts: Facts) -> dict[str, Verdict]:
    """What each of the three checks says."""
    said = {"guardian": guardian_consent(facts), "assent": assent(facts), "adult": adult_consent(facts)}
    return {name: verdict for name, verdicts in said.items() for verdict in verdicts}


@cases("consent")
def test_consent_follows_the_age(case: dict[str, str]) -> None:
    """G4: guardian's consent under the local age, assent from the age of it, consent anew at majority."""
    found = told(known(case, Settings(assent_from=8)))

    assert {name: case[name] for name in ("guardian", "assent", "adult") if case[name]} == {
        name: str(verdict.value) for name, verdict in found.items()
    }
    assert {case["missing"]} - {""} == {name for verdict in found.values() for name in verdict.missing}


def test_without_an_age_of_assent_nothing_is_said_of_it() -> None:
    case = {"birth": "2012-03", "consents": "2025-02-01 PARENT", "visits": ""}

    assert {"guardian"} == set(told(known(case, Settings())))


def test_the_local_age_is_the_study_s() -> None:
    """G4: under 14 by the law of China on personal data."""
    case = {"birth": "2010-03", "consents": "2025-02-01 SUBJECT", "visits": ""}

    assert {} == told(known(case, Settings(guardian_below=14)))
    assert "flagged" == told(known(case, Settings()))["guardian"].value


def test_the_question_names_visit_consents_and_birth() -> None:
    case = {"birth": "2007-06", "consents": "2025-02-01 PARENT", "visits": "2025-07-10"}

    assert [
        "Consent anew of a subject who has come of age needs an answer.",
        "visit V1: 2025-07-10.",
        "consent: PARENT.",
        "date of birth: 2007-06.",
    ] == sentences(told(known(case, Settings()))["adult"])


def test_where_no_visit_was_certainly_made_as_an_adult_the_first_that_may_have_been_is_named() -> None:
    case = {"birth": "2007-06", "consents": "2025-02-01 PARENT", "visits": "2025-06-10 2025-06-20"}

    assert "visit V1" == told(known(case, Settings()))["adult"].evidence[0].what
