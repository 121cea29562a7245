"""The Debian package's systemd units, as far as they can be judged without starting a system: every directive is known, and what a
unit may do stays as little as it is."""

import shutil

from weirtest import *

FOLDER = ROOT / "deploy" / "debian"
# Of ten, in tenths: `systemd-analyze security` gives 1.4 to a unit that may open ports and write below its state directory.
EXPOSURE_MAX = 15


def analyze(*arguments):
    done = subprocess.run(["systemd-analyze", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test():
    if not shutil.which("systemd-analyze"):
        return skip("units", "no systemd-analyze on the path (Debian package systemd)")
    units = sorted(FOLDER.glob("*.service"))
    check("there is a unit for each role", len(units) == 4, units)
    with temporary_directory() as folder:
        for unit in units:
            # The program is where the package puts it only when that is installed.
            copy = pathlib.Path(folder, unit.name)
            copy.write_text(unit.read_text().replace("/usr/bin/weir", weir()))
            status, said = analyze("verify", "--recursive-errors=no", "--man=no", copy)
            check(f"{unit.name}: systemd-analyze verify", status == 0 and unit.stem not in said, said)
            status, said = analyze("security", "--offline=true", f"--threshold={EXPOSURE_MAX}", "--no-pager", copy)
            check(f"{unit.name}: systemd-analyze security", status == 0, said[-200:])


if __name__ == "__main__":
    main(test)
