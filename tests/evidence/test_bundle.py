"""The evidence bundle of a case: what is in it, who may have it, and how it proves itself elsewhere."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tracemalloc
import zipfile
from hashlib import sha256
from io import BytesIO
from uuid import UUID

import pytest
from sqlalchemy import select

from incident_service import cases, evidence
from incident_service.accounts import Role
from incident_service.evidence.commands import evidence_commands
from incident_service.foundation.database import db
from incident_service.photos import OriginalLook, Photo
from tests.factories import an_account
from tests.house.reading import ROOT
from tests.photos.pictures import POINT, a_jpeg, file_of, noise

PICTURE = a_jpeg((300, 600), position=POINT, taken="2026:11:20 08:00:00", device=("Apple", "iPhone 11"))
RESULT = a_jpeg((240, 480), position=POINT)


@pytest.fixture(params=["store", "bucket"])
def case(request, town, phone_of, run_jobs):
    """A rectified case with one picture before and one after, and the phones of its people."""
    return Rectified(request.getfixturevalue(request.param), town, phone_of, run_jobs)


class Rectified:
    """A rectified case, and the people around it."""

    def __init__(self, store, town, phone_of, run_jobs):
        self.store, self.town, self.desk, self.supervisor = store, town, phone_of(town.desk), phone_of(town.supervisor)
        said = phone_of(town.resident).report(PICTURE, description="占用消防通道").json
        self.number, self.photo_id = said["case_number"], said["photos"][0]["id"]
        run_jobs()
        phone_of(town.manager).send(f"/cases/{self.number}/rectification", {"note": "已驶离"}, [RESULT])
        run_jobs()
        cases.lay_side_by_side(db.session.scalar(select(cases.Case.id)))

    def bundle(self, query="", *, by=None):
        return (by or self.desk).get(f"/cases/{self.number}/evidence.zip{query}")

    def consent(self, photo_id):
        """The id of an approved request."""
        wish = self.desk.post(f"/cases/{self.number}/photos/{photo_id}/original-requests", {"reason": "法院调取证据"})
        return self.supervisor.post(f"/cases/{self.number}/original-requests/{wish.json['id']}/approval").json["id"]


def opened(answer):
    assert answer.status_code == 200, answer.json
    return zipfile.ZipFile(BytesIO(answer.data))


def saved(answer, path):
    path.write_bytes(answer.data)
    return path


@pytest.fixture
def key(client, tmp_path):
    """The installation's public key in a file, as anybody gets it."""
    path = tmp_path / "key.pem"
    path.write_text(client.get("/api/v1/evidence-key").json["public_key"])
    return path


@pytest.fixture
def verify(app):
    """Runs the command; gives its exit code and its lines."""
    def run(path, *options):
        result = app.test_cli_runner().invoke(evidence_commands, ["verify", str(path), "--language", "en", *options])
        return result.exit_code, result.output.splitlines()

    return run


def test_a_bundle_holds_copies_history_and_digests_and_no_original(case):
    bundle = opened(case.bundle())
    names = bundle.namelist()
    assert {"README.txt", "case.json", "history.json", "photos.json", "side-by-side.jpg"} < set(names)
    assert sum(name.startswith("photos/") for name in names) == 4
    assert not any(name.startswith("originals/") for name in names)
    described = json.loads(bundle.read("photos.json"))
    assert [each["sha256"] for each in described] == [sha256(each).hexdigest() for each in (PICTURE, RESULT)]
    assert json.loads(bundle.read("history.json"))[0]["move"] == "report"
    assert json.loads(bundle.read("case.json"))["number"] == case.number


def test_a_bundle_names_no_reporter_and_carries_no_metadata(case):
    bundle = opened(case.bundle())
    everything = b"".join(bundle.read(name) for name in bundle.namelist())
    for secret in ("居民甲", str(case.town.resident.id), case.town.resident.phone, "iPhone"):
        assert secret.encode() not in everything
    assert b"Exif" not in everything
    sender, = {each["sent_by"] for each in json.loads(bundle.read("photos.json")) if each["stage"] == "before"}
    assert sender.startswith("居民-")
    assert json.loads(bundle.read("case.json"))["reports"][0]["reporter"] == sender


def test_the_same_content_makes_the_same_bytes(case):
    assert case.bundle().data == case.bundle(by=case.supervisor).data


def test_only_desk_and_supervisors_of_the_area_get_a_bundle(case, phone_of):
    assert case.bundle(by=case.supervisor).status_code == 200
    for person, status in ((case.town.manager, 403), (case.town.officer, 403), (case.town.resident, 403),
                           (an_account(Role.DESK, "3699"), 404), (an_account(Role.SUPERVISOR, "3699"), 404)):
        assert case.bundle(by=phone_of(person)).status_code == status


def test_originals_are_in_it_by_a_second_persons_consent_and_the_look_is_written_down(case):
    wish = case.desk.post(f"/cases/{case.number}/photos/{case.photo_id}/original-requests", {"reason": "法院调取"})
    assert wish.status_code == 422                                            # too short to be a reason
    granted = case.consent(case.photo_id)
    bundle = opened(case.bundle(f"?originals={granted}"))
    assert bundle.read(f"originals/{case.photo_id}.jpeg") == PICTURE
    assert [each["original_included"] for each in json.loads(bundle.read("photos.json"))] == [True, False]
    look = db.session.scalar(select(OriginalLook))
    assert (look.occasion, look.by_id, look.reason) == ("bundle", case.town.desk.id, "法院调取证据")
    assert case.bundle(f"?originals={granted}", by=case.supervisor).status_code == 403      # another's wish


@pytest.mark.parametrize(("query", "status"), [
    ("?originals=00000000-0000-0000-0000-000000000000", 404), ("?originals=x", 422), ("?other=1", 422)])
def test_originals_nobody_agreed_to_are_refused(case, query, status):
    assert case.bundle(query).status_code == status
    assert db.session.scalar(select(OriginalLook.id)) is None


def test_a_bundle_waits_for_its_copies(store, town, phone_of):
    number = phone_of(town.resident).report(PICTURE).json["case_number"]
    answer = phone_of(town.desk).get(f"/cases/{number}/evidence.zip")
    assert (answer.status_code, answer.json["type"]) == (404, "/problems/photo-not-ready")


def test_a_bundle_proves_itself_with_the_public_key_alone(case, key, tmp_path):
    """On another machine: no settings, no database, an empty folder."""


    file = saved(case.bundle(), tmp_path / "evidence.zip")
    elsewhere = tmp_path / "elsewhere"
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(elsewhere), "PYTHONPATH": str(ROOT),
                   "DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none"}
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "evidence", "verify", str(file), "--public-key", str(key),
         "--language", "en"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60,
        check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith(f"case {case.number} (version ")
    assert done.stdout.rstrip().endswith("; 0 differences")


def test_anybody_can_check_it_by_hand(case, key, tmp_path):
    if not (openssl := shutil.which("openssl")):
        pytest.skip("no openssl on this machine")
    with opened(case.bundle()) as bundle:
        bundle.extractall(tmp_path / "bundle")
    said = subprocess.run(
        [openssl, "pkeyutl", "-verify", "-pubin", "-inkey", str(key), "-rawin", "-in", "manifest.json", "-sigfile",
         "manifest.sig"], cwd=tmp_path / "bundle", capture_output=True, text=True, check=False)
    assert "Verified Successfully" in said.stdout, said


def rewritten(file, change):
    """The bundle with {name: bytes} after `change`."""
    with zipfile.ZipFile(file) as bundle:
        contents = change({name: bundle.read(name) for name in bundle.namelist()})
    with zipfile.ZipFile(file, "w") as bundle:
        for name, content in contents.items():
            bundle.writestr(name, content)
    return file


@pytest.mark.parametrize(("change", "said"), [
    (lambda files: files | {"case.json": files["case.json"] + b" "}, "changed case.json"),
    (lambda files: {name: each for name, each in files.items() if name != "history.json"}, "missing history.json"),
    (lambda files: files | {"more.txt": b"x"}, "added more.txt"),
], ids=["changed", "missing", "added"])
def test_whatever_was_changed_afterwards_is_named(case, verify, tmp_path, change, said):
    code, lines = verify(rewritten(saved(case.bundle(), tmp_path / "evidence.zip"), change))
    assert (code, lines[0]) == (1, said)
    assert lines[-1].endswith("; 1 differences")


def test_a_manifest_that_was_changed_or_signed_by_another_key_is_refused(case, verify, key, tmp_path):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    file = saved(case.bundle(), tmp_path / "evidence.zip")
    another = Ed25519PrivateKey.generate().public_key()
    key.write_bytes(another.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    assert verify(file, "--public-key", str(key))[1] == [
        "The signature is wrong: the manifest was changed, or another key signed it"]
    rewritten(file, lambda files: files | {
        "manifest.json": files["manifest.json"].replace(b'"version": ', b'"version":1')})
    assert verify(file)[0] == 1


@pytest.mark.parametrize("content", [b"", b"words", b"PK\3\4" + bytes(100)], ids=["empty", "text", "half"])
def test_what_is_no_bundle_is_said_to_be_none(case, verify, tmp_path, content):
    file = tmp_path / "evidence.zip"
    for bad in (content, case.bundle().data[:-400]):
        file.write_bytes(bad)
        assert verify(file) == (1, ["This is no whole evidence bundle"])


def test_the_key_is_made_once_for_its_owner_alone_and_is_part_of_every_backup(app, key, client):
    path = app.config["KEYS_DIR"] / "evidence.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert client.get("/api/v1/evidence-key").json["public_key"] == key.read_text()
    assert path in set(app.config["KEYS_DIR"].glob("*.key"))                # what a backup takes along
    assert b"PRIVATE" not in key.read_bytes()


def test_memory_does_not_grow_with_the_originals(app, store, town, phone_of, run_jobs):
    """Nine originals of 2.6 MB each, one piece of a megabyte at a time."""
    pictures = [file_of(noise((1000, 880)), "PNG", compress_level=0) for _ in range(9)]
    said = phone_of(town.resident).report(*pictures).json
    run_jobs()
    case = Rectified.__new__(Rectified)
    case.number, case.desk, case.supervisor = said["case_number"], phone_of(town.desk), phone_of(town.supervisor)
    wishes = [case.consent(photo["id"]) for photo in said["photos"]]
    tracemalloc.start()
    size = sum(map(len, evidence.bundle(case.number, by=town.desk, original_requests=[UUID(each) for each in wishes])))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > sum(map(len, pictures)) > 20_000_000
    assert peak < 9_000_000
    assert db.session.query(Photo).count() == 9
