"""`daigou screening import` and `check`, with invented lists in the published formats."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from compliance.audit.models import Entry
from compliance.screening.models import ListEntry, ListVersion
from daigou.cli import main
from daigou.core.db import db

LISTS = Path(__file__).parent / "lists"


def run(*arguments):
    return CliRunner().invoke(main, ["screening", *map(str, arguments)])


def take(code, file, **more):
    return run("import", "--list", code, "--file", file, *(x for k, v in more.items() for x in (f"--{k}", v)))


def ofac(folder=LISTS, **more):
    return take("ofac-sdn", folder / "sdn.csv", alt=folder / "alt.csv", add=folder / "add.csv", **more)


def check(*arguments):
    return json.loads(run("check", *arguments, "--json").stdout)["hits"]


def imports():
    return db.session.execute(select(func.count()).where(Entry.kind == "screening:imported")).scalar_one()


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(LISTS, tmp_path / "lists")
    return tmp_path / "lists"


def test_every_format_is_read(app):
    assert ofac().exit_code == take("un", LISTS / "un.xml").exit_code == take("eu", LISTS / "eu.csv").exit_code == 0
    found = {
        row.entry_id: row
        for row in db.session.execute(select(ListEntry)).scalars()
        if row.code in ("ofac-sdn", "un", "eu")
    }
    assert len(found) == 9
    one = found["90001"]
    assert (one.kind, one.countries, one.years) == ("person", ["RU"], [1961])
    assert one.names == ["ZIMORODKIN, Ivan Petrovich", "SIMORODKIN, Iwan", "ЗИМОРОДКИН, Иван Петрович"]
    assert found["90003"].kind == "vessel"
    assert found["90004"].names[-1] == "QAMARUN"
    assert (found["7000001"].countries, found["7000001"].years) == (["SY", "IQ"], [1971, 1973])
    assert found["7000002"].names == ["MISAKI INVENTED TRADING BUREAU", "岬貿易局"]
    assert (found["5001"].names[1], found["5001"].countries, found["5001"].years) == (
        "Григорий Соколвинский",
        ["BY"],
        [1968],
    )
    assert (found["5002"].kind, found["5002"].countries) == ("entity", ["RU"])


def test_check_answers_in_the_promised_shape(app):
    ofac()
    (hit,) = check("Ivan Zimorodkin", "--country", "RU")
    assert set(hit) == {"entry_id", "list", "name", "score", "why"}
    assert (hit["entry_id"], hit["list"]) == ("90001", "ofac-sdn")
    assert "country:agrees" in hit["why"]
    assert check("Иван Зимородкин")[0]["entry_id"] == "90001"
    assert check("محمد الظافري")[0]["entry_id"] == "90004"
    assert check("Mara Vogel") == []
    assert "90001" in run("check", "Iwan Simorodkin").stdout
    assert "No hit among 5 entries" in run("check", "Mara Vogel").stdout


def test_the_same_files_twice_change_nothing(app):
    ofac()
    again = ofac()
    assert (again.exit_code, "already" in again.stdout) == (0, True)
    assert imports() == 1


def test_a_new_version_replaces_the_old_one_as_a_whole(app, folder):
    ofac()
    text = (folder / "sdn.csv").read_text().replace('"KIM, Jong Bak"', '"PAK, Chol Bum"')
    (folder / "sdn.csv").write_text(text)
    assert ofac(folder).exit_code == 0
    assert check("Kim Jong Bak") == []
    assert check("Pak Chol Bum")
    assert db.session.execute(select(func.count()).where(ListVersion.current)).scalar_one() == 1


DAMAGE = {
    "cut off inside a row": lambda text: text[: len(text) - 40],
    "cut off inside a quoted field": lambda text: text[: text.rindex('"DOB 1955') + 8],
    "another file": lambda text: "name,country\nIvan,RU\n",
    "an entry twice": lambda text: text.splitlines()[0] + "\n" + text,
    "an alias without its entry": lambda text: "\n".join(text.splitlines()[1:]),
    "not text": lambda text: "\udcff\udcfe" + text,
    "empty": lambda text: "",
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_file_is_refused_and_the_old_version_stays(app, folder, how):
    ofac()
    text = (folder / "sdn.csv").read_text()
    (folder / "sdn.csv").write_bytes(DAMAGE[how](text).encode("utf-8", "surrogateescape"))
    refused = ofac(folder)
    assert refused.exit_code == 1
    assert refused.stderr.strip()
    assert check("Ivan Zimorodkin")
    assert imports() == 1


def test_a_list_that_lost_much_is_taken_only_with_a_reason(app, folder):
    ofac()
    lines = (folder / "sdn.csv").read_text().splitlines()
    (folder / "sdn.csv").write_text("\n".join(lines[:4]) + "\n")
    assert ofac(folder).exit_code == 1
    assert ofac(folder, force="short").exit_code == 1
    assert check("Kim Jong Bak")
    assert ofac(folder, force="the ministry delisted one programme").exit_code == 0
    assert check("Kim Jong Bak") == []
    newest = db.session.execute(
        select(Entry.body).where(Entry.kind == "screening:imported").order_by(Entry.at.desc()).limit(1)
    ).scalar_one()
    assert json.loads(newest)["facts"]["forced"] is True


BOMB = """<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>&b;</FIRST_NAME></INDIVIDUAL></INDIVIDUALS>
</CONSOLIDATED_LIST>"""


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        BOMB.replace('"aaaaaaaaaa"', 'SYSTEM "file:///etc/hostname"'),
        "<html></html>",
        (LISTS / "un.xml").read_text()[:-60],
        "<CONSOLIDATED_LIST></CONSOLIDATED_LIST>",
    ],
)
def test_xml_that_is_damaged_or_dangerous_is_refused(app, tmp_path, text):
    (tmp_path / "un.xml").write_text(text)
    assert take("un", tmp_path / "un.xml").exit_code == 1


@pytest.mark.parametrize("change", [("Entity_LogicalId", "Id"), (";;;;BY;", ";;;;BY"), ("5002", "")])
def test_a_damaged_european_file_is_refused(app, tmp_path, change):
    (tmp_path / "eu.csv").write_text((LISTS / "eu.csv").read_text().replace(*change))
    assert take("eu", tmp_path / "eu.csv").exit_code == 1


def test_an_unknown_list_is_refused(app):
    assert take("mine", LISTS / "eu.csv").exit_code == 1
