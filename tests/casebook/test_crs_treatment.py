"""What an episode of cytokine release was treated with follows from medications, stays and answers, in the transaction."""

from __future__ import annotations

from tests.casebook import build
from tests.casebook.build import Service

CRS = {
    "aespid": "AE-CRS",
    "aeterm": "Cytokine release syndrome",
    "aecat": "CRS",
    "aestdtc": f"{build.day(0)}T20:00",
    "aeendtc": build.day(2),
}
TOCILIZUMAB = {"cmtrt": "Tocilizumab", "cmdose": "400", "cmdosu": "mg", "cmdosfrq": "ONCE", "cmstdtc": f"{build.day(1)}T08:00"}
DEXAMETHASONE = {"cmtrt": "Dexamethasone", "cmcat": "GLUCOCORTICOID", "cmdose": "10", "cmdosu": "mg", "cmdosfrq": "BID"}
NOREPINEPHRINE = {"cmtrt": "Norepinephrine", "cmcat": "VASOPRESSOR"}
STAY = {"hoterm": "PICU", "hodecod": "INTENSIVE CARE UNIT STAY", "hoaeno": "AE-CRS"}


def numbers(service: Service) -> dict[str, tuple[str | None, str | None, str | None]]:
    """The numbers of the first episode by rule: known, least, most."""
    said = build.verdicts(service)
    names = ("crs_tocilizumab", "crs_glucocorticoid", "crs_intensive_care", "crs_vasopressor")
    return {name: tuple(said[name, "episode 1"][part] for part in ("amount", "lowest", "highest")) for name in names}


def test_what_was_given_for_an_episode_is_counted_and_what_is_open_is_bounded(service: Service) -> None:
    build.infuse(service)
    build.enter(service, "adverse-events", CRS)
    build.enter(service, "toxicity-observations", [build.fever(12), build.fever(48) | {"temp": "36.7"}])
    stay = build.enter(service, "healthcare-encounters", STAY | {"hostdtc": build.day(0), "hoendtc": build.day(1)})
    build.enter(
        service,
        "medications",
        [
            TOCILIZUMAB | {"cmaeno": "AE-CRS"},
            DEXAMETHASONE | {"cmaeno": "AE-CRS", "cmstdtc": build.day(1), "cmongo": "Y"},
            NOREPINEPHRINE | {"cmaeno": "AE-CRS", "cmstdtc": f"{build.day(1)}T08:00", "cmendtc": f"{build.day(1)}T20:30"},
        ],
    )
    once = numbers(service)
    service.site.withdraw(build.DEMO, build.SUBJECT, "healthcare-encounters", stay["records"][0], build.MISTAKE)
    unknown = numbers(service)["crs_intensive_care"]
    denied = {"ceterm": "INTENSIVE CARE", "ceoccur": "N", "cedtc": build.day(30)}
    build.enter(service, "prespecified-events", denied)

    assert once == {
        "crs_tocilizumab": ("1", "1", "1"),
        "crs_glucocorticoid": (None, "2", None),
        "crs_intensive_care": ("2", "2", "2"),
        "crs_vasopressor": ("12.5", "12.5", "12.5"),
    }
    assert unknown == (None, "0", None)
    assert numbers(service)["crs_intensive_care"] == ("0", "0", "0")
    missing = build.verdicts(service)["crs_glucocorticoid", "episode 1"]["missing"]
    assert missing == [f"end of dexamethasone of {build.day(1)}"]
