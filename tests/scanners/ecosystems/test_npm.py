"""npm packages are found in manifests and in the lock files of four package managers."""

from __future__ import annotations

import pytest

from scanners._ecosystems import ecosystem_of
from tests.scanners.ecosystems.reading import find, locked, requirements

NPM = ecosystem_of("npm")


def test_every_section_of_a_manifest_is_read() -> None:
    text = """
        {
          "dependencies": {"react": "^18.2.0", "old": "npm:react@^16.0.0", "local": "workspace:*"},
          "devDependencies": {"@babel/core": "7.x"},
          "peerDependencies": {"vue": ">=2"},
          "optionalDependencies": {"fsevents": "latest"},
          "resolutions": {"**/minimist": "1.2.6", "a/@types/node": "18.0.0"},
          "overrides": {"semver": {"lru-cache": "6.0.0", ".": "7.5.2"}, "qs": "$qs"}
        }
        """
    assert [
        (name, wanted, line) for name, wanted, line, _ in requirements("npm", "package.json", text)
    ] == [
        ("react", "^18.2.0", 2),
        ("react", "^16.0.0", 2),
        ("@babel/core", "7.x", 3),
        ("vue", ">=2", 4),
        ("fsevents", "", 5),
        ("minimist", "1.2.6", 6),
        ("@types/node", "18.0.0", 6),
        ("lru-cache", "6.0.0", 7),
        ("semver", "7.5.2", 7),
    ]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "package-lock.json",
            """
            {
              "name": "shop", "lockfileVersion": 3,
              "packages": {
                "": {"name": "shop", "version": "1.0.0"},
                "node_modules/react": {
                  "version": "18.2.0"
                },
                "node_modules/alias": {
                  "name": "lodash",
                  "version": "4.17.21"
                },
                "node_modules/a/node_modules/react": {
                  "version": "16.14.0"
                }
              }
            }
            """,
            [("react", "18.2.0", 5), ("lodash", "4.17.21", 8), ("react", "16.14.0", 12)],
        ),
        (
            "package-lock.json",
            """
            {
              "name": "shop",
              "version": "1.0.0",
              "lockfileVersion": 1,
              "dependencies": {
                "react": {
                  "version": "16.8.0",
                  "requires": {"loose-envify": "^1.1.0"},
                  "dependencies": {
                    "loose-envify": {
                      "version": "1.4.0"
                    }
                  }
                }
              }
            }
            """,
            [("react", "16.8.0", 6), ("loose-envify", "1.4.0", 10)],
        ),
        (
            "yarn.lock",
            """
            # yarn lockfile v1

            "@babel/core@^7.0.0", "@babel/core@^7.1.0":
              version "7.26.0"
              resolved "https://registry.yarnpkg.com/@babel/core/-/core-7.26.0.tgz"

            left@1.x:
              version "1.3.0"
            """,
            [("@babel/core", "7.26.0", 3), ("@babel/core", "7.26.0", 3), ("left", "1.3.0", 7)],
        ),
        (
            "yarn.lock",
            """
            __metadata:
              version: 8

            "react@npm:^18.2.0, react@npm:^18.3.0":
              version: 18.3.1
              resolution: "react@npm:18.3.1"

            "shop@workspace:.":
              version: 0.0.0-use.local
            """,
            [("react", "18.3.1", 4), ("react", "18.3.1", 4)],
        ),
        (
            "pnpm-lock.yaml",
            """
            lockfileVersion: '9.0'
            importers:
              .:
                dependencies:
                  react:
                    specifier: ^18.2.0
                    version: 18.3.1
              packages/web:
                devDependencies:
                  '@types/node':
                    specifier: ^20
                    version: 20.1.0(typescript@5.0.0)
            packages:
              '@types/node@20.1.0':
                resolution: {integrity: sha512-a}
              react@18.3.1:
                resolution: {integrity: sha512-b}
            """,
            [
                ("react", "18.3.1", 7),
                ("@types/node", "20.1.0", 12),
                ("@types/node", "20.1.0", 14),
                ("react", "18.3.1", 16),
            ],
        ),
        (
            "pnpm-lock.yaml",
            """
            lockfileVersion: 5.4
            specifiers:
              react: ^17.0.0
            dependencies:
              react: 17.0.2
            packages:
              /react/17.0.2:
                dev: false
              /react-dom/17.0.2_react@17.0.2:
                dev: false
              /@babel/core/7.1.0:
                dev: true
            """,
            [
                ("react", "17.0.2", 5),
                ("react", "17.0.2", 7),
                ("react-dom", "17.0.2", 9),
                ("@babel/core", "7.1.0", 11),
            ],
        ),
        (
            "bun.lock",
            """
            {
              "lockfileVersion": 1,
              "packages": {
                "react": ["react@18.3.1", "", {}, "sha512-a"],
                "@types/node": ["@types/node@20.1.0", "", {}, "sha512-b"],
                "web": ["web@workspace:packages/web"],
              }
            }
            """,
            [("react", "18.3.1", 4), ("@types/node", "20.1.0", 5)],
        ),
    ],
)
def test_lock_files(path: str, text: str, expected: list[tuple[str, str, int]]) -> None:
    assert locked("npm", path, text) == expected


PACKAGE = '{"dependencies": {"react": "^17.0.0 || ^18.0.0"}}'
ROOT_LOCK = """
    {"packages": {
        "node_modules/react": {
            "version": "18.2.0"
        },
        "packages/old/node_modules/react": {
            "version": "17.0.2"
        },
        "node_modules/x/node_modules/react": {
            "version": "15.0.0"
        }
    }}
    """


def test_the_lock_file_of_the_root_decides_for_each_workspace() -> None:
    files = {
        "package-lock.json": ROOT_LOCK,
        "packages/old/package.json": PACKAGE,
        "packages/web/package.json": PACKAGE,
    }
    found = [(finding.path, finding.locked) for finding in find("npm", files, "react")]
    assert found == [
        ("package-lock.json", ("15.0.0",)),
        ("packages/old/package.json", ("17.0.2",)),
        ("packages/web/package.json", ("18.2.0",)),
    ]


def test_the_range_selects_the_entry_of_yarn() -> None:
    lock = """
        react@^16.0.0:
          version "16.14.0"

        "react@^17.0.0 || ^18.0.0":
          version "18.2.0"
        """
    found = find("npm", {"yarn.lock": lock, "package.json": PACKAGE}, "react")
    assert [(finding.path, finding.locked) for finding in found] == [
        ("package.json", ("18.2.0",)),
        ("yarn.lock", ("16.14.0",)),
    ]


def test_no_lock_file_governs_a_peer_dependency() -> None:
    files = {
        "package.json": '{"peerDependencies": {"react": ">=16"}}',
        "package-lock.json": ROOT_LOCK,
    }
    (manifest,) = [
        finding for finding in find("npm", files, "react") if finding.path == "package.json"
    ]
    assert (manifest.constraint, manifest.locked) == (">=16", ())


@pytest.mark.parametrize(
    ("wanted", "inside", "outside"),
    [
        ("^1.2.3", ("1.2.3", "1.9.0"), ("1.2.2", "2.0.0", "2.0.0-rc.1")),
        ("^0.2.3", ("0.2.9",), ("0.3.0",)),
        ("^0.0.3", ("0.0.3",), ("0.0.4",)),
        ("~1.2", ("1.2.9",), ("1.3.0",)),
        ("1.x", ("1.9.9",), ("2.0.0",)),
        ("1.2 - 1.4", ("1.2.0", "1.4.9"), ("1.5.0",)),
        ("<2 || >=3", ("1.0.0", "3.1.0"), ("2.5.0",)),
        (">=1.2.3 <2", ("1.2.3", "1.99.0"), ("2.0.0",)),
        ("*", ("0.0.1", "99.0.0"), ()),
    ],
)
def test_ranges_are_those_of_node_semver(
    wanted: str, inside: tuple[str, ...], outside: tuple[str, ...]
) -> None:
    versions = NPM.versions(wanted)
    assert all(versions.contains(NPM.key(version)) for version in inside)
    assert not any(versions.contains(NPM.key(version)) for version in outside)


@pytest.mark.parametrize("wanted", ["!=1.0", "github:user/repo", "file:../a", "http://x/y.tgz"])
def test_what_is_not_a_range_is_an_error(wanted: str) -> None:
    with pytest.raises(ValueError, match="is not a version range"):
        NPM.versions(wanted)


def test_a_merge_conflict_is_an_error() -> None:
    with pytest.raises(ValueError, match="merge conflict, line 2"):
        locked("npm", "yarn.lock", "# yarn\n<<<<<<< HEAD\n")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("length", [1, 10_000])
@pytest.mark.parametrize("indent", ["    ", "\t\t"])
def test_the_second_version_of_a_lock_file_gets_its_own_lines(
    indent: str, length: int, ending: str
) -> None:
    def lock(*entries: tuple[str, str]) -> str:
        objects = (
            f'{indent}"node_modules/{name}": {{\n{indent} "version": "{version}",\n'
            f'{indent} "integrity": "{"x" * length}",\n'
            f'{indent} "engines": {{\n{indent}  "node": "1"\n{indent} }}\n{indent}}}'
            for name, version in entries
        )
        return ('{\n "packages": {\n' + ",\n".join(objects) + "\n }\n}\n").replace("\n", ending)

    first = lock(("react", "18.2.0"), ("vue", "3.0.0"))
    second = lock(("axios", "1.0.0"), ("react", "18.2.0"), ("vue", "3.0.1"))

    assert locked("npm", "package-lock.json", first) == [
        ("react", "18.2.0", 3),
        ("vue", "3.0.0", 10),
    ]
    assert locked("npm", "package-lock.json", second) == [
        ("axios", "1.0.0", 3),
        ("react", "18.2.0", 10),
        ("vue", "3.0.1", 17),
    ]
