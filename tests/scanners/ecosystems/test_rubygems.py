"""Gems are found in Gemfiles, gemspecs and lock files. Versions are ordered as by RubyGems."""

from __future__ import annotations

from itertools import pairwise

import pytest

from scanners._ecosystems import ecosystem_of
from tests.scanners.ecosystems.reading import find, locked, requirements

GEMS = ecosystem_of("rubygems")


def test_the_literals_of_a_gemfile_are_read() -> None:
    text = """
        source "https://rubygems.org"
        ruby "3.2.0"

        gem "rails", "~> 7.0", ">= 7.0.4"
          gem 'sass'
        gem("puma", '< 6', require: false)
        gem "ours", path: "../ours"
        # gem "commented", "1.0"
        gem "pg",
            "1.5.4"
        """
    assert [(n, v, line) for n, v, line, _ in requirements("rubygems", "Gemfile", text)] == [
        ("rails", "~> 7.0, >= 7.0.4", 4),
        ("sass", "", 5),
        ("puma", "< 6", 6),
        ("pg", "1.5.4", 9),
    ]


def test_a_gemspec_is_read() -> None:
    text = """
        Gem::Specification.new do |s|
          s.add_dependency "activesupport", ">= 5.2", "< 8"
          s.add_development_dependency('factory_girl', ['~> 4.0'])
          s.add_runtime_dependency(%q<rack>, ">= 1")
        """
    assert [(n, v) for n, v, _, _ in requirements("rubygems", "a.gemspec", text)] == [
        ("activesupport", ">= 5.2, < 8"),
        ("factory_girl", "~> 4.0"),
        ("rack", ">= 1"),
    ]


LOCK = """
    PATH
      remote: .
      specs:
        ours (0.1.0)
          rails (>= 5)

    GEM
      remote: https://rubygems.org/
      specs:
        nokogiri (1.16.0-x86_64-linux)
        rails (7.0.8)
          actionpack (= 7.0.8)
        rc (2.0.0.rc1)

    DEPENDENCIES
      rails (~> 7.0)
    """


def test_the_frozen_literals_of_a_generated_gemspec_are_read() -> None:
    text = """
        s.add_dependency(%q<kpeg>.freeze, [">= 0".freeze, "< 2".freeze])
        s.add_runtime_dependency(%q<yard>.freeze, ["~> 0.9"])
    """
    found = [(name, ranges) for name, ranges, *_ in requirements("rubygems", "a.gemspec", text)]
    assert found == [("kpeg", ">= 0, < 2"), ("yard", "~> 0.9")]


def test_lock_files_are_read_without_the_gems_of_the_repository() -> None:
    assert locked("rubygems", "Gemfile.lock", LOCK) == [
        ("nokogiri", "1.16.0", 10),
        ("rails", "7.0.8", 11),
        ("rc", "2.0.0.rc1", 13),
    ]


def test_a_gemfile_is_locked_only_by_the_file_beside_it() -> None:
    files = {
        "Gemfile.lock": LOCK,
        "gemfiles/rails_6.gemfile": "gem 'rails', '~> 6.0'\n",
        "gemfiles/rails_6.gemfile.lock": LOCK.replace("7.0.8", "6.1.7"),
        "gemfiles/rails_5.gemfile": "gem 'rails', '~> 5.2'\n",
        "plain/Gemfile": "gem 'rails'\n",
        "plugin/plugin.gemspec": "spec.add_dependency 'rails', '>= 5'\n",
    }
    found = {one.path: one.locked for one in find("rubygems", files, "rails")}
    assert found["gemfiles/rails_6.gemfile"] == ("6.1.7",)
    assert found["gemfiles/rails_5.gemfile"] == ()
    assert found["plain/Gemfile"] == ()
    assert found["plugin/plugin.gemspec"] == ("7.0.8",)


def test_the_locked_version_decides() -> None:
    files = {"Gemfile": "gem 'rails', '>= 5'\n", "Gemfile.lock": LOCK}
    (found,) = find("rubygems", files, "rails")
    assert (found.path, found.line, found.locked) == ("Gemfile", 1, ("7.0.8",))


def test_versions_are_in_the_order_of_rubygems() -> None:
    ordered = ["0.9", "1.0.a", "1.0.b1", "1.0.b2", "1.0.rc1", "1.0", "1.0.1", "1.2", "1.10", "2"]
    keys = [GEMS.key(version) for version in ordered]
    assert all(left < right for left, right in pairwise(keys))
    assert GEMS.key("1.0.0") == GEMS.key("1")


@pytest.mark.parametrize(
    ("wanted", "inside", "outside"),
    [
        ("~> 1.2", ("1.2", "1.9.9"), ("1.1.9", "2.0", "2.0.rc1")),
        ("~> 1.2.3", ("1.2.3", "1.2.9"), ("1.3",)),
        ("~> 1", ("1.9",), ("2.0",)),
        (">= 1.0, < 2", ("1.0", "1.9"), ("2", "2.0.rc1")),
        ("!= 1.5", ("1.4",), ("1.5",)),
        ("1.2", ("1.2.0",), ("1.2.1",)),
    ],
)
def test_ranges_are_those_of_rubygems(
    wanted: str, inside: tuple[str, ...], outside: tuple[str, ...]
) -> None:
    versions = GEMS.versions(wanted)
    assert all(versions.contains(GEMS.key(version)) for version in inside)
    assert not any(versions.contains(GEMS.key(version)) for version in outside)
