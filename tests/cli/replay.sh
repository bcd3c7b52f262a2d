#!/bin/sh
# Recorded and written command lines with all that they print and change.
exec python3 "$(dirname "$0")/replay.py"
