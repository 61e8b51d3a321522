"""The documents of a package beside its datasets: what a reader opens first."""

from __future__ import annotations

import pandas as pd

from cdisc import acrf, define_html, define_xml
from cdisc.trial import Trial


def encode(datasets: dict[str, pd.DataFrame], trial: Trial) -> dict[str, bytes]:
    """Each document by its path in the package: define.xml with its stylesheet and its HTML, the annotated CRF."""
    defined = define_xml.encode(datasets, trial)
    return {
        "sdtm/define.xml": defined,
        "sdtm/define.html": define_html.encode(defined),
        f"sdtm/{define_html.STYLESHEET.name}": define_html.STYLESHEET.read_bytes(),
        "acrf.pdf": acrf.encode(trial),
    }
