"""terminal.py TYPED COMMAND...: run the command on a new terminal of 33 rows and 101
columns. Its output goes to stdout; each line of the file TYPED, with escapes like \\x01,
is typed once the command has been quiet for a while. The status is the command's, with
128 and the number of a signal; 124 when it takes longer than 15 s."""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

QUIET_S = 0.4
LIMIT_S = 15


def output_of(terminal):
    """What is there to read, b"" when nothing is, None at the end."""
    ready, _, _ = select.select([terminal], [], [], 0.05)
    if not ready:
        return b""
    try:
        return os.read(terminal, 65536) or None
    except OSError:
        return None


def talk(terminal, lines):
    """Copy and type until the command ends; False when it does not."""
    end = time.time() + LIMIT_S
    quiet_since = time.time()
    while time.time() < end:
        data = output_of(terminal)
        if data is None:
            return True
        if data:
            os.write(1, data)
            quiet_since = time.time()
        elif lines and time.time() > quiet_since + QUIET_S:
            text = lines.pop(0).encode().decode("unicode_escape")
            os.write(terminal, text.encode("latin1"))
            quiet_since = time.time()
    return False


def main():
    with open(sys.argv[1], encoding="ascii") as typed:
        lines = typed.read().splitlines()
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 101, 0, 0))
        os.execvp(sys.argv[2], sys.argv[2:])
    if not talk(terminal, lines):
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        return 124
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


sys.exit(main())
