"""The state of a repository is determined by its item counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.progress.state import Holdings, State, repository_state


@pytest.mark.parametrize(
    ("holdings", "state"),
    [
        (Holdings(), "not affected"),
        (Holdings(missing=1), "not affected"),
        (Holdings(open=1, fixed=9), "open"),
        (Holdings(open=1, exempt=1), "open"),
        (Holdings(fixed=1), "done"),
        (Holdings(fixed=1, missing=1), "incomplete"),
        (Holdings(exempt=1), "exempt"),
        (Holdings(exempt_fixed=1), "exempt"),
        (Holdings(fixed=1, exempt_fixed=1), "done"),
        (Holdings(fixed=1, exempt=1), "exempt"),
    ],
)
def test_counts_decide_the_state(holdings: Holdings, state: State) -> None:
    assert repository_state(holdings) == state


counts = st.integers(0, 3)


@given(st.builds(Holdings, counts, counts, counts, counts), st.booleans(), st.booleans())
def test_unknown_is_never_done(holdings: Holdings, unknown: bool, gone: bool) -> None:
    state = repository_state(holdings, unknown=unknown, gone=gone)
    if gone:
        assert state == "gone"
    elif unknown:
        assert state == "unknown"
    elif holdings.open:
        assert state == "open"
    else:
        assert state != "unknown"
