"""The documents of a package beside its datasets: what a reader opens first."""

from __future__ import annotations

import pandas as pd

from cdisc.acrf import drawing
from cdisc.define import define_html, define_xml
from cdisc.specs import SDTM, Standard
from cdisc.trial import Trial


def encode(datasets: dict[str, pd.DataFrame], trial: Trial, standard: Standard = SDTM) -> dict[str, bytes]:
    """
    Each document of a standard by its path in the package: define.xml with its stylesheet and its HTML, with SDTM the annotated
    CRF. None where the standard has no dataset.
    """
    if not datasets:
        return {}
    defined, folder = define_xml.encode(datasets, trial, standard), standard.folder
    return {
        f"{folder}/define.xml": defined,
        f"{folder}/define.html": define_html.encode(defined),
        f"{folder}/{define_html.STYLESHEET.name}": define_html.STYLESHEET.read_bytes(),
        **({"acrf.pdf": drawing.encode(trial)} if standard == SDTM else {}),
    }
