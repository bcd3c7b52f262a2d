"""readme.py BUILD: run README's tour and compare each command's output."""
import sys

from steps import masked, run_steps


def tour():
    """(command, output lines) pairs of the part called "Five minutes"."""
    text = open('README', encoding='utf-8').read()
    part = text.split('Five minutes\n')[1].split('\nFiles\n')[0]
    steps = []
    for line in part.splitlines():
        if line.startswith('    # '):
            steps.append((line[6:], []))
        elif line.startswith('    ') and steps:
            steps[-1][1].append(line[4:])
    return steps


def main():
    steps = [('README', command, masked(''.join(line + '\n' for line in lines)))
             for command, lines in tour()[1:]]
    sys.exit(run_steps(sys.argv[1], steps, lambda root, command: command) > 0)


main()
