"""Fail when the Chinese catalogue is incomplete, stale or not compiled. Needs gettext; run it from the root."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path("carebase/locale/zh_Hans/LC_MESSAGES")
PO = FOLDER / "django.po"
WORDING = sorted(Path("carebase/wording/zh_Hans/LC_MESSAGES").glob("*.po"))  # in place of Django's own strings
DATE = re.compile(rb'"(POT-Creation|PO-Revision)-Date: [^"]*"\n')
MAKE = ["manage.py", "makemessages", "-l", "zh_Hans", "--no-location", "--no-obsolete", "-i", ".venv", "-i", "tests"]


def entries(po: bytes) -> set[bytes]:
    return set(DATE.sub(b"", po).strip().split(b"\n\n"))


def find_errors() -> list[str]:
    """Return what is wrong, and leave the catalogue unchanged."""
    before = PO.read_bytes()
    try:
        subprocess.run([sys.executable, *MAKE], check=True, stdout=subprocess.DEVNULL)
        fresh = PO.read_bytes()
    finally:
        PO.write_bytes(before)
    errors = []
    for entry in entries(fresh) ^ entries(before):
        errors.append("not in step with the sources: " + entry.decode()[:200].replace("\n", " "))
    for entry in entries(before):
        text = entry.decode()
        if "#, fuzzy" in text or re.search(r'msgstr(\[0\])? ""\s*(\Z|\n(?!"))', text):
            errors.append("without a translation: " + text[:200].replace("\n", " "))
    return errors + [f"{source.with_suffix('.mo')} is stale: run manage.py compilemessages" for source in stale()]


def stale() -> list[Path]:
    """Return the catalogues whose compiled file is missing or of an older state."""
    with tempfile.NamedTemporaryFile() as compiled:

        def is_current(source: Path) -> bool:
            subprocess.run(["msgfmt", "--check-format", "-o", compiled.name, source], check=True)
            made = source.with_suffix(".mo")
            return made.exists() and Path(compiled.name).read_bytes() == made.read_bytes()

        return [source for source in (PO, *WORDING) if not is_current(source)]


if __name__ == "__main__":
    if errors := find_errors():
        sys.exit("The Chinese catalogue:\n" + "\n".join(errors))
    print("The Chinese catalogue is complete.")
