"""Replay tests/golden/cli/*.json: one command line each, in a scratch root of its own.

A file holds {"conf": lines of container 100 before, "cases": [...]}. A case:
  args    the words after pct
  title   a sentence; the command line itself when it is missing
  before  lines of container 100, instead of the file's "conf"
  files   path below the root -> lines (a path that ends with / is a directory)
  fails   true when the exit status is not 0
  stdout, stderr, after   lines; after: of container 100, as before when it is missing
  only    "v1" or "v2": the cgroup layout that the case is about
In what is expected $root, $node and $cpus stand for this machine's; UUIDs are $uuid, and a
MAC address that nobody typed is BC:24:11:00:00:00. Output is TAP.
"""
import difflib
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PCT = pathlib.Path(os.environ.get("PCT_BIN", HERE / "../../build/sbin")) / "pct"
LAYOUT = "v2" if os.path.exists("/sys/fs/cgroup/cgroup.controllers") else "v1"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MAC = re.compile(r"hwaddr=((?:[0-9A-F]{2}:){5}[0-9A-F]{2})")


def text_of(lines):
    return "".join(line + "\n" for line in lines)


def shown(text, root, typed):
    """What the program said, without what differs from one run to the next."""
    text = UUID.sub("$uuid", text.replace(root, "$root"))
    fixed = "hwaddr=BC:24:11:00:00:00"
    return MAC.sub(lambda found: found[0] if found[1] in typed else fixed, text)


def expected(lines):
    node = socket.gethostname().split(".")[0]
    cpus = str(os.sysconf("SC_NPROCESSORS_ONLN"))
    return text_of(lines).replace("$node", node).replace("$cpus", cpus)


def difference(what, want, got):
    diff = difflib.unified_diff(want.splitlines(), got.splitlines(), "expected " + what,
                                "got", lineterm="")
    return list(diff) or [f"{what}: only line ends differ: {want!r} {got!r}"]


def prepare(case, root, before):
    etc = root / "etc/pve/lxc"
    etc.mkdir(parents=True)
    (etc / "100.conf").write_text(before)
    for path, lines in case.get("files", {}).items():
        place = root / path
        (place if path.endswith("/") else place.parent).mkdir(parents=True, exist_ok=True)
        if not path.endswith("/"):
            place.write_text(text_of(lines))


def replay(case, root, default):
    """The differences between what is expected and what is."""
    before = text_of(case.get("before", default))
    prepare(case, root, before)
    words = [word.replace("$root", str(root)) for word in case["args"]]
    env = dict(os.environ, PCT_ROOT=str(root), TZ="UTC")
    done = subprocess.run([PCT, *words], env=env, stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, timeout=60, check=False)
    typed = before + " ".join(words)
    after = (root / "etc/pve/lxc/100.conf").read_text()
    results = [("stdout", expected(case.get("stdout", [])), done.stdout),
               ("stderr", expected(case.get("stderr", [])), done.stderr),
               ("file", text_of(case["after"]) if "after" in case else before, after)]
    wrong = []
    if (done.returncode != 0) != case.get("fails", False):
        wrong.append(f"exit status {done.returncode}")
    for what, want, got in results:
        got = shown(got, str(root), typed)
        if want != got:
            wrong += difference(what, want, got)
    return wrong


def main():
    count = failures = 0
    for file in sorted((HERE / "../golden/cli").glob("*.json")):
        fixture = json.loads(file.read_text())
        for case in fixture["cases"]:
            title = case.get("title", "pct " + " ".join(case["args"]))
            if case.get("only", LAYOUT) != LAYOUT:
                continue
            root = pathlib.Path(tempfile.mkdtemp(prefix="pct.", dir="/tmp"))
            wrong = replay(case, root, fixture["conf"])
            shutil.rmtree(root)
            count += 1
            failures += bool(wrong)
            print(f"{'not ' if wrong else ''}ok {count} - {file.stem}: {title!r}")
            for line in wrong:
                print("# " + line)
    print(f"1..{count}")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
