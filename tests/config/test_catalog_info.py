"""Headway reads the owner from a catalog-info.yaml, and a malicious file does no harm."""

from __future__ import annotations

import pytest

from headway.config.catalog_info import owner_in


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("kind: Component\nspec: {owner: payments}\n", "payments"),
        ("kind: API\nspec: {owner: a}\n---\nkind: Component\nspec: {owner: b}\n", "b"),
        ("kind: API\nspec: {owner: a}\n---\nkind: Location\n", "a"),
        ("kind: Component\nspec: {owner: a}\n---\n{{ broken", "a"),
        (
            "kind: Component\nspec: {owner: a}\n---\nkind: Component\nspec: {owner: b}\n",
            "a",
        ),
        # The placeholders of a template are not owners.
        ("kind: Component\nspec:\n  owner: ${{ values.owner }}\n", None),
        ("kind: Component\nspec:\n  owner: '{{ cookiecutter.owner }}'\n", None),
        ("kind: Component\nspec:\n  owner: {{ cookiecutter.owner }}\n", None),
        (
            "kind: API\nspec: {owner: user:<name>}\n---\nkind: API\nspec: {owner: <team>}\n",
            None,
        ),
        ("kind: Component\nspec: {owner: '${OWNER}'}\n---\nkind: API\nspec: {owner: b}\n", "b"),
        ("spec: [owner]\n", None),
        ("spec: {owner: [a]}\n", None),
        ("a: &a [x]\nspec: {owner: *a}\n", None),
        ("spec: {owner: !!python/object/apply:os.system [echo]}\n", None),
        ("", None),
        ("[" * 100_000, None),
        ("x: " + "a" * 2_000_000, None),
    ],
)
def test_the_owner_of_the_first_component(text: str, owner: str | None) -> None:
    assert owner_in(text) == owner
