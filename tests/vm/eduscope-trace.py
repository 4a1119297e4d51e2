#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Read a Perfetto trace by the published field numbers alone, and say what is
in it as one JSON object. Exit status 1 if it is not made of whole packets.

    eduscope-trace.py FILE [TID...]    for each TID also its switches and wakers
"""
import collections
import json
import struct
import sys

# FtraceEvent: number of the field, its name, and of its own fields the first few
FTRACE = {
    4: 'sched_switch', 20: 'sched_waking', 24: 'softirq_entry', 25: 'softirq_exit',
    26: 'softirq_raise', 36: 'irq_handler_entry', 37: 'irq_handler_exit',
    114: 'sched_wakeup_new', 235: 'task_newtask', 236: 'task_rename',
    237: 'sched_process_exec', 238: 'sched_process_exit',
}


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7f) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """All (number, value) of one message."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 1:
            value, at = struct.unpack_from('<Q', data, at)[0], at + 8
        elif kind == 2:
            size, at = varint(data, at)
            if at + size > len(data):
                raise ValueError('a field is longer than its message')
            value, at = data[at:at + size], at + size
        else:
            raise ValueError('kind %d' % kind)
        yield key >> 3, value


def message(data):
    """The fields of a message, each with a list of its values."""
    out = collections.defaultdict(list)
    for number, value in fields(data):
        out[number].append(value)
    return out


def text(m, number):
    return m[number][0].decode() if number in m else ''


def number(m, n):
    return m[n][0] if n in m else 0


class Trace:
    def __init__(self, tids):
        self.count = collections.Counter()
        self.sequences = set()
        self.clocks = []
        self.gaps = 0
        self.switches = collections.defaultdict(list)
        self.tasks = {t: collections.Counter() for t in tids}
        self.wakers = {t: collections.Counter() for t in tids}
        self.processes = {}
        self.threads = {}
        self.tracks = {}
        self.parents = {}
        self.names = collections.Counter()
        self.notes = collections.Counter()
        self.open = collections.Counter()
        self.bad_ends = 0
        self.release = ''

    def ftrace(self, bundle):
        cpu = number(bundle, 1)
        self.gaps += number(bundle, 3)
        for event in bundle[2]:
            e = message(event)
            for kind in e:
                if kind in FTRACE:
                    self.count[FTRACE[kind]] += 1
                    self.event(FTRACE[kind], cpu, number(e, 1), number(e, 2),
                               message(e[kind][0]))

    def event(self, name, cpu, ts, tid, e):
        if name == 'sched_switch':
            prev, state, following = number(e, 2), number(e, 4), number(e, 6)
            self.switches[cpu].append((ts, prev, following))
            if prev in self.tasks:
                self.tasks[prev]['preempted' if state in (0, 256) else 'blocked'] += 1
        if name == 'sched_waking' and number(e, 2) in self.wakers:
            self.wakers[number(e, 2)][tid] += 1

    def packet(self, p):
        self.sequences.update(p[10])
        for bundle in p[1]:
            self.ftrace(message(bundle))
        for tree in p[2]:
            tree = message(tree)
            for process in map(message, tree[1]):
                self.processes[number(process, 1)] = (number(process, 2), text(process, 3))
            for thread in map(message, tree[2]):
                self.threads[number(thread, 1)] = (number(thread, 3), text(thread, 2))
        for snapshot in p[6]:
            self.clocks = sorted(number(message(c), 1) for c in message(snapshot)[1])
        for system in p[45]:
            self.release = text(message(message(system)[1][0]), 3)
        for track in map(message, p[60]):
            self.tracks[number(track, 1)] = text(track, 2)
            self.parents[number(track, 1)] = number(track, 5)
        for event in map(message, p[11]):
            self.track_event(event, number(p, 8))

    def track_event(self, e, ts):
        kind, track = number(e, 9), number(e, 11)
        if track not in self.tracks or not ts:
            self.bad_ends += 1
        self.count[('', 'slice_begin', 'slice_end', 'instant')[kind]] += 1
        if kind == 1:
            self.open[track] += 1
        elif kind == 2:
            self.open[track] -= 1
            self.bad_ends += self.open[track] < 0
        if kind != 2:
            self.names[text(e, 23)] += 1
        for note in map(message, e[4]):
            if 6 in note:
                self.notes['%s %s=%s' % (text(e, 23), text(note, 10), text(note, 6))] += 1

    def chain_breaks(self):
        """What a CPU leaves must be what it came to."""
        breaks = 0
        for events in self.switches.values():
            events.sort()
            breaks += sum(a[2] != b[1] for a, b in zip(events, events[1:]))
        return breaks


def main():
    trace = Trace([int(t) for t in sys.argv[2:]])
    with open(sys.argv[1], 'rb') as f:
        data = f.read()
    try:
        for n, packet in fields(data):
            if n != 1:
                raise ValueError('field %d in Trace' % n)
            trace.packet(message(packet))
    except (IndexError, ValueError, UnicodeDecodeError) as problem:
        print('not a trace: %r' % problem, file=sys.stderr)
        sys.exit(1)
    print(json.dumps({
        'count': trace.count, 'cpus': sorted(trace.switches), 'gaps': trace.gaps,
        'sequences': sorted(trace.sequences), 'clocks': trace.clocks,
        'chain_breaks': trace.chain_breaks(), 'release': trace.release,
        'tasks': trace.tasks, 'wakers': trace.wakers,
        'processes': trace.processes, 'threads': trace.threads,
        'tracks': sorted(trace.tracks.values()), 'names': trace.names,
        'groups': sorted(n for t, n in trace.tracks.items() if not trace.parents[t]),
        'notes': trace.notes, 'bad': trace.bad_ends,
        'open': sum(trace.open.values()),
    }))


main()
