"""The ranges of Terraform and Helm contain the versions that their documentation lists."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners._ecosystems import helm, terraform
from scanners._ecosystems.records import Ecosystem
from scanners._ecosystems.semver_key import key
from scanners._ecosystems.version_sets import ALL

HELM: Ecosystem = helm.ECOSYSTEM
TERRAFORM: Ecosystem = terraform.ECOSYSTEM
ASCENDING = "0.9 1.0-1 1.0-2 1.0-10 1.0-alpha 1.0-alpha.1 1.0-beta v1.0 1.0.1 1.2 1.10 2.0.0-rc.1 2"


def test_versions_are_ordered_as_by_semantic_versioning() -> None:
    for earlier, later in pairwise(ASCENDING.split()):
        assert key(earlier) < key(later), (earlier, later)


@pytest.mark.parametrize(
    ("ecosystem", "constraint", "inside", "outside"),
    [
        (TERRAFORM, "1.2.3", "1.2.3", "1.2.4 1.2.2"),
        (TERRAFORM, "~> 5.0", "5.0 5.99", "4.9 6.0 6.0-beta1"),
        (TERRAFORM, "~> 1.2.3", "1.2.3 1.2.9", "1.3 1.2.2"),
        (TERRAFORM, ">= 1.2, < 2.0", "1.2 1.9", "1.1 2.0 2.0-rc1"),
        (TERRAFORM, ">= 1.0, != 1.5.0", "1.4 1.5.1", "1.5 0.9"),
        (TERRAFORM, "> 1.0", "1.0.1 2", "1.0"),
        (TERRAFORM, "<= 1.0", "1.0 0.1", "1.0.1"),
        (TERRAFORM, "<= 3.0, >= 3.0", "3.0", "3.1"),
        (HELM, "8.4.0", "8.4.0", "8.4.1"),
        (HELM, "0.12.*", "0.12.0 0.12.9", "0.13 0.11"),
        (HELM, "1.2", "1.2 1.2.9", "1.3"),
        (HELM, "1.x.x", "1.0 1.9", "2.0 0.9"),
        (HELM, "*", "1 99", ""),
        (HELM, "^1.2.3", "1.2.3 1.9", "1.2.2 2.0 2.0-rc1"),
        (HELM, "^0.2.3", "0.2.3 0.2.9", "0.3 0.2.2"),
        (HELM, "^0.0.3", "0.0.3", "0.0.4"),
        (HELM, "^0", "0.1 0.9", "1"),
        (HELM, "~1.2.3", "1.2.9", "1.3"),
        (HELM, "~1", "1.9", "2"),
        (HELM, ">=1.25.0-0", "1.25.0 1.25.0-1 2", "1.24"),
        (HELM, ">= 1.2 < 3.0 || >= 4.2", "1.2 2.9 4.2", "3.0 4.1"),
        (HELM, ">=1.2,<2", "1.2", "2"),
        (HELM, ">11", "12", "11 11.5"),
        (HELM, "<=11", "11 11.5 1", "12"),
        (HELM, "1.2 - 1.4.5", "1.2 1.4.5", "1.4.6 1.1"),
        (HELM, "!=1.x", "2 0.9", "1.5"),
        (HELM, "1.2.3-rc.1", "1.2.3-rc.1", "1.2.3"),
    ],
)
def test_ranges_contain_versions(
    ecosystem: Ecosystem, constraint: str, inside: str, outside: str
) -> None:
    versions = ecosystem.versions(constraint)
    for version in inside.split():
        assert versions.contains(ecosystem.key(version)), version
    for version in outside.split():
        assert not versions.contains(ecosystem.key(version)), version


@pytest.mark.parametrize("ecosystem", [HELM, TERRAFORM])
def test_every_version_is_in_the_range_of_no_constraint(ecosystem: Ecosystem) -> None:
    assert ecosystem.versions("") == ALL


@pytest.mark.parametrize(
    ("ecosystem", "text"),
    [
        (TERRAFORM, "^1.2"),
        (TERRAFORM, "~1.2"),
        (TERRAFORM, "(,2)"),
        (TERRAFORM, "main"),
        (TERRAFORM, "1.2.3.4.5"),
        (HELM, "~> 1.2"),
        (HELM, "||"),
        (HELM, "1 -"),
        (HELM, "[1,2)"),
        (HELM, "1.2beta"),
        (HELM, ">" * 999),
    ],
)
def test_other_texts_are_no_ranges(ecosystem: Ecosystem, text: str) -> None:
    with pytest.raises(ValueError, match="version range"):
        ecosystem.versions(text)


@pytest.mark.parametrize("ecosystem", [HELM, TERRAFORM])
@given(text=st.text(alphabet="0123.x*~^<>=!-|, av", max_size=40))
def test_any_text_is_a_range_or_a_value_error(ecosystem: Ecosystem, text: str) -> None:
    try:
        ecosystem.versions(text)
    except ValueError:
        return
