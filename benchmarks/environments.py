"""Where benchmarks keep what they make, and an environment of its own for each package that is compared."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).with_name("results")
DATA = Path(os.environ.get("TRENDS_DATA") or ROOT.parent / "shared" / "data")
WORK = Path(os.environ.get("TRENDS_BENCH") or Path(tempfile.gettempdir()) / "trends-benchmarks")


def environment(
    name: str,
    packages: tuple[str, ...],
    pinned: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
    interpreter: str = sys.executable,
) -> Path | str:
    """Make an environment with packages in it; give its Python, or pip's reason why there is none.

    `pinned` names packages that must not come in another version than this project's own
    (`constraints.txt`), so that all are timed on one torch and one numpy. `without` names packages that a
    peer brings and that are taken out again. `interpreter` is the Python that it is made of.
    """
    folder = WORK / f"with-{name}"
    python = folder / "bin" / "python"
    done = folder / "installed"
    versions = constraints(pinned)
    wanted = "\n".join((*packages, *versions, *(f"without {package}" for package in without)))
    if not done.exists() or done.read_text(encoding="utf-8") != wanted:
        subprocess.run([interpreter, "-m", "venv", "--clear", str(folder)], check=True)
        command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        if versions:
            listed = folder / "constraints.txt"
            listed.write_text("\n".join(versions) + "\n", encoding="utf-8")
            command += ["--constraint", str(listed)]
        installed = subprocess.run(command, capture_output=True, text=True)
        if installed.returncode:
            errors = [line for line in installed.stderr.splitlines() if "error" in line.lower()]
            return (errors or [f"pip ended with {installed.returncode}"])[-1][:200]
        for package in without:
            subprocess.run([str(python), "-m", "pip", "uninstall", "--quiet", "--yes", package], check=True)
        done.write_text(wanted, encoding="utf-8")
    return python


def constraints(names: tuple[str, ...]) -> tuple[str, ...]:
    """Give this project's own pins of some packages."""
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return tuple(pin for pin in pins if pin.split("==")[0].lower() in names)
