#!/usr/bin/env python3
"""bench.py BUILD: ratios of our commands to the usual ones.

The sides of a line take turns within this one run, each run after the same pause, and
the side that goes first changes every time. Printed are the medians in ms, their ratio,
the quartiles of the ratios of neighbouring runs, and the ratio of the fastest runs,
which a busy machine disturbs least. A target that is missed by the medians is printed as
missed, with the figures that bound it. BENCH=name,name runs only those lines.

Everything lies on two fresh ext4 images, because unpacking next to trees that were just
deleted makes ext4 search for inodes, and is thrown away with them.
"""
import glob
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SHORT, LONG = 30, 7
ID, COUNT, LISTED = 9400, 10, range(10000, 10990)
BRIDGE = 'pctbench0'
PAUSE = 0.2  # the kernel still takes down namespaces and cgroups of the last run
HOST_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'


class Bench:
    """A scratch root on a file system of its own."""

    def __init__(self, build, size):
        self.build = build
        self.base = tempfile.mkdtemp(prefix='pct-b.', dir='/tmp')
        self.root = self.base + '/r'
        self.env = dict(os.environ, PCT_ROOT=self.root, PATH=f'{build}/sbin:{HOST_PATH}')
        self.lxc = self.root + '/var/lib/lxc'
        self.null = os.open('/dev/null', os.O_RDWR)
        self.mounts = []
        os.chmod(self.base, 0o755)
        os.mkdir(self.root)
        image = self.base + '/image'
        with open(image, 'wb') as out:
            out.truncate(size)
        self.quiet('mkfs.ext4', '-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image)
        self.mount('-o', 'loop', image, self.root)

    def mount(self, *words):
        self.quiet('mount', *words)
        self.mounts.append(words[-1])

    def quiet(self, *words):
        subprocess.run(words, env=self.env, check=True, stdout=subprocess.DEVNULL)

    def run(self, *words, env=None):
        """Run quietly: seconds. A failure ends the bench."""
        path = shutil.which(words[0], path=self.env['PATH'])
        actions = [(os.POSIX_SPAWN_DUP2, self.null, fd) for fd in (0, 1, 2)]
        start = time.perf_counter()
        pid = os.posix_spawn(path, words, env or self.env, file_actions=actions)
        _, status = os.waitpid(pid, 0)
        seconds = time.perf_counter() - start
        if status:
            sys.exit('bench: failed: ' + ' '.join(words))
        return seconds

    def peak(self, *words):
        """Peak memory in MiB. A small program has to fork: ours would count as its own."""
        out = self.base + '/peak'
        self.run('/usr/bin/time', '-f', '%M', '-o', out, *words)
        with open(out, encoding='utf-8') as text:
            return int(text.read()) / 1024

    def output(self, *words):
        return subprocess.run(words, env=self.env, check=True, stdout=subprocess.PIPE,
                              text=True).stdout

    def template(self, recipe):
        cache = os.environ.get('PCT_TEST_CACHE', self.build + '/cache')
        os.makedirs(cache, exist_ok=True)
        ready = sorted(glob.glob(f'{cache}/{recipe}-*.tar.zst'))
        if ready:
            return ready[-1]
        self.quiet('pveam', 'build', recipe)
        made = glob.glob(f'{self.root}/var/lib/vz/template/cache/{recipe}-*.tar.zst')[0]
        return shutil.copy(made, cache)

    def settle(self):
        """What the last run left to write is not the next one's business."""
        self.quiet('sync', '-f', self.root)
        time.sleep(PAUSE)

    def close(self):
        for vmid in range(ID, ID + 200):
            if os.path.exists(f'{self.root}/etc/pve/lxc/{vmid}.conf'):
                subprocess.run(['pct', 'destroy', str(vmid), '--force', '1'], env=self.env,
                               stdout=subprocess.DEVNULL, check=False)
        for path in reversed(self.mounts):
            for _ in range(50):
                if subprocess.run(['umount', path], stderr=subprocess.DEVNULL,
                                  check=False).returncode == 0:
                    break
                time.sleep(0.1)
            else:
                print(f'bench: cannot unmount {path}', file=sys.stderr)
                return
        os.close(self.null)
        shutil.rmtree(self.base)


def wanted(*names):
    chosen = os.environ.get('BENCH', '').split(',')
    return chosen == [''] or any(name in chosen for name in names)


def quantile(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def take_turns(sides, runs, before):
    """Seconds of each side, after one run of each that does not count."""
    times = [[] for _ in sides]
    for turn in range(runs + 1):
        order = list(range(len(sides)))
        for side in order[turn % len(sides):] + order[:turn % len(sides)]:
            before()
            seconds = sides[side]()
            if turn:
                times[side].append(seconds)
    return times


def compare(name, target, sides, runs, before, note):
    """sides: ours, theirs, and others that only note(medians in ms) tells about."""
    if not wanted(name):
        return
    times = take_turns(sides, runs, before)
    medians = [quantile(each, 0.5) * 1e3 for each in times]
    pairs = [a / b for a, b in zip(times[0], times[1])]
    ratio = medians[0] / medians[1]
    spread = f'{quantile(pairs, 0.25):.2f}-{quantile(pairs, 0.75):.2f}'
    verdict = 'met' if ratio <= target else 'MISSED'
    print(f'{name:<8}{medians[0]:9.2f}{medians[1]:10.2f}{ratio:8.2f}{spread:>12}'
          f'{min(times[0]) / min(times[1]):8.2f}{target:8.2f}  {verdict}', flush=True)
    if verdict != 'met':
        print('        bound by: ' + note(medians), flush=True)


def short_pause():
    time.sleep(0.01)


def long_pause():
    time.sleep(PAUSE)


def without_ssh(b, archive):
    """The same template without an ssh server's directory: no host keys are made."""
    copy = f'{b.base}/no-ssh_1_amd64.tar.zst'
    unpack = subprocess.Popen(['zstd', '-dc', archive], stdout=subprocess.PIPE)
    remove = subprocess.Popen(['tar', '--delete', '-f', '-', './etc/ssh'],
                              stdin=unpack.stdout, stdout=subprocess.PIPE)
    subprocess.run(['zstd', '-q', '-10', '-T0', '-o', copy], stdin=remove.stdout, check=True)
    if unpack.wait() or remove.wait():
        sys.exit('bench: cannot make a template without /etc/ssh')
    return copy


def compare_create(b, name, archive, places, note):
    def ours():
        return b.run('pct', 'create', str(ID + next(places)), archive, '--rootfs', 'local:0')

    def theirs():
        target = f'{b.root}/unpacked{next(places)}'
        os.mkdir(target)
        return b.run('tar', '--zstd', '-xpf', archive, '--xattrs', '--xattrs-include=*',
                     '--numeric-owner', '-C', target)

    def keygen():
        key = f'{b.base}/key{next(places)}'
        return b.run('ssh-keygen', '-q', '-t', 'rsa', '-N', '', '-f', key)

    with open(archive, 'rb') as file:  # both sides find it in the page cache
        while file.read(1 << 20):
            pass
    compare(name, 1.0, [ours, theirs, keygen], LONG, b.settle, note)


def bench_create(b):
    archive = b.template('debian-12')
    places = iter(range(200))
    compare_create(b, 'create', archive, places,
                   lambda ms: 'the ssh host keys, which are made beside the unpacking: '
                              f'ssh-keygen -t rsa alone takes {ms[2]:.0f} ms (its search '
                              'for primes differs each time); the next line has none')
    compare_create(b, 'no keys', without_ssh(b, archive), places,
                   lambda ms: 'unpacking, then the guest setup')


def make_containers(b):
    archive = b.template('busybox')
    net = f'name=eth0,bridge={BRIDGE},ip=198.51.100.2/24'
    for vmid in range(ID, ID + COUNT):
        b.run('pct', 'create', str(vmid), archive, '--rootfs', 'local:0', '--net0', net,
              '--memory', '64')


def plain_config(b, vmid):
    """The generated configuration without our hooks, in a place of its own."""
    place, rootfs = f'{b.base}/plain', f'{b.base}/plain-rootfs'
    os.makedirs(f'{place}/{vmid}')
    # Bound elsewhere: the mapped root may not search the way to the volume.
    os.mkdir(rootfs)
    b.mount('--bind', glob.glob(f'{b.root}/var/lib/vz/images/{vmid}/*.subvol')[0], rootfs)
    lines = []
    for line in b.output('pct', 'generate', str(vmid)).splitlines():
        key = line.split('=')[0].strip()
        if key.startswith('lxc.hook.') or key.endswith('.script.up'):
            continue
        lines.append(f'lxc.rootfs.path = dir:{rootfs}' if key == 'lxc.rootfs.path' else line)
    lines.append(f'lxc.net.0.link = {BRIDGE}')
    with open(f'{place}/{vmid}/config', 'w', encoding='utf-8') as out:
        out.write('\n'.join(lines) + '\n')
    return place


def start_note(b):
    hook = b.build + '/libexec/pct/pct-hook'
    shell = ['sh', '-c', 'exec ' + hook + ' ID none none']
    each = quantile([b.run(*shell) for _ in range(50)], 0.5) * 1e3
    return lambda ms: (
        f'lxc-start with our two hooks takes {ms[2]:.1f} ms, {ms[2] - ms[1]:.1f} more than '
        f'without: mounts, the confined guest setup, the bridge port, and {each:.1f} ms each '
        f'for the shell and the program; pct itself {ms[0] - ms[2]:.1f} ms')


def bench_start(b):
    vmid = str(ID)
    b.run('pct', 'start', vmid)
    b.run('pct', 'stop', vmid)
    place = plain_config(b, vmid)
    # Without newuidmap, which asks /etc/subuid, as our monitor does too.
    plain_env = dict(b.env, PATH='/usr/sbin:/sbin')

    def ours():
        seconds = b.run('pct', 'start', vmid)
        b.run('pct', 'stop', vmid)
        return seconds

    def lxc_start(place):
        seconds = b.run('lxc-start', '-P', place, '-n', vmid, '-o', b.base + '/log',
                        env=plain_env)
        b.run('lxc-stop', '-P', place, '-n', vmid, '-k')
        return seconds

    compare('start', 1.25, [ours, lambda: lxc_start(place), lambda: lxc_start(b.lxc)], SHORT,
            long_pause, start_note(b))


def bench_setup(b):
    """No ratio: what the guest's files add to a start of a Debian container with two
    interfaces, in ms. That is what pct setup, which does this part alone, takes longer than
    for a guest that is left alone; a whole start would bury it in its own spread."""
    vmid = str(ID + COUNT)
    conf = f'{b.root}/etc/pve/lxc/{vmid}.conf'
    nics = [f'name=eth{n},bridge={BRIDGE},ip=198.51.100.{n + 9}/24,ip6=2001:db8:{n}::9/64'
            for n in (0, 1)]
    b.run('pct', 'create', vmid, b.template('debian-12'), '--rootfs', 'local:0', '--memory',
          '256', '--net0', nics[0], '--net1', nics[1])
    managed = read(conf)

    def setup(ostype):
        write(conf, managed.replace('ostype: debian', 'ostype: ' + ostype))
        return b.run('pct', 'setup', vmid)

    times = take_turns([lambda: setup('debian'), lambda: setup('unmanaged')], 100, short_pause)
    b.run('pct', 'destroy', vmid)
    medians = [quantile(each, 0.5) * 1e3 for each in times]
    added = [(a - b) * 1e3 for a, b in zip(*times)]
    ms = medians[0] - medians[1]
    spread = f'{quantile(added, 0.25):.2f}-{quantile(added, 0.75):.2f}'
    best = (min(times[0]) - min(times[1])) * 1e3
    print(f'{"setup":<8}{medians[0]:9.2f}{medians[1]:10.2f}{ms:8.2f}{spread:>12}'
          f'{best:8.2f}{5:8.2f}  {"met" if ms <= 5 else "MISSED"}, in ms', flush=True)


def bench_stop(b):
    vmid = str(ID)

    def before():
        time.sleep(PAUSE)
        b.run('pct', 'start', vmid)
        time.sleep(PAUSE)

    def theirs():
        seconds = b.run('lxc-stop', '-P', b.lxc, '-n', vmid, '-k')
        while os.path.exists(f'/sys/class/net/veth{vmid}i0') or \
                'running' in b.output('pct', 'status', vmid):
            time.sleep(0.01)
        return seconds

    compare('stop', 0.3, [lambda: b.run('pct', 'stop', vmid), theirs], SHORT, before,
            lambda _: 'both wait for the kernel to end the processes and for LXC to take '
                      'the cgroups down; ours waits for the post-stop hook in addition')


def bench_exec(b):
    vmid = str(ID)
    b.run('pct', 'start', vmid)
    compare('exec', 1.25,
            [lambda: b.run('pct', 'exec', vmid, 'true'),
             lambda: b.run('lxc-attach', '-P', b.lxc, '-n', vmid, '--', 'true')],
            SHORT, short_pause, lambda _: 'liblxc attaching')
    b.run('pct', 'stop', vmid)


def bench_clone(b):
    source = f'{b.root}/var/lib/vz/images/{ID}/subvol-{ID}-disk-0.subvol'
    places = iter(range(1, 200))
    b.run('pct', 'create', str(ID), b.template('debian-12'), '--rootfs', 'local:0')

    def theirs():
        return b.run('cp', '-a', '--reflink=never', source, f'{b.root}/copy{next(places)}')

    compare('clone', 1.0, [lambda: b.run('pct', 'clone', str(ID), str(ID + next(places))), theirs],
            LONG, b.settle, lambda _: 'making and writing the same files')


def make_pool(b):
    """A btrfs with the storage "pool", and a container in a subvolume of it."""
    image, pool = b.base + '/btrfs', b.base + '/pool'
    with open(image, 'wb') as out:
        out.truncate(2 << 30)
    os.mkdir(pool)
    b.quiet('mkfs.btrfs', '-q', image)
    b.mount('-o', 'loop', image, pool)
    write(f'{b.root}/etc/pve/storage.cfg', f'dir: local\n\tpath {b.root}/var/lib/vz\n\tcontent '
          f'rootdir,vztmpl\n\nbtrfs: pool\n\tpath {pool}\n\tcontent rootdir\n')
    return pool


def bench_snapshot(b):
    pool = make_pool(b)
    volume = f'{pool}/images/{ID}/subvol-{ID}-disk-0.subvol'
    b.run('pct', 'create', str(ID), b.template('busybox'), '--rootfs', 'pool:0')

    def ours():
        seconds = b.run('pct', 'snapshot', str(ID), 'one')
        b.run('pct', 'delsnapshot', str(ID), 'one')
        return seconds

    def theirs():
        seconds = b.run('btrfs', 'subvolume', 'snapshot', '-r', volume, pool + '/copy')
        b.run('btrfs', 'subvolume', 'delete', pool + '/copy')
        return seconds

    compare('snapshot', 3.0, [ours, theirs], SHORT, b.settle,
            lambda _: 'the same program, and syncing the configuration twice')
    b.run('pct', 'destroy', str(ID))


def bench_linked(b):
    """
    A clone of a template and its start, to a snapshot of the same tree in a subvolume and
    lxc-start. Linked clones of containers are images: LXC has no start of its own for them.
    """
    base, clone, tree = str(ID), str(ID + 1), str(ID + 2)
    archive = b.template('busybox')
    for vmid, volume in ((base, 'pool:0.1'), (tree, 'pool:0')):
        b.run('pct', 'create', vmid, archive, '--rootfs', volume, '--memory', '64')
    b.run('pct', 'start', tree)  # writes the rules that the configuration names
    b.run('pct', 'stop', tree)
    subvolume = f'{b.base}/pool/images/{tree}/subvol-{tree}-disk-0.subvol'
    plain, copy = f'{b.base}/linked', b.base + '/pool/copy'
    lines = [line for line in b.output('pct', 'generate', tree).splitlines()
             if not line.startswith(('lxc.hook.', 'lxc.rootfs.path'))]
    write(f'{plain}/{clone}/config', '\n'.join(lines + [f'lxc.rootfs.path = dir:{copy}']) + '\n')
    b.run('pct', 'template', base)
    plain_env = dict(b.env, PATH='/usr/sbin:/sbin')

    def ours():
        seconds = b.run('pct', 'clone', base, clone) + b.run('pct', 'start', clone)
        b.run('pct', 'stop', clone)
        b.run('pct', 'destroy', clone)
        return seconds

    def theirs():
        seconds = b.run('btrfs', 'subvolume', 'snapshot', subvolume, copy)
        seconds += b.run('lxc-start', '-P', plain, '-n', clone, '-o', b.base + '/log',
                         env=plain_env)
        b.run('lxc-stop', '-P', plain, '-n', clone, '-k')
        b.run('btrfs', 'subvolume', 'delete', copy)
        return seconds

    compare('linked', 3.0, [ours, theirs], SHORT, long_pause,
            lambda _: 'the machine id of the clone, in a mount of its own, before the start')


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)


def bench_list(b):
    for vmid in range(ID, ID + COUNT):
        b.run('pct', 'start', str(vmid))
    conf = read(f'{b.root}/etc/pve/lxc/{ID}.conf')
    lxc = read(f'{b.lxc}/{ID}/config')
    for vmid in LISTED:
        write(f'{b.root}/etc/pve/lxc/{vmid}.conf', conf.replace(f'CT{ID}', f'CT{vmid}'))
        write(f'{b.lxc}/{vmid}/config', lxc.replace(str(ID), str(vmid)))
    compare('list', 0.2, [lambda: b.run('pct', 'list'),
                          lambda: b.run('lxc-ls', '-P', b.lxc, '-f')],
            10, short_pause, lambda _: 'reading 1000 files')
    ours, theirs = b.peak('pct', 'list'), b.peak('lxc-ls', '-P', b.lxc, '-f')
    print(f'        peak memory in MiB: {ours:.1f}, lxc-ls {theirs:.1f}, target 10  '
          f'{"met" if ours <= 10 else "MISSED"}', flush=True)
    for vmid in range(ID, ID + COUNT):
        b.run('pct', 'stop', str(vmid))


def bench_short(b):
    for name in ('status', 'config'):
        compare(name, 4.0, [lambda n=name: b.run('pct', n, str(ID)), lambda: b.run('true')],
                100, lambda: None, lambda _: 'loading the libraries that pct is linked with')


def config_text(vmid, snapshots, lines=0):
    """A canonical file, of that many lines if they are more than there are anyway."""
    usual = [f'hostname: CT{vmid}', 'memory: 512',
             'net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=dhcp,type=veth',
             'ostype: debian', f'rootfs: local:{vmid}/vm-{vmid}-disk-0.raw,size=4G',
             'swap: 512', 'tags: blue;site', 'unprivileged: 1']
    text = ['#the shop%3A its web server', 'arch: amd64', *usual]
    tail = []
    for number in range(10, 10 + snapshots):
        tail += ['', f'[s{number}]', '#before the change', 'arch: amd64', *usual[:5],
                 f'snaptime: {1700000000 + number}', *usual[5:]]
    text += [f'lxc.environment: A{n}=1' for n in range(lines - len(text) - len(tail))]
    return '\n'.join(text + tail) + '\n'


def bench_parse(b):
    """No ratio: CPU time of one round, the target in ms."""
    path = b.base + '/parse.conf'
    write(path, config_text(100, 20, 300))
    times = [float(b.output(b.build + '/bench/config', path)) for _ in range(10)]
    ms = quantile(times, 0.5)
    print(f'{"parse":<8}{ms:9.2f}{"-":>10}{"-":>8}{"-":>12}{min(times):8.2f}{1:8.2f}  '
          f'{"met" if ms <= 1 else "MISSED"}', flush=True)


def bench_plug(b):
    """No ratio: a mount point into a running container, all of pct set, the target in ms."""
    vmid, data = str(ID), b.base + '/data'
    os.mkdir(data)
    b.run('pct', 'start', vmid)
    times = []
    for number in range(50):
        times.append(b.run('pct', 'set', vmid, f'--mp{number}', f'{data},mp=/m/{number}') * 1e3)
        short_pause()
    b.run('pct', 'stop', vmid)
    ms = quantile(times, 0.5)
    print(f'{"plug":<8}{ms:9.2f}{"-":>10}{"-":>8}{"-":>12}{min(times):8.2f}{20:8.2f}  '
          f'{"met" if ms <= 20 else "MISSED"}', flush=True)


def bench_set(b):
    write(f'{b.root}/etc/pve/lxc/{ID}.conf', config_text(ID, 0))
    sizes = iter(range(64, 1000))
    compare('set', 6.0,
            [lambda: b.run('pct', 'set', str(ID), '--memory', str(next(sizes))),
             lambda: b.run('true')],
            100, lambda: None, lambda _: 'loading the libraries, and syncing the file and '
                                         'its directory to the disk')
    os.unlink(f'{b.root}/etc/pve/lxc/{ID}.conf')


def bench_snaps(b):
    """The same listing, of files with and without snapshots."""
    roots = {count: f'{b.root}/{count}' for count in (50, 0)}
    for count, root in roots.items():
        for vmid in range(10000, 11000):
            write(f'{root}/etc/pve/lxc/{vmid}.conf', config_text(vmid, count))
    compare('snaps', 1.5,
            [lambda e=dict(b.env, PCT_ROOT=root): b.run('pct', 'list', env=e)
             for root in roots.values()],
            20, short_pause, lambda _: 'reading 1000 files, which are whole in memory')


def lxc_groups():
    """What LXC makes in every hierarchy and leaves there."""
    tops = [path for pattern in ('/sys/fs/cgroup/lxc*', '/sys/fs/cgroup/*/lxc*')
            for path in glob.glob(pattern)]
    return {path for top in tops for path, _, _ in os.walk(top)}


def remove_groups(before):
    for path in sorted(lxc_groups() - before, reverse=True):
        try:
            os.rmdir(path)
        except OSError:  # in use by someone else
            pass


CONTAINER_LINES = ('status', 'config', 'exec', 'start', 'stop', 'plug', 'list')


def run_lines(build, lines):
    """One scratch root for the lines that are wanted."""
    chosen = [line for line, names in lines if wanted(*names)]
    if not chosen:
        return
    b = Bench(build, 2 << 30)
    try:
        for line in chosen:
            line(b)
    finally:
        b.close()


def run_all(build):
    if wanted('create'):
        b = Bench(build, 16 << 30)
        try:
            bench_create(b)
        finally:
            b.close()
    if wanted('clone'):
        b = Bench(build, 16 << 30)
        try:
            bench_clone(b)
        finally:
            b.close()
    run_lines(build, [(bench_snapshot, ('snapshot', 'linked')), (bench_linked, ('linked',))])
    run_lines(build, [(bench_parse, ('parse',)), (bench_set, ('set',)),
                      (bench_snaps, ('snaps',))])
    run_lines(build, [(bench_setup, ('setup',))])
    run_lines(build, [(make_containers, CONTAINER_LINES), (bench_short, ('status', 'config')),
                      (bench_exec, ('exec',)), (bench_start, ('start',)),
                      (bench_stop, ('stop',)), (bench_plug, ('plug',)),
                      (bench_list, ('list',))])


def main():
    build = os.path.abspath(sys.argv[1])
    before, had_run = lxc_groups(), os.path.exists('/run/lxc')
    signal.signal(signal.SIGTERM, lambda *_: sys.exit('bench: terminated'))
    subprocess.run(['ip', 'link', 'add', BRIDGE, 'type', 'bridge'], check=True)
    try:
        subprocess.run(['ip', 'link', 'set', BRIDGE, 'up'], check=True)
        print('line      ours ms  other ms   ratio   quartiles    best  target', flush=True)
        run_all(build)
    finally:
        subprocess.run(['ip', 'link', 'del', BRIDGE], check=False)
        remove_groups(before)
        if not had_run:
            shutil.rmtree('/run/lxc', ignore_errors=True)
    print(f'load average at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs; '
          'a busy machine disturbs whatever starts more processes')


main()
