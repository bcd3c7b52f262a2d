"""documents.py SBIN MAN: whether help and the manuals tell the same of every option.

MAN is a directory with the manuals as they are installed. Each difference is a line on
stdout. Blanks do not count: help and the manuals break lines elsewhere.
"""
import pathlib
import re
import subprocess
import sys

PROGRAMS = ["pct", "pveam", "pvesm", "vzdump"]


def packed(text):
    return re.sub(r"\s+", "", text)


class Entry:
    """What one document says about an option or a key."""

    def __init__(self, kind="", default="", requires=""):
        self.kind, self.default, self.requires = kind, default, requires
        self.text = ""
        self.members = {}  # of a property string: sub-key -> Entry

    def whole(self):
        default = f"(default={self.default})" if self.default else ""
        requires = f"Requires option(s): {self.requires}" if self.requires else ""
        return packed(self.kind + default + self.text + requires)


def plain(text):
    """A text of mdoc without its escapes."""
    return text.removeprefix("\\&").replace("\\(dq", '"').replace("\\e", "\\")


def unquoted(text):
    return plain(text.strip().removeprefix('"').removesuffix('"'))


def entry_of(line):
    """The name and the new entry of an .It line; None for other lists."""
    found = (re.match(r'\.It Fl -(\S+) Ar "(.*)"$', line) or
             re.match(r'\.It Ic (\S+)= Ns Ar "(.*)"$', line) or
             re.match(r'\.It Ic ([a-z_]+0?)(?: No to Ic \S+)?(?: Ar "(.*)")?$', line))
    return found and (found[1], Entry(unquoted(found[2] or "")))


def read_list(lines):
    """name -> Entry of the list whose .Bl was just read; up to its .El."""
    entries, entry, awaited = {}, Entry(), None
    for line in lines:
        if line == ".El":
            return entries
        if line.startswith(".Bl "):
            entry.members = read_list(lines)
        elif line.startswith(".It "):
            name, entry = entry_of(line)
            entries[name] = entry
        elif line == "The default is":
            awaited = "default"
        elif line == "It goes only together with":
            awaited = "requires"
        elif awaited:
            value = re.match(r"\.(?:Ql|Fl -) ?(.*?) \.$", line)[1]
            setattr(entry, awaited, unquoted(value))
            awaited = None
        else:
            entry.text += plain(line) + " "
    return entries


def lists_below(lines, start):
    """The entries of all lists from the line that starts so up to the next of its kind."""
    lines = iter(lines)
    kind = start.rsplit(" ", 1)[0] + " "
    entries = {}
    for line in lines:
        if line == start or line.startswith(start + " "):
            break
    for line in lines:
        if line.startswith(kind) or line == ".El":
            break
        if line.startswith(".Bl "):
            entries |= read_list(lines)
    return entries


def output_of(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def commands_of(sbin, program):
    return re.findall(rf"{program} ([a-z-]+)", output_of(sbin / program, "help", "--verbose", "0"))


def help_of(sbin, program, command):
    """Option -> what help says, in one packed text; numbered ones as in the manual."""
    text = output_of(sbin / program, "help", command)
    found = re.findall(r"^  --(\S+)\s(.*?)\n\n", text, re.MULTILINE | re.DOTALL)
    return {name.replace("[n]", "0"): packed(entry) for name, entry in found}


def compare(where, said, entry):
    if not entry.members:
        if said != entry.whole():
            print(f"{where}:\n  help   {said}\n  manual {entry.whole()}")
        return
    if not said.endswith(entry.whole()):
        print(f"{where}:\n  help   {said}\n  manual {entry.whole()}")
    for name, member in entry.members.items():
        kind = packed(member.kind)
        if f"{name}={kind}" not in said and f"[{name}=]{kind}" not in said:
            print(f"{where}: {name}={kind} is not in {said}")


def compare_command(where, said, own, keys):
    for name, text in said.items():
        if name in own or name in keys:
            compare(f"{where} --{name}", text, own.get(name) or keys[name])
        else:
            print(f"{where} --{name} is in no manual")
    for name in (own.keys() | keys.keys()) - said.keys():
        print(f"{where} --{name} is not in help")


def compare_program(sbin, program, page, keys):
    for command in commands_of(sbin, program):
        where = f"{program} {command}"
        if not any(re.match(rf"\.It Cm {command}( |$)", line) for line in page):
            print(f"{where} is not in the manual")
        said = help_of(sbin, program, command)
        # All container keys are options of a command, or none is.
        shown = keys if "onboot" in said else {}
        compare_command(where, said, lists_below(page, f".It Cm {command}"), shown)


def main():
    sbin, man = map(pathlib.Path, sys.argv[1:])
    pages = {path.name: path.read_text().splitlines() for path in man.iterdir()}
    keys = lists_below(pages["pct.conf.5"], ".Sh KEYS")
    keys = {name: entry for name, entry in keys.items() if "no option" not in entry.text}
    assert "memory" in keys and keys["net0"].members
    for program in PROGRAMS:
        compare_program(sbin, program, pages[program + ".1"], keys)


main()
