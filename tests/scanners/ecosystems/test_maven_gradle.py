"""Package versions are read from Gradle scripts, version catalogues and lock files."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest
from hypothesis import given

from headway import ProjectScanner
from scanners._ecosystems.maven import ECOSYSTEM
from scanners._ecosystems.records import Finding
from tests.support.definitions import SHIPPED
from tests.support.hostile_files import hostile_files
from tests.support.package_findings import findings_in, place_of, read_hostile

# Modelled on the scripts of Spring Integration.
GROOVY = """\
buildscript {
    ext.kotlinVersion = '1.3.72'
    dependencies {
        classpath "org.jetbrains.kotlin:kotlin-gradle-plugin:$kotlinVersion"
    }
}
plugins {
    id 'org.sonarqube' version '2.8'
    id "io.spring.dependency-management" version "${managementVersion}" apply false
    id 'jacoco'
}
ext {
    jacksonVersion = '2.11.0' // not '2.12.0'
    springVersion = project.hasProperty('springVersion') ? project.springVersion : '5.2.6.RELEASE'
    mockito = findProperty('mockito') ?: "3.3.3"
}
/* compile 'commons-io:commons-io:1.0' */
dependencyManagement {
    imports {
        mavenBom "org.junit:junit-bom:$junitJupiterVersion"
    }
}
dependencies {
    api "com.fasterxml.jackson.core:jackson-databind:$jacksonVersion"
    api("org.springframework:spring-core:${project.ext.springVersion}") {
        exclude group: 'commons-logging', module: 'commons-logging'
        exclude "log4j:log4j"
    }
    testImplementation 'org.junit.jupiter:junit-jupiter-api'
    testImplementation group: 'org.mockito', name: 'mockito-core', version: mockito
    runtimeOnly "mysql:mysql-connector-java:" + mysqlVersion
    implementation('org.slf4j:slf4j-api') { version { strictly '[1.7, 1.8[' } }
    implementation 'com.google.guava:guava:28.+@jar', 'org.lib:two:2.0:tests'
    implementation project(':core')
}
"""
KOTLIN = """\
plugins {
    kotlin("jvm") version "1.9.20"
    id("org.springframework.boot") version "3.2.0"
    alias(libs.plugins.spotless)
}
val ktor by extra("2.3.6")
val coroutines = "1.7.3"
dependencies {
    implementation("io.ktor:ktor-server-core:$ktorVersion")
    implementation("org.jetbrains.kotlinx:kotlinx-coroutines-core:$coroutines")
    implementation(libs.kotlin.stdlib)
    testImplementation(libs.bundles.testing)
    implementation(group = "com.squareup.okio", name = "okio", version = "3.6.0")
}
"""
# Modelled on Retrofit's catalogue.
CATALOGUE = """\
[versions]
kotlin = "2.0.21"
junit = { strictly = "[4.12,5)", prefer = "4.13" }

[libraries]
kotlin-stdlib = { module = "org.jetbrains.kotlin:kotlin-stdlib", version.ref = "kotlin" }
dokkaPlugin = "org.jetbrains.dokka:dokka-gradle-plugin:1.9.20"
junit = { group = "junit", name = "junit", version.ref = "junit" }
truth = { module = "com.google.truth:truth" }

[bundles]
testing = ["junit", "truth"]

[plugins]
spotless = { id = "com.diffplug.spotless", version = "6.25.0" }
"""
LOCK = """\
# This is a Gradle generated file for dependency locking.
com.fasterxml.jackson.core:jackson-databind:2.11.4=compileClasspath,runtimeClasspath
org.yaml:snakeyaml:1.26=runtimeClasspath
empty=annotationProcessor
"""


def findings(package: str, files: Mapping[str, str]) -> list[Finding]:
    return findings_in(ECOSYSTEM, package, files)


@pytest.mark.parametrize(
    ("package", "constraint", "at"),
    [
        ("org.jetbrains.kotlin:kotlin-gradle-plugin", "1.3.72", '"org.jetbrains.kotlin'),
        ("org.sonarqube", "2.8", "id 'org.sonar"),
        ("jacoco", "", "id 'jacoco"),
        ("io.spring.dependency-management", "1.0.9", 'id "io.spring'),
        ("com.fasterxml.jackson.core:jackson-databind", "2.11.0", '"com.fasterxml'),
        ("org.springframework:spring-core", "5.2.6.RELEASE", '"org.springframework:spring-core'),
        ("org.mockito:mockito-core", "3.3.3", "group: 'org.mockito"),
        ("mysql:mysql-connector-java", "8.0.20", '"mysql:'),
        ("org.slf4j:slf4j-api", "[1.7, 1.8[", "'org.slf4j"),
        ("com.google.guava:guava", "28.+", "'com.google.guava"),
        ("org.lib:two", "2.0", "'org.lib:two"),
        ("org.junit:junit-bom", "5.6.2", '"org.junit:junit-bom'),
    ],
)
def test_groovy_notations(package: str, constraint: str, at: str) -> None:
    properties = "managementVersion=1.0.9\n#mysqlVersion=5\nmysqlVersion = 8.0.20\n"
    properties += "junitJupiterVersion=5.6.2\n"
    (found,) = findings(package, {"gradle.properties": properties, "core/build.gradle": GROOVY})
    assert (found.constraint, found.unresolved) == (constraint, "")
    assert (found.line, found.column) == place_of(at, GROOVY)


@pytest.mark.parametrize(
    "package", ["commons-io:commons-io", "log4j:log4j", "commons-logging:commons-logging"]
)
def test_comments_and_exclusions_ask_for_nothing(package: str) -> None:
    assert not findings(package, {"build.gradle": GROOVY})


@pytest.mark.parametrize(
    ("package", "constraint"),
    [
        ("org.jetbrains.kotlin.jvm", "1.9.20"),
        ("org.springframework.boot", "3.2.0"),
        ("org.jetbrains.kotlinx:kotlinx-coroutines-core", "1.7.3"),
        ("com.squareup.okio:okio", "3.6.0"),
    ],
)
def test_kotlin_notations(package: str, constraint: str) -> None:
    (found,) = findings(package, {"build.gradle.kts": KOTLIN})
    assert (found.constraint, found.unresolved) == (constraint, "")


def test_variable_without_a_value_is_reported() -> None:
    (found,) = findings("io.ktor:ktor-server-core", {"build.gradle.kts": KOTLIN})
    assert (found.constraint, found.unresolved) == ("$ktorVersion", "ktorVersion")


@pytest.mark.parametrize(
    ("package", "constraint", "places"),
    [
        (
            "org.jetbrains.kotlin:kotlin-stdlib",
            "2.0.21",
            [("kotlin-stdlib =", CATALOGUE), ("libs.kotlin.stdlib", KOTLIN)],
        ),
        ("com.diffplug.spotless", "6.25.0", [("spotless =", CATALOGUE), ("libs.plugins", KOTLIN)]),
        ("org.jetbrains.dokka:dokka-gradle-plugin", "1.9.20", [("dokkaPlugin", CATALOGUE)]),
        ("junit:junit", "[4.12,5)", [("junit = { group", CATALOGUE), ("libs.bundles", KOTLIN)]),
        ("com.google.truth:truth", "", [("truth =", CATALOGUE), ("libs.bundles", KOTLIN)]),
    ],
)
def test_catalogue_entries_and_their_uses(
    package: str, constraint: str, places: list[tuple[str, str]]
) -> None:
    files = {"gradle/libs.versions.toml": CATALOGUE, "app/build.gradle.kts": KOTLIN}
    found = findings(package, files)
    assert [one.constraint for one in found] == [constraint] * len(places)
    assert [(one.line, one.column) for one in found] == [place_of(*place) for place in places]


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a/build.gradle", "dependencies {}", "dependencies { api libs.junit }"),
        ("a/build.gradle", "dependencies { api libs.junit }", "dependencies {\napi libs.junit }"),
        (
            "a/pom.xml",
            "<project><parent/></project>",
            "<project><parent><groupId>${b}</groupId><artifactId>c</artifactId></parent></project>",
        ),
    ],
)
def test_scanner_sees_changes_of_uses_under_another_name(
    path: str, before: str, after: str
) -> None:
    scanner = SHIPPED.get("dependency")
    assert isinstance(scanner, ProjectScanner)
    options = scanner.Options(ecosystem="maven", package="junit:junit")
    facts = [scanner.read(options, path, text.encode()) for text in (before, after)]
    assert scanner.is_affected(options, facts[0], facts[1])


def test_maps_of_versions_and_libraries_in_another_script() -> None:
    # Modelled on Kafka's scripts.
    listed = """\
        ext { versions = [:]; libs = [:] }
        versions += [
          jackson: "2.16.2", // a comment
          junit: "5.10.2",
        ]
        libs += [
          jacksonDatabind: "com.fasterxml.jackson.core:jackson-databind:$versions.jackson",
        ]
        """
    script = "project(':core') {\n  dependencies {\n    api libs.jacksonDatabind\n  }\n}\n"
    files = {"build.gradle": script, "gradle/dependencies.gradle": listed}
    found = findings("com.fasterxml.jackson.core:jackson-databind", files)
    assert {(one.path, one.line, one.constraint) for one in found} == {
        ("gradle/dependencies.gradle", 7, "2.16.2"),
        ("build.gradle", 3, "2.16.2"),
    }


def test_constants_in_build_sources() -> None:
    constants = """\
        object Versions { const val okhttp = "4.12.0" }
        object Libs { const val okhttp = "com.squareup.okhttp3:okhttp:${Versions.okhttp}" }
        """
    script = "dependencies {\n  implementation(Libs.okhttp)\n}\n"
    files = {"app/build.gradle.kts": script, "buildSrc/src/main/kotlin/Libs.kt": constants}
    found = findings("com.squareup.okhttp3:okhttp", files)
    assert sorted((one.path, one.constraint) for one in found) == [
        ("app/build.gradle.kts", "4.12.0"),
        ("buildSrc/src/main/kotlin/Libs.kt", "4.12.0"),
    ]


def test_lock_file_beside_the_script_gives_the_version() -> None:
    files = {"app/build.gradle": GROOVY, "app/gradle.lockfile": LOCK}
    (found,) = findings("com.fasterxml.jackson.core:jackson-databind", files)
    assert (found.path, found.constraint, found.locked) == (
        "app/build.gradle",
        "2.11.0",
        ("2.11.4",),
    )


def test_package_that_only_the_lock_file_names() -> None:
    files = {"app/build.gradle": GROOVY, "app/gradle.lockfile": LOCK}
    (found,) = findings("org.yaml:snakeyaml", files)
    assert found == Finding("app/gradle.lockfile", 3, 1, "", ("1.26",))


def test_package_without_a_version_names_its_bom() -> None:
    (found,) = findings("org.junit.jupiter:junit-jupiter-api", {"build.gradle": GROOVY})
    assert (found.constraint, found.unresolved) == (
        "",
        "org.junit:junit-bom:$junitJupiterVersion",
    )


def test_constraint_of_the_root_project_counts_in_its_subprojects() -> None:
    root = "subprojects { dependencies { constraints { api 'org.slf4j:slf4j-api:1.7.30' } } }"
    script = "dependencies { api 'org.slf4j:slf4j-api' }"
    files = {"build.gradle": root, "app/build.gradle": script}
    assert [one.constraint for one in findings("org.slf4j:slf4j-api", files)] == ["1.7.30"] * 2


def test_plugin_version_in_the_settings() -> None:
    settings = 'pluginManagement { plugins { id("com.acme") version "1.2" } }'
    files = {"settings.gradle.kts": settings, "a/build.gradle.kts": 'plugins { id("com.acme") }'}
    assert [one.constraint for one in findings("com.acme", files)] == ["1.2", "1.2"]


def test_variables_that_refer_to_each_other_end() -> None:
    script = 'ext { a = "$b$b"; b = "$a$a" }\ndependencies { api "x.y:z:$a" }'
    (found,) = findings("x.y:z", {"build.gradle": script})
    assert found.unresolved
    assert len(found.constraint) < 5_000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[versions\n",
            "the file is not valid TOML: Expected ']' at the end of a table declaration",
        ),
        ("a = " + "[" * 5_000, "the tables of the file are nested too deeply"),
    ],
)
def test_broken_catalogue_is_an_error(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        ECOSYSTEM.read("gradle/libs.versions.toml", text.encode())
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("package", ["", "a:b:c", "a b:c", ":a", "a/b"])
def test_other_names_are_no_packages(package: str) -> None:
    with pytest.raises(ValueError, match="write `group:artifact`"):
        ECOSYSTEM.normalise(package)


NAMES = ["build.gradle", "gradle/libs.versions.toml", "gradle.lockfile", "gradle.properties"]


@pytest.mark.parametrize("path", NAMES)
@given(content=hostile_files(GROOVY, KOTLIN, CATALOGUE, LOCK))
def test_damaged_files_are_read_or_are_value_errors(path: str, content: bytes) -> None:
    read_hostile(ECOSYSTEM, path, content)


@pytest.mark.parametrize("piece", ['"\\', "'\\", "\"'\\", '"a'])
def test_strings_without_an_end_take_little_time(piece: str) -> None:
    started = time.process_time()
    ECOSYSTEM.read("build.gradle", piece.encode() * 50_000 + b"\nimplementation 'a:b:1.0'\n")
    assert time.process_time() - started < 3


def test_an_apostrophe_without_an_end_hides_no_dependency_on_its_line() -> None:
    text = 'filter ~/it\'s/ ; dependencies { implementation "a:b:1.0" }\n'
    assert "a:b" in ECOSYSTEM.read("build.gradle", text.encode()).requirements
