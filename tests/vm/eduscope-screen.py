#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Run a program on a terminal of our own, do things to it, and read its screen.

    eduscope-screen.py ROWSxCOLUMNS 'ACTION...' -- COMMAND [ARG...]

Actions, in order: wait S (and read meanwhile), until TEXT S (TEXT is on the
screen, at most S seconds), last TEXT S (it is in the last line),
size RxC, key K, signal N, dump FILE, colours FILE (all that were used so far,
by their numbers). At the end the program must end within a
minute, and one line says: its status (or -signal), whether the terminal's
settings are those from before, and whether the other screen was left and the
cursor shown again.
"""
import fcntl
import os
import pty
import re
import select
import shlex
import struct
import sys
import termios
import time

CSI = re.compile(rb'\x1b\[([?>!]?)([0-9;]*)([@-~])')


class Screen:
    def __init__(self, rows, columns):
        self.resize(rows, columns)
        self.other = False
        self.cursor = True
        self.colours = set()
        self.rest = b''
        self.last = ' '

    def resize(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.cells = [[' '] * columns for _ in range(rows)]
        self.y = self.x = 0
        self.top, self.bottom = 0, rows - 1

    def text(self):
        return '\n'.join(''.join(row).rstrip() for row in self.cells) + '\n'

    def put(self, c):
        if self.x >= self.columns:
            self.x = 0
            self.line_feed()
        self.cells[self.y][self.x] = self.last = c
        self.x += 1

    def line_feed(self):
        if self.y == self.bottom:
            del self.cells[self.top]
            self.cells.insert(self.bottom, [' '] * self.columns)
        elif self.y < self.rows - 1:
            self.y += 1

    def feed(self, data):
        data, self.rest = self.rest + data, b''
        at = 0
        while at < len(data):
            c = data[at:at + 1]
            if c == b'\x1b':
                found = CSI.match(data, at)
                if found:
                    self.control(*(g.decode() for g in found.groups()))
                    at = found.end()
                elif len(data) - at < 24 and not re.match(rb'\x1b[^\[()]', data[at:]) and \
                        not re.match(rb'\x1b[()].', data[at:]):
                    self.rest = data[at:]
                    return
                else:
                    at += 3 if data[at + 1:at + 2] in (b'(', b')') else 2
                continue
            at += 1
            if c == b'\r':
                self.x = 0
            elif c == b'\n':
                self.line_feed()
            elif c == b'\b':
                self.x = max(0, self.x - 1)
            elif c == b'\t':
                self.x = min(self.columns - 1, self.x // 8 * 8 + 8)
            elif c >= b' ':
                self.put(c.decode('latin-1'))

    def control(self, mark, numbers, what):
        n = [int(x) if x else 0 for x in numbers.split(';')]
        first = max(1, n[0])
        row = self.cells[self.y]
        if mark:
            if '1049' in numbers.split(';'):
                self.other = what == 'h'
            if '25' in numbers.split(';'):
                self.cursor = what == 'h'
        elif what in 'Hf':
            self.y = min(self.rows, first) - 1
            self.x = min(self.columns, max(1, n[1] if len(n) > 1 else 1)) - 1
        elif what == 'm':
            self.colours.update(x for x in n if 30 <= x < 38)
        elif what == 'A':
            self.y = max(0, self.y - first)
        elif what == 'B':
            self.y = min(self.rows - 1, self.y + first)
        elif what == 'C':
            self.x = min(self.columns - 1, self.x + first)
        elif what == 'D':
            self.x = max(0, self.x - first)
        elif what == 'G':
            self.x = min(self.columns, first) - 1
        elif what == 'd':
            self.y = min(self.rows, first) - 1
        elif what == 'K':
            begin, end = ((self.x, self.columns), (0, self.x + 1), (0, self.columns))[n[0]]
            row[begin:end] = [' '] * (end - begin)
        elif what == 'J':
            if n[0] == 0:
                row[self.x:] = [' '] * (self.columns - self.x)
            for y in range(self.rows) if n[0] == 2 else range(self.y + 1, self.rows):
                self.cells[y] = [' '] * self.columns
        elif what == 'X':
            row[self.x:self.x + first] = [' '] * min(first, self.columns - self.x)
        elif what == 'P':
            del row[self.x:self.x + first]
            row += [' '] * (self.columns - len(row))
        elif what == '@':
            row[self.x:self.x] = [' '] * first
            del row[self.columns:]
        elif what in 'LM':
            for _ in range(min(first, self.bottom - self.y + 1)):
                if what == 'L':
                    del self.cells[self.bottom]
                    self.cells.insert(self.y, [' '] * self.columns)
                else:
                    del self.cells[self.y]
                    self.cells.insert(self.bottom, [' '] * self.columns)
        elif what == 'r':
            self.top, self.bottom = first - 1, (n[1] if len(n) > 1 else self.rows) - 1
            self.y = self.x = 0
        elif what == 'b':
            for _ in range(first):
                self.put(self.last)


def size_of(word):
    return tuple(int(n) for n in word.split('x'))


def main():
    rows, columns = size_of(sys.argv[1])
    actions = shlex.split(sys.argv[2])
    command = sys.argv[4:]
    screen = Screen(rows, columns)
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
    before = termios.tcgetattr(slave)
    child = os.fork()
    if not child:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in range(3):
            os.dup2(slave, fd)
        os.environ['TERM'] = os.environ.get('SCREEN_TERM', 'xterm')
        os.execvp(command[0], command)

    def read(seconds, wanted=None, line=0):
        end = time.monotonic() + seconds
        while not (wanted and any(wanted in text for text in screen.text().split('\n')[line:])):
            left = end - time.monotonic()
            if left <= 0 or not select.select([master], [], [], left)[0]:
                return wanted is None
            screen.feed(os.read(master, 65536))
        return True

    at = 0
    while at < len(actions):
        word, arg = actions[at], actions[at + 1]
        at += 2
        if word == 'wait':
            read(float(arg))
        elif word in ('until', 'last'):
            if not read(float(actions[at]), arg, screen.rows - 1 if word == 'last' else 0):
                print('never saw %r' % arg)
            at += 1
        elif word == 'key':
            os.write(master, arg.encode())
        elif word == 'signal':
            os.kill(child, int(arg))
        elif word == 'size':
            screen.resize(*size_of(arg))
            fcntl.ioctl(slave, termios.TIOCSWINSZ,
                        struct.pack('HHHH', screen.rows, screen.columns, 0, 0))
        elif word == 'dump':
            with open(arg, 'w') as f:
                f.write(screen.text())
        elif word == 'colours':
            with open(arg, 'w') as f:
                print(*sorted(screen.colours), file=f)
    status = None
    for _ in range(600):
        read(0.1)
        pid, result = os.waitpid(child, os.WNOHANG)
        if pid:
            status = os.waitstatus_to_exitcode(result)
            break
    if status is None:
        os.kill(child, 9)
        os.waitpid(child, 0)
    read(0.2)
    with open('last.screen', 'w') as f:
        f.write(screen.text())
    print('status %s settings %s screen %s' % (
        status, 'same' if termios.tcgetattr(slave) == before else 'changed',
        'left' if not screen.other and screen.cursor else 'kept'))


main()
