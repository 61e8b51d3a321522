"""
The analysis value of an endpoint: the third layer, apart from what was observed and from the endpoint itself.

Composite strategy with non-responder imputation: a response is a verdict that is met without an intercurrent failure. All else
is a non-response, and says why: observed, an intercurrent failure, or imputed because the endpoint could not be evaluated.
Treatment-policy strategy, as a supportive value: the response is what was observed whatever intercurrent event came before it.

Source: ICH E9(R1) 2019, section A.3.2 (composite variable and treatment-policy strategies); Furie R et al. Arthritis Rheum
2011;63:3918-3930 (missing and withdrawn subjects analysed as non-responders).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.rules.verdict import Criterion, Value, Verdict, all_of

FAILURE = "no_intercurrent_failure"
"""The criterion of the responder indices that says whether an intercurrent failure came before their timepoint."""
Basis = Literal["observed", "intercurrent failure", "imputed"]


@dataclass(frozen=True, slots=True)
class AnalysisValue:
    """A binary analysis value with what it rests on; only `imputed` is not a fact about the subject."""

    response: bool
    basis: Basis

    @property
    def imputed(self) -> bool:
        """Whether the value stands for an endpoint that could not be evaluated."""
        return self.basis == "imputed"


def non_responder_imputed(endpoint: Verdict, failure: Criterion) -> AnalysisValue:
    """
    The analysis value of an endpoint, given `intercurrent.no_failure` at its timepoint.

    An intercurrent event whose adjudication is open cannot be ruled out: the response is then imputed as none.
    """
    if failure.holds is False:
        return AnalysisValue(False, "intercurrent failure")
    if endpoint.value is Value.NOT_MET:
        return AnalysisValue(False, "observed")
    met = endpoint.value is Value.MET and failure.holds is True
    return AnalysisValue(met, "observed" if met else "imputed")


def treatment_policy(endpoint: Verdict) -> AnalysisValue:
    """The analysis value of an endpoint by all criteria but the intercurrent failure; what is unknown is imputed as none."""
    observed = [criterion.holds for criterion in endpoint.criteria if criterion.key != FAILURE]
    holds = all_of(observed) if observed else None
    return AnalysisValue(holds is True, "imputed" if holds is None else "observed")
