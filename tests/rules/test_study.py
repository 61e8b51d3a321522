"""What a study that says nothing else has decided: the assumed windows, and the limits of the published definitions."""

from __future__ import annotations

from decimal import Decimal

from app.rules.study import ASSUMED_WINDOWS, Settings


def test_the_assumed_windows_open_and_close_as_the_document_says() -> None:
    """Nominal day, days before, days after."""
    assert {"M1": (30, 7, 7), "M2": (60, 7, 7), "M3": (90, 14, 14), "M4": (120, 14, 14), "M6": (180, 21, 21)} == {
        window.timepoint: (window.nominal, window.before, window.after) for window in ASSUMED_WINDOWS
    }


def test_a_study_that_says_nothing_else_asks_for_the_published_limits() -> None:
    """SRI-4; a PGA up by 0.30 has worsened; items look back 30 days; CRS of grade 2 stops a dose, and none has leeway."""
    usual = Settings()

    assert (4, Decimal("0.30")) == (usual.sri_points, usual.pga_worsening)
    assert (30, 2) == (usual.look_back_days, usual.toxicity_grade)
    assert ("0-3", Decimal(0)) == (usual.pga_scale, usual.dose_tolerance)
    assert (True, False) == (usual.paediatric, usual.autologous)


def test_a_study_that_says_nothing_else_keeps_the_usual_age_and_clocks() -> None:
    """A guardian consents below 18 years, the subject from then on; reports are due in 7 and 15 days (ICH E2A)."""
    usual = Settings()

    assert (18, 18) == (usual.guardian_below, usual.adult_from)
    assert [(7, 15)] == [(clock.fatal_days, clock.other_days) for clock in usual.report_clocks]
