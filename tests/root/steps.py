"""Commands of a document, run one by one in a PCT_ROOT of their own."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

MASKS = [(r'[0-9A-F]{2}(:[0-9A-F]{2}){5}', 'MAC'), (r'_\d{8}_', '_DATE_'),
         (r'busybox-\d+\.\d+|busybox \d+\.\d+', 'busybox-N'),
         (r'read: .*', 'read: N'), (r'/tmp/pct[^/ ]*', 'ROOT')]


def masked(text):
    for pattern, name in MASKS:
        text = re.sub(pattern, name, text)
    return text


def run_steps(build, steps, real):
    """Run (title, command, output) triples and print TAP; returns how many failed.
    output None: it does not matter. real(root, text) turns a command into what is run on
    this host."""
    root = tempfile.mkdtemp(prefix='pct-r.', dir='/tmp')
    os.chmod(root, 0o755)
    bridge = f'pctr{os.getpid() % 100000}'
    env = dict(os.environ, PCT_ROOT=root, PATH=build + '/sbin:' + os.environ['PATH'])
    failed = 0
    try:
        for number, (title, command, want) in enumerate(steps, 1):
            typed = real(root, command).replace('br0', bridge)
            ran = subprocess.run(['sh', '-c', typed], env=env, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True, check=False)
            got = masked(ran.stdout.replace(bridge, 'br0'))
            good = ran.returncode == 0 and want in (None, got)
            failed += not good
            print(f'{"ok" if good else "not ok"} {number} - {title}: {command}')
            if not good:
                print(f'# status {ran.returncode}\n# got:\n{got}# want:\n{want}')
    finally:
        subprocess.run(['pct', 'destroy', '100', '--force', '1'], env=env, check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run(['ip', 'link', 'del', bridge], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(root)
    sys.stdout.flush()
    return failed
