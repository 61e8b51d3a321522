"""What is asked about only where the product comes from a donor."""

from __future__ import annotations

import pytest

from seed.client import Body
from tests.api import site
from tests.api.variants import variant
from tests.casebook import build
from tests.casebook.build import DEMO, Service

GVHD = "GRAFT VERSUS HOST DISEASE"
ASKED: dict[str, tuple[str, Body]] = {
    "prespecified-events": ("ceterm", {"ceterm": GVHD, "ceoccur": "N", "cedtc": build.day(30)}),
    "adverse-events": ("aecat", {"aespid": "AE-1", "aeterm": "Rash", "aecat": GVHD}),
}


@pytest.mark.parametrize("path", ASKED)
def test_a_graft_against_its_host_is_asked_about_where_the_product_comes_from_a_donor(service: Service, path: str) -> None:
    own = variant(service, "OWN-CELLS", ('source = "allogeneic"', 'source = "autologous"'))
    name, body = ASKED[path]
    code = f"SYN-1{len(path)}"
    for study in (DEMO, own):
        build.eligible(service, code, study)

    asked, refused = (site.post(service, path, code, body, study) for study in (DEMO, own))

    assert 201 == asked.status_code
    assert "the product of study KN5601-DEMO-OWN-CELLS is autologous" in site.problem(refused, 422)["detail"]
    assert {f"/{name}": "autologous_product"} == site.faults(refused)
