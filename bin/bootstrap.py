"""Make .venv and install the pinned packages when something changed. Run by bin/bootstrap, on the standard library."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = {
    "run": ("requirements.txt",),
    "test": ("requirements.txt", "requirements-celery.txt", "requirements-dev.txt"),
}


def main(purpose: str) -> int:
    lock = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    if is_installed(purpose):
        return 0
    if not works("import sys, pip; sys.exit(sys.version_info < (3, 12))"):
        say(f"making .venv with Python {sys.version.split()[0]}")
        shutil.rmtree(VENV, ignore_errors=True)
        # sys.base_prefix: a venv made by a venv's Python would lean on it.
        base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
        maker = str(base) if base.exists() else sys.executable
        subprocess.run([maker, "-I", "-m", "venv", str(VENV)], check=True)
    say("installing packages")
    pip = [str(PYTHON), "-I", "-m", "pip", "--no-input", "--disable-pip-version-check"]
    wanted = [argument for name in REQUIREMENTS[purpose] for argument in ("-r", str(ROOT / name))]
    if subprocess.run([*pip, "-qq", "install", "--retries", "10", *wanted], check=False).returncode:
        say("the packages could not be installed: see above; the first run needs the network or a package mirror")
        return 1
    if subprocess.run([*pip, "check"], stdout=subprocess.PIPE, check=False).returncode:
        say("the installed packages do not fit together: remove .venv and try again")
        return 1
    stamp(purpose).write_text(fingerprint(purpose), encoding="ascii")
    return 0


def is_installed(purpose: str) -> bool:
    """What the tests need includes what the product needs, so either stamp will do for `run`."""
    fitting = [other for other in REQUIREMENTS if set(REQUIREMENTS[purpose]) <= set(REQUIREMENTS[other])]
    stamped = any(stamp(other).is_file() and stamp(other).read_text() == fingerprint(other) for other in fitting)
    return stamped and works("")


def works(code: str) -> bool:
    """Whether .venv has a Python that runs this."""
    try:
        return subprocess.run([str(PYTHON), "-I", "-c", code], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def stamp(purpose: str) -> Path:
    return VENV / f"installed-{purpose}"


def fingerprint(purpose: str) -> str:
    content = b"".join((ROOT / name).read_bytes() for name in REQUIREMENTS[purpose])
    return hashlib.sha256(content + os.fsencode(VENV)).hexdigest()


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
