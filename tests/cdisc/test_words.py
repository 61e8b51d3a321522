"""The exporter knows the casebook's rules by their ids, and some of their evidence by its words: both sides say the same."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from app.rules.derive import RULES
from app.rules.efficacy import bilag_forms, bilag_items
from app.rules.safety import crs_treatment, licats_onset
from cdisc import specs
from cdisc.adam import adae, adlb, adsl, verdicts
from cdisc.sdtm import instruments, shapes

READ = {
    "ADAE": (*adae.NUMBERS.values(), *adae.SUMS.values(), *adae.ABOUT_EVENTS),
    "ADEFF": {one.source for one in specs.analysed("ADEFF")},
    "ADLB": adlb.GRADES,
    "ADSL": (verdicts.BASELINE, *(rule for rule, _ in adsl.BASELINES.values())),
    "AE": shapes.EMERGENT.values(),
}


@pytest.mark.parametrize("rules", READ.values(), ids=READ)
def test_every_rule_that_a_dataset_reads_is_one_of_the_casebooks(rules: Iterable[str]) -> None:
    assert set() == set(rules) - set(RULES)


def test_the_evidence_that_adae_reads_is_called_as_the_rules_call_it() -> None:
    assert (crs_treatment.EVENT, crs_treatment.IN_ALL) == (adae.EVENT, adae.IN_ALL)
    assert (licats_onset.RULE.id, licats_onset.CLASS) == (adae.ONSET, adae.CLASS)


def test_the_grades_that_rs_sends_are_those_that_the_rules_derive() -> None:
    assert [rule.id for rule in bilag_forms.RULES] == list(instruments.GRADING)
    assert bilag_items.GRADES == instruments.GRADES
