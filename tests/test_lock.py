"""One writer at a time, and a kill at any moment leaves the last good study."""

import subprocess
import sys
import threading

import pytest

import trends as tr
from benchmarks.kills import killed, start, step
from trends import study as studies
from trends.core.cache import restore, tidy, whole_folder
from trends.core.lock import held, lock_of
from trends.study import _store as store
from trends.testing import papers

HOLD = """
import sys, time
from pathlib import Path
from trends.core.lock import held
with held(Path(sys.argv[1]), 5):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def study():
    return start()


@pytest.fixture
def holder(tmp_path):
    """A process that holds the lock of the study until it is told to let go."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "s")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_the_second_process_says_who_holds_the_study(study, tmp_path, holder):
    with pytest.raises(tr.InputError, match=rf"is in use by process {holder.pid} on .*still after 0\.1 s"):
        study.save(tmp_path / "s", wait=0.1)
    assert not (tmp_path / "s").exists()
    with pytest.raises(tr.InputError, match="is in use"):
        studies.open(tmp_path / "s", wait=0)


def test_the_second_process_waits(study, tmp_path, holder):
    timer = threading.Timer(0.5, holder.communicate, ["\n"])
    timer.start()
    study.save(tmp_path / "s", wait=60)
    timer.join()
    assert studies.open(tmp_path / "s").fingerprint == study.fingerprint


def test_a_holder_that_is_killed_holds_nothing(study, tmp_path, holder):
    holder.kill()
    holder.wait()
    study.save(tmp_path / "s", wait=5)
    assert sorted(left.name for left in tmp_path.iterdir()) == ["s"]


def test_reading_needs_no_right_to_write(study, tmp_path, monkeypatch):
    folder = study.save(tmp_path / "s")

    def refused(*_, **__):
        raise PermissionError(13, "read-only")

    monkeypatch.setattr("filelock.FileLock.acquire", refused)
    assert studies.open(folder).fingerprint == study.fingerprint
    with pytest.raises(PermissionError):
        study.save(folder)


def test_nothing_is_made_beside_a_folder_that_is_not_there(tmp_path):
    for folder in (tmp_path / "absent", tmp_path / "deep" / "absent"):
        with pytest.raises(tr.InputError, match="is not a study"):
            studies.open(folder)
        with pytest.raises(tr.InputError, match="is not a study"):
            studies.update(folder, papers(4))
    assert not list(tmp_path.iterdir())
    with pytest.raises(tr.InputError, match="wait must be seconds"), held(tmp_path / "s", -1):
        pass


def test_two_processes_lose_no_week(study, tmp_path):
    folder = study.save(tmp_path / "s")
    code = (
        "import sys; from trends import study; from trends.testing import HashingEncoder, papers;"
        "table = papers(200).iloc[int(sys.argv[2]):int(sys.argv[2]) + 5];"
        "study.update(sys.argv[1], table, encoder=HashingEncoder(), wait=120)"
    )
    jobs = [
        subprocess.Popen([sys.executable, "-c", code, str(folder), str(first)], stderr=subprocess.DEVNULL)
        for first in (150, 160)
    ]
    assert [job.wait() for job in jobs] == [0, 0]
    assert len(studies.open(folder).papers) == len(study.papers) + 10
    assert not lock_of(folder).exists()


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_kill_at_each_rename_leaves_a_whole_study(study, tmp_path, at):
    """Between the renames the folder is gone; the next who opens it puts it back."""
    folder = study.save(tmp_path / "s")
    code = (
        "import os, sys; from pathlib import Path; from trends import study;"
        "from benchmarks.kills import step;"
        "made = step(study.open(sys.argv[1])); n = [0]; move = Path.rename\n"
        "def rename(self, target):\n"
        "    done = move(self, target); n[0] += 1\n"
        "    os._exit(9) if n[0] == int(sys.argv[2]) + int(sys.argv[3]) else None\n"
        "    return done\n"
        "Path.rename = rename; made.save(sys.argv[1])"
    )
    nested = 1  # the topics' own folder takes its place first
    done = subprocess.run([sys.executable, "-c", code, str(folder), str(at), str(nested)], check=False)
    assert done.returncode == 9
    assert folder.exists() == (at != 1)
    opened = studies.open(folder)
    expected = study if at == 1 else step(study)
    assert opened.fingerprint == expected.fingerprint
    expected.save(folder)
    assert sorted(left.name for left in tmp_path.iterdir()) == ["s"]


def test_a_few_kills_at_random_moments_lose_nothing(tmp_path):
    found = killed(tmp_path / "study", 2)
    assert found["n_kills"] == 2


# --- folders ---------------------------------------------------------------------------------------------


def test_restore_takes_the_whole_and_leaves_others_alone(tmp_path):
    folder = tmp_path / "a.study"
    for name in (
        ".a.study.abcd1234.old",
        ".a.study.abcd1234.gone",
        ".a.study.other.abcd1234.old",
        ".a.abcd1234.old",
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "which").write_text(name)
    assert restore(folder)
    assert (folder / "which").read_text() == ".a.study.abcd1234.old"
    assert not restore(folder)
    tidy(folder)
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == [".a.abcd1234.old", ".a.study.other.abcd1234.old", "a.study"]


def test_long_names_do_not_meet(tmp_path):
    one, other = (tmp_path / ("x" * 60 + end) for end in "ab")
    with whole_folder(one) as temporary:
        tidy(other)
        assert temporary.exists()
        tidy(one)
        assert not temporary.exists()
        temporary.mkdir()


def test_a_failed_write_leaves_the_old_study(study, tmp_path, monkeypatch):
    folder = study.save(tmp_path / "s")

    def broken(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "save_topics", broken)
    with pytest.raises(OSError, match="No space left"):
        study.save(folder)
    assert studies.open(folder).fingerprint == study.fingerprint
    assert sorted(left.name for left in tmp_path.iterdir()) == ["s"]
