"""
What a laboratory would have reported: blood, urine, antibodies and cells, each panel at one visit.

`measures.csv` gives each test its unit, the laboratory's range, the usual value and its spread. A descriptor that the
investigator found moves the tests that it rests on past its threshold, so that form and laboratory agree; the lymphodepletion
lowers the blood counts from day 0 to day 15; a reaction raises the markers of inflammation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from random import Random

from seed.client import Body
from seed.kn5601.people import Assessed, Person, rows
from seed.kn5601.steps import Entry, Steps, at

Level = tuple[str, str]
"""A value and its spread to either side."""

BY_DESCRIPTOR: Mapping[str, Mapping[str, Level]] = {
    "low_complement": {"C3": ("0.58", "0.12"), "C4": ("0.09", "0.03")},
    "proteinuria": {"PROTCRT": ("1.60", "0.70"), "ALB": ("36", "3")},
    "hematuria": {"RBC urine": ("22", "10")},
}
DEPLETED: Mapping[int, Mapping[str, Level]] = {
    0: {"WBC": ("2.6", "0.3"), "NEUT": ("2.1", "0.2"), "LYM": ("0.22", "0.06")},
    3: {"WBC": ("1.9", "0.2"), "NEUT": ("1.3", "0.1"), "LYM": ("0.20", "0.05")},
    6: {"WBC": ("1.2", "0.1"), "NEUT": ("0.78", "0.14"), "LYM": ("0.22", "0.05"), "PLAT": ("132", "15")},
    9: {"WBC": ("1.6", "0.2"), "NEUT": ("1.1", "0.1"), "LYM": ("0.30", "0.06"), "PLAT": ("138", "15")},
    12: {"WBC": ("2.3", "0.2"), "NEUT": ("1.6", "0.1"), "LYM": ("0.40", "0.08")},
    15: {"WBC": ("3.0", "0.2"), "NEUT": ("2.0", "0.1"), "LYM": ("0.52", "0.08")},
}
"""Blood counts by day after the first infusion; the lowest neutrophils stand on day 6."""
INFLAMED: Mapping[str, Level] = {"CRP": ("38", "12"), "FERRITIN": ("420", "120"), "INTLK6": ("64", "30")}
RECOVERING: Mapping[str, Level] = {"WBC": ("4.3", "0.4"), "NEUT": ("2.6", "0.3"), "LYM": ("0.75", "0.12")}


def before_or_after(person: Person, visit: Assessed, name: str) -> Steps:
    """Blood, lupus serology and urine of an efficacy visit."""
    moved = {test: level for descriptor in visit.present for test, level in BY_DESCRIPTOR.get(descriptor, {}).items()}
    recovering = RECOVERING if 0 < visit.day <= 45 else {}
    casts = "urinary_casts" in visit.present
    yield _panel(person, name, visit.day, ("blood", "lupus", "urine"), {**recovering, **moved}, casts=casts)
    yield Entry("immunogenicity", at(name, [_antibody(person, visit, name)]))


def on_infusion(person: Person, number: int, day: int) -> Entry:
    """Blood on the day of an infusion, drawn before it; markers of inflammation follow the infusion before."""
    inflamed = INFLAMED if any(seen.infusion == number - 1 for seen in person.reaction) else {}
    return _panel(person, f"INFUSION {number}", day, ("blood",), {**DEPLETED[day], **inflamed}, casts=None)


def _panel(
    person: Person, visit: str, day: int, groups: tuple[str, ...], moved: Mapping[str, Level], *, casts: bool | None
) -> Entry:
    dice = person.dice(f"laboratory {visit}")
    tests = (row for row in rows("measures") if row["group"] in groups)
    results = [_result(row, moved, dice) for row in tests]
    if casts is not None:
        said = "POSITIVE" if casts else "NEGATIVE"
        results.append({"lbtestcd": "CSRBC", "lbcat": "URINALYSIS", "lbspec": "URINE", "lborres": said})
    lab = {"lbnam": "Synthetic Central Laboratory", "lbdtc": person.day(day)}
    return Entry("laboratory", at(visit, [result | lab for result in results]))


def _result(row: dict[str, str], moved: Mapping[str, Level], dice: Random) -> Body:
    key = f"{row['test']} urine" if row["group"] == "urine" and row["test"] in ("RBC", "WBC") else row["test"]
    usual, spread = moved.get(key, (row["usual"], row["spread"]))
    value = around(dice, usual, spread, int(row["digits"]))
    censored = row["least"] and value < Decimal(row["least"])
    return {
        "lbtestcd": row["test"],
        "lbcat": row["category"],
        "lborres": f"<{row['least']}" if censored else str(value),
        "lborresu": row["unit"],
        "lbspec": row["specimen"],
        **{field: row[bound] for field, bound in (("lbornrlo", "lower"), ("lbornrhi", "upper")) if row[bound]},
    }


def around(dice: Random, usual: str, spread: str, digits: int) -> Decimal:
    """A value within `spread` of `usual`, with so many digits after the point."""
    step = Decimal(1).scaleb(-digits)
    low, high = ((Decimal(usual) + sign * Decimal(spread)) / step for sign in (-1, 1))
    return (dice.randint(int(low.to_integral_value()), int(high.to_integral_value())) * step).quantize(step)


def _antibody(person: Person, visit: Assessed, name: str) -> Body:
    """Anti-dsDNA IgG; above the assay's upper limit of 27 exactly where the descriptor was found."""
    dice = person.dice(f"antibody {name}")
    raised = "increased_dna_binding" in visit.present
    return {
        "istestcd": "ATIGGAB",
        "isbdagnt": "DOUBLE STRANDED DNA",
        "isorres": str(around(dice, "140" if raised else "15", "70" if raised else "8", 0)),
        "isorresu": "IU/mL",
        "isornrhi": "27",
        "isspec": "SERUM",
        "ismethod": "ELISA",
        "isnam": "Synthetic Central Laboratory",
        "isdtc": person.day(visit.day),
    }


def cells(person: Person, visit: str, day: int) -> Entry:
    """B cells with the naive share, and the infused cells: B cells gone by day 15, back by two months, naive above all."""
    dice = person.dice(f"cells {visit}")
    found = [_population(test, marker, value, unit) for test, marker, value, unit in _populations(dice, day)]
    about = {"cpspec": "BLOOD", "cpmethod": "FLOW CYTOMETRY", "cpdtc": person.day(day)}
    return Entry("flow-cytometry", at(visit, [cell | about for cell in found]))


def _populations(dice: Random, day: int) -> Iterator[tuple[str, str, str, str]]:
    count, naive = _b_cells(dice, day)
    yield "BLYCE", "CD19+", count, "10^6/L"
    if naive is not None:
        yield "BLYNBLY", "CD19+CD27-IgD+", naive, "%"
    if day > 0:
        infused = str(around(dice, "26", "12", 0)) if day <= 15 else "<1"
        yield "NKCAR", "CD3-CD56+CAR+", infused, "10^6/L"


def _b_cells(dice: Random, day: int) -> tuple[str, str | None]:
    """The count and the naive share in percent; no share where there is no cell to share."""
    if day <= 0:
        return str(around(dice, "150", "60", 0)), str(around(dice, "58", "8", 0))
    if day <= 20:
        return "<1", None
    if day <= 45:
        return str(around(dice, "5", "3", 0)), str(around(dice, "82", "6", 0))
    return str(around(dice, "105" if day < 75 else "160", "40", 0)), str(around(dice, "88", "6", 0))


def _population(test: str, marker: str, value: str, unit: str) -> Body:
    return {"cptestcd": test, "cpmrkstr": marker, "cporres": value, "cporresu": unit, "cplloq": "1"}
