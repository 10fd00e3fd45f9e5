"""Fisher's exact test, against scipy's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from jointbert.evaluation.fisher import less_often


@st.composite
def tables(draw: st.DrawFn) -> tuple[int, int, int, int]:
    total, others = draw(st.integers(1, 300)), draw(st.integers(1, 3000))
    return draw(st.integers(0, total)), total, draw(st.integers(0, others)), others


@given(tables())
def test_it_is_the_one_sided_test(table: tuple[int, int, int, int]) -> None:
    right, total, other_right, others = table
    wanted = fisher_exact([[right, total - right], [other_right, others - other_right]], alternative="less")[1]
    assert less_often(*table) == pytest.approx(wanted, abs=1e-9)


def test_the_lady_who_tastes_tea() -> None:
    assert less_often(0, 4, 4, 4) == pytest.approx(1 / 70)
    assert less_often(1, 4, 3, 4) == pytest.approx(17 / 70)
    assert less_often(4, 4, 0, 4) == pytest.approx(1.0)
