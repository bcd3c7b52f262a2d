"""manual.py BUILD: run the examples of the manuals; each has to succeed."""
import glob
import os
import re
import sys

from steps import run_steps

EXAMPLE = '.Dl # '
# One after the other in one root: the first builds the archive that others name.
PAGES = ['pct.1', 'pct.conf.5', 'pvesm.1', 'vzdump.1', 'pveam.1']
# What pct.1 says about the package uidmap, without a change of this host.
SUBIDS = '''echo root:100000:65536 >{root}/ids; for file in /etc/subuid /etc/subgid; do
[ ! -e $file ] || mounts="${{mounts-}} mount --bind {root}/ids $file;"; done
unshare -m sh -c "${{mounts-}} exec \\"\\$@\\"" sh '''


def examples(page):
    lines = open(f'man/{page}', encoding='utf-8').read().splitlines()
    typed = [line[len(EXAMPLE):] for line in lines if line.startswith(EXAMPLE)]
    return [(page, line.replace('\\-', '-'), None) for line in typed]


def real(root, command):
    """The archive of this day and host, and LXC's tools on the root's containers."""
    built = glob.glob(f'{root}/var/lib/vz/template/cache/busybox-*.tar.zst')
    name = os.path.basename(built[0]) if built else 'none'
    command = re.sub(r'busybox-\S+\.tar\.zst', name, command)
    command = command.replace('/tmp/', f'{root}/')
    command = re.sub(r'^(lxc-\w+)', rf'\1 -P {root}/var/lib/lxc', command)
    return SUBIDS.format(root=root) + command if command.startswith('lxc-start') else command


def main():
    found = {os.path.basename(path) for path in glob.glob('man/*.[15]')}
    if found != set(PAGES):
        print(f'not ok 0 - the manuals are {sorted(found)}')
        sys.exit(1)
    steps = [step for page in PAGES for step in examples(page)]
    sys.exit(run_steps(sys.argv[1], steps, real) > 0)


main()
