# Runs a command at a terminal of its own, which it leads, until the command ends or our stdin does: then the terminal
# hangs up. Copies what it shows to stdout, and exits as the command does.
import os
import pty
import select
import sys
import time

pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])


def copy_shown():
    try:
        os.write(1, os.read(terminal, 65536))
    except OSError:  # Linux: nobody has the terminal open at the moment
        time.sleep(0.02)


ended = 0
while ended == 0:
    ready, _, _ = select.select([terminal, 0], [], [], 0.05)
    if terminal in ready:
        copy_shown()
    if 0 in ready and not os.read(0, 1024):
        break
    ended, status = os.waitpid(pid, os.WNOHANG)
os.close(terminal)
if ended == 0:
    _, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))
