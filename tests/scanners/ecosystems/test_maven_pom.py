"""Dependencies in POMs get the versions that Maven gives them."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

import pytest
from hypothesis import given

from scanners._ecosystems.maven import ECOSYSTEM
from scanners._ecosystems.records import Finding
from tests.support.hostile_files import hostile_files
from tests.support.package_findings import findings_in, read_hostile


def findings(package: str, files: Mapping[str, str]) -> list[Finding]:
    return findings_in(ECOSYSTEM, package, files)


def constraints(package: str, files: Mapping[str, str]) -> dict[str, str]:
    return {found.path: found.constraint for found in findings(package, files)}


def pom(body: str) -> str:
    return (
        dedent("""\
        <?xml version="1.0" encoding="UTF-8"?>
        <project xmlns="http://maven.apache.org/POM/4.0.0">
          <modelVersion>4.0.0</modelVersion>
        """)
        + dedent(body)
        + "</project>\n"
    )


# Modelled on Apache ZooKeeper's POMs.
PARENT = pom("""\
      <groupId>org.apache.zookeeper</groupId>
      <artifactId>parent</artifactId>
      <packaging>pom</packaging>
      <version>3.9.0-SNAPSHOT</version>
      <modules>
        <module>zookeeper-server</module>
      </modules>
      <properties>
        <slf4j.version>1.7.30</slf4j.version>
        <netty.version>4.1.94.Final</netty.version>
      </properties>
      <dependencyManagement>
        <dependencies>
          <dependency>
            <groupId>org.slf4j</groupId>
            <artifactId>slf4j-api</artifactId>
            <version>${slf4j.version}</version>
          </dependency>
          <dependency>
            <groupId>io.netty</groupId>
            <artifactId>netty-bom</artifactId>
            <version>${netty.version}</version>
            <type>pom</type>
            <scope>import</scope>
          </dependency>
        </dependencies>
      </dependencyManagement>
      <build>
        <pluginManagement>
          <plugins>
            <plugin>
              <artifactId>maven-surefire-plugin</artifactId>
              <version>2.22.1</version>
            </plugin>
          </plugins>
        </pluginManagement>
      </build>
    """)
CHILD = pom("""\
      <parent>
        <groupId>org.apache.zookeeper</groupId>
        <artifactId>parent</artifactId>
        <version>3.9.0-SNAPSHOT</version>
      </parent>
      <artifactId>zookeeper</artifactId>
      <dependencies>
        <dependency>
          <groupId>org.slf4j</groupId>
          <artifactId>slf4j-api</artifactId>
        </dependency>
        <dependency>
          <groupId>io.netty</groupId>
          <artifactId>netty-handler</artifactId>
        </dependency>
        <dependency>
          <groupId>${project.groupId}</groupId>
          <artifactId>zookeeper-jute</artifactId>
          <version>${project.version}</version>
        </dependency>
      </dependencies>
      <build>
        <plugins>
          <plugin>
            <groupId>org.apache.maven.plugins</groupId>
            <artifactId>maven-surefire-plugin</artifactId>
          </plugin>
        </plugins>
      </build>
    """)
PROJECT = {"pom.xml": PARENT, "zookeeper-server/pom.xml": CHILD}


def test_dependency_without_a_version_gets_the_managed_one() -> None:
    assert constraints("org.slf4j:slf4j-api", PROJECT) == {
        "pom.xml": "1.7.30",
        "zookeeper-server/pom.xml": "1.7.30",
    }


def test_place_is_the_version_or_else_the_artifact() -> None:
    managed, used = findings("org.slf4j:slf4j-api", PROJECT)
    assert PARENT.splitlines()[managed.line - 1].find("<version>") == managed.column - 1
    assert CHILD.splitlines()[used.line - 1].find("<artifactId>slf4j-api") == used.column - 1


def test_version_of_a_bom_outside_the_repository_is_unknown() -> None:
    (found,) = findings("io.netty:netty-handler", PROJECT)
    assert (found.constraint, found.unresolved) == ("", "io.netty:netty-bom:4.1.94.Final")


def test_group_and_version_of_the_project_are_inherited() -> None:
    assert constraints("org.apache.zookeeper:zookeeper-jute", PROJECT) == {
        "zookeeper-server/pom.xml": "3.9.0-SNAPSHOT"
    }


def test_plugin_has_a_default_group_and_a_managed_version() -> None:
    assert constraints("org.apache.maven.plugins:maven-surefire-plugin", PROJECT) == {
        "pom.xml": "2.22.1",
        "zookeeper-server/pom.xml": "2.22.1",
    }


def test_child_overrides_a_property_of_its_parent() -> None:
    own = "<properties><slf4j.version>2.0.9</slf4j.version></properties>\n</project>"
    child = CHILD.replace("</project>", own)
    assert constraints("org.slf4j:slf4j-api", PROJECT | {"zookeeper-server/pom.xml": child}) == {
        "pom.xml": "1.7.30",
        "zookeeper-server/pom.xml": "2.0.9",
    }


@pytest.mark.parametrize(
    "other",
    [
        {"pom.xml": PARENT.replace(">3.9.0-SNAPSHOT<", ">4.0.0<")},
        {"pom.xml": PARENT.replace(">parent<", ">other<")},
        {},
    ],
    ids=["another version", "another artifact", "no file"],
)
def test_parent_with_other_coordinates_is_not_used(other: dict[str, str]) -> None:
    found = findings("org.slf4j:slf4j-api", other | {"zookeeper-server/pom.xml": CHILD})[-1]
    assert (found.constraint, found.unresolved) == (
        "",
        "org.apache.zookeeper:parent:3.9.0-SNAPSHOT",
    )


def test_parent_in_another_folder_is_found_by_its_coordinates() -> None:
    child = CHILD.replace("</parent>", "<relativePath/></parent>")
    files = {"build/parent/pom.xml": PARENT, "server/pom.xml": child}
    assert constraints("org.slf4j:slf4j-api", files)["server/pom.xml"] == "1.7.30"


def test_bom_in_the_repository_gives_versions() -> None:
    bom = pom("""\
        <groupId>org.example</groupId>
        <artifactId>bom</artifactId>
        <version>1</version>
        <properties><jackson>2.9.8</jackson></properties>
        <dependencyManagement><dependencies><dependency>
          <groupId>com.fasterxml.jackson.core</groupId>
          <artifactId>jackson-databind</artifactId>
          <version>${jackson}</version>
        </dependency></dependencies></dependencyManagement>
        """)
    application = pom("""\
        <groupId>org.example</groupId>
        <artifactId>application</artifactId>
        <version>1</version>
        <dependencyManagement><dependencies><dependency>
          <groupId>org.example</groupId>
          <artifactId>bom</artifactId>
          <version>${project.version}</version>
          <type>pom</type>
          <scope>import</scope>
        </dependency></dependencies></dependencyManagement>
        <dependencies><dependency>
          <groupId>com.fasterxml.jackson.core</groupId>
          <artifactId>jackson-databind</artifactId>
        </dependency></dependencies>
        """)
    files = {"bom/pom.xml": bom, "application/pom.xml": application}
    found = constraints("com.fasterxml.jackson.core:jackson-databind", files)
    assert found == {"bom/pom.xml": "2.9.8", "application/pom.xml": "2.9.8"}


def test_profile_uses_its_own_properties() -> None:
    text = pom("""\
        <artifactId>a</artifactId>
        <properties><hadoop.version>2.7</hadoop.version></properties>
        <dependencies><dependency>
          <groupId>org.apache.hadoop</groupId>
          <artifactId>hadoop-client</artifactId>
          <version>${hadoop.version}</version>
        </dependency></dependencies>
        <profiles><profile>
          <id>hadoop3</id>
          <properties><hadoop.version>3.3</hadoop.version></properties>
          <dependencies><dependency>
            <groupId>org.apache.hadoop</groupId>
            <artifactId>hadoop-client</artifactId>
            <version>${hadoop.version}</version>
          </dependency></dependencies>
        </profile></profiles>
        """)
    found = findings("org.apache.hadoop:hadoop-client", {"pom.xml": text})
    assert [one.constraint for one in found] == ["2.7", "3.3"]


def test_name_may_contain_a_property_of_the_parent() -> None:
    parent = PARENT.replace("<properties>", "<properties><scala>2.12</scala>")
    child = CHILD.replace("slf4j-api<", "spark-core_${scala}<")
    files = {"pom.xml": parent, "zookeeper-server/pom.xml": child}
    assert "zookeeper-server/pom.xml" in constraints("org.slf4j:spark-core_2.12", files)


def test_variable_without_a_value_is_reported() -> None:
    text = PARENT.replace("<slf4j.version>1.7.30</slf4j.version>", "")
    (found,) = findings("org.slf4j:slf4j-api", {"pom.xml": text})
    assert (found.constraint, found.unresolved) == ("${slf4j.version}", "slf4j.version")


def test_variable_that_refers_to_itself_is_reported() -> None:
    text = PARENT.replace(">1.7.30<", ">${a}${a}<").replace(
        "<properties>", "<properties><a>${slf4j.version}${slf4j.version}</a>"
    )
    (found,) = findings("org.slf4j:slf4j-api", {"pom.xml": text})
    assert found.unresolved
    assert len(found.constraint) < 10_000


def test_poms_that_are_their_own_parents_end() -> None:
    files = {"pom.xml": CHILD.replace("</parent>", "<relativePath>pom.xml</relativePath></parent>")}
    files["pom.xml"] = files["pom.xml"].replace(">zookeeper<", ">parent<")
    assert findings("org.slf4j:slf4j-api", files)[0].constraint == ""


def test_build_extensions_of_a_repository_count() -> None:
    text = "<extensions><extension><groupId>a</groupId><artifactId>b</artifactId>"
    text += "<version>1</version></extension></extensions>"
    assert constraints("a:b", {".mvn/extensions.xml": text}) == {".mvn/extensions.xml": "1"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is not valid XML (no element found), line 1"),
        ("<project>\n<a></project>", "the file is not valid XML (mismatched tag), line 2"),
        ("<a/>", "the file is not a POM: its root element is `a`, line 1"),
        (
            '<!DOCTYPE a [<!ENTITY b "bb">]>\n<project>&b;</project>',
            "the file declares an XML entity, which is not supported, line 1",
        ),
        ("<project>" * 300, "elements are nested more than 200 levels deep, line 1"),
    ],
)
def test_file_that_is_not_a_pom_is_an_error(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        ECOSYSTEM.read("pom.xml", text.encode())
    assert str(caught.value) == message


@given(hostile_files(PARENT, CHILD))
def test_damaged_poms_are_read_or_are_value_errors(content: bytes) -> None:
    read_hostile(ECOSYSTEM, "pom.xml", content)
