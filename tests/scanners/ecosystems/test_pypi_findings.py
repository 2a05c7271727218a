"""The right lock file, constraints file or compiled file governs each Python requirement."""

from __future__ import annotations

from scanners._ecosystems.records import Finding
from tests.scanners.ecosystems.reading import find

PYPROJECT = '[project]\ndependencies = ["six>=1.0"]\n'


def lock(*packages: tuple[str, str]) -> str:
    return "version = 1\n" + "".join(
        f'\n[[package]]\nname = "{name}"\nversion = "{version}"\n' for name, version in packages
    )


def test_the_lock_file_beside_a_manifest_governs_it() -> None:
    files = {"app/pyproject.toml": PYPROJECT, "app/poetry.lock": lock(("six", "1.16.0"))}
    assert find("pypi", files, "six") == [
        Finding("app/pyproject.toml", 2, 17, ">=1.0", ("1.16.0",))
    ]


def test_the_lock_file_of_a_workspace_governs_its_members_only() -> None:
    member = '\n[[package]]\nname = "a"\nversion = "1"\nsource = { editable = "libs/a" }\n'
    files = {
        "uv.lock": lock(("six", "1.16.0")) + member,
        "libs/a/pyproject.toml": PYPROJECT,
        "libs/b/pyproject.toml": PYPROJECT,
    }
    assert find("pypi", files, "six") == [
        Finding("libs/a/pyproject.toml", 2, 17, ">=1.0", ("1.16.0",)),
        Finding("libs/b/pyproject.toml", 2, 17, ">=1.0"),
    ]


def test_a_transitive_package_is_found_in_the_lock_file() -> None:
    files = {"pyproject.toml": PYPROJECT, "uv.lock": lock(("six", "1.16"), ("idna", "2.8"))}
    assert find("pypi", files, "idna") == [Finding("uv.lock", 8, 1, "2.8", ("2.8",))]


def test_build_requirements_are_not_locked() -> None:
    files = {
        "pyproject.toml": '[build-system]\nrequires = ["setuptools>=61"]\n',
        "uv.lock": lock(("setuptools", "70.0")),
    }
    assert find("pypi", files, "setuptools") == [
        Finding("pyproject.toml", 2, 13, ">=61"),
        Finding("uv.lock", 4, 1, "70.0", ("70.0",)),
    ]


def test_a_compiled_requirements_file_locks_its_source() -> None:
    files = {"requirements.in": "six\n", "requirements.txt": "six==1.16.0\nidna==2.8\n"}
    assert find("pypi", files, "six") == [Finding("requirements.in", 1, 1, "", ("1.16.0",))]
    assert find("pypi", files, "idna") == [Finding("requirements.txt", 2, 1, "==2.8", ("2.8",))]


def test_constraints_narrow_the_ranges_of_the_files_that_name_them() -> None:
    files = {
        "requirements.txt": "-r base.txt\nsix\n",
        "base.txt": "-c limits/constraints.txt\n",
        "limits/constraints.txt": "six<1.13\nidna==2.8\n",
    }
    assert find("pypi", files, "six") == [Finding("requirements.txt", 2, 1, "<1.13")]
    assert find("pypi", files, "idna") == [Finding("limits/constraints.txt", 2, 1, "==2.8")]


def test_files_that_include_each_other_end() -> None:
    files = {"requirements.txt": "-r requirements-b.txt\nsix\n"}
    files["requirements-b.txt"] = "-r requirements.txt\nsix>1\n"
    assert [finding.path for finding in find("pypi", files, "six")] == [
        "requirements-b.txt",
        "requirements.txt",
    ]
