"""PHP packages are found in manifests and lock files, and ranges agree with Composer."""

from __future__ import annotations

import pytest

from scanners._ecosystems import ecosystem_of
from tests.scanners.ecosystems.reading import find, locked, requirements

PHP = ecosystem_of("packagist")


def test_manifests_are_read_without_platform_packages() -> None:
    text = """
        {
          "require": {"php": ">=8.1", "ext-json": "*", "Symfony/Mailer": "^7.1"},
          "require-dev": {
            "phpunit/phpunit": "~9.5 || ^10.0",
            "acme/any": "*"
          }
        }
        """
    assert [(n, v, line) for n, v, line, _ in requirements("packagist", "composer.json", text)] == [
        ("symfony/mailer", "^7.1", 2),
        ("phpunit/phpunit", "~9.5 || ^10.0", 4),
        ("acme/any", "", 5),
    ]


LOCK = """
{
    "packages": [
        {
            "name": "swiftmailer/swiftmailer",
            "version": "v6.3.0",
            "require": {
                "egulias/email-validator": "^2.0"
            },
            "authors": [
                {
                    "name": "Chris Corbyn"
                }
            ]
        }
    ],
    "packages-dev": []
}
"""


def test_lock_files_are_read() -> None:
    assert locked("packagist", "composer.lock", LOCK) == [("swiftmailer/swiftmailer", "v6.3.0", 4)]


def test_the_lock_file_beside_the_manifest_decides() -> None:
    files = {
        "composer.json": '{"require": {"swiftmailer/swiftmailer": "*"}}',
        "composer.lock": LOCK,
        "sub/composer.json": '{"require": {"swiftmailer/swiftmailer": "^6"}}',
    }
    found = [(one.path, one.locked) for one in find("packagist", files, "swiftmailer/swiftmailer")]
    assert found == [("composer.json", ("v6.3.0",)), ("sub/composer.json", ())]


@pytest.mark.parametrize(
    ("wanted", "inside", "outside"),
    [
        ("^1.2", ("1.2.0", "1.9.0", "v1.3.0"), ("2.0.0",)),
        ("~1.2", ("1.9.9",), ("2.0.0",)),
        ("~1.2.3", ("1.2.9",), ("1.3.0",)),
        ("1.0.*", ("1.0.9",), ("1.1.0",)),
        (">=1.0 <2.0 | ^3", ("1.5.0", "3.1.0"), ("2.5.0",)),
        ("1.0 - 2.0", ("1.5.0", "2.0.9"), ("2.1.0",)),
        ("^2.0@dev", ("2.5.0",), ("3.0.0",)),
        ("1.2.3", ("1.2.3",), ("1.2.4",)),
    ],
)
def test_ranges_are_those_of_composer(
    wanted: str, inside: tuple[str, ...], outside: tuple[str, ...]
) -> None:
    versions = PHP.versions(wanted)
    assert all(versions.contains(PHP.key(version)) for version in inside)
    assert not any(versions.contains(PHP.key(version)) for version in outside)


def test_a_branch_is_not_a_range() -> None:
    with pytest.raises(ValueError, match="is not a version range"):
        PHP.versions("dev-main")
