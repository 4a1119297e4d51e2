// SPDX-License-Identifier: GPL-2.0
/*
 * A Perfetto trace is one protobuf message, Trace, whose only field is a packet,
 * again and again: so a file that ends after any whole packet is a trace.
 *
 * Protobuf, as far as it is needed: a field is a varint of (number << 3 | kind),
 * then a varint (kind 0), or a length and so many bytes (kind 2).
 *
 * The kernel's events go into bundles of one CPU each, as if ftrace had given
 * them: then the viewer draws a track for each CPU and task by itself, and an
 * arrow from each waker. Times are of the boot clock, Perfetto's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "perfetto.h"

#define SEQUENCE	1	/* all packets are of one writer */
#define BUNDLE		16384	/* bytes of events */
#define BUFFER		65536	/* bytes at a time to the file */
#define MAX_CPUS	4096

struct bundle {
	struct pb events;
	uint32_t lost;
	bool gap;
};

struct trace {
	const char *path;
	int fd;
	int error;
	struct pb out, packet, event;
	uint64_t written;
	uint64_t tracks;
	struct bundle *cpu[MAX_CPUS];
};

static bool room(struct pb *m, size_t more)
{
	uint8_t *data;
	size_t size;

	if (m->n + more <= m->room)
		return true;
	size = 2 * (m->n + more) + 64;
	data = realloc(m->data, size);
	if (!data) {
		m->broken = true;
		return false;
	}
	m->data = data;
	m->room = size;
	return true;
}

static void varint(struct pb *m, uint64_t v)
{
	if (!room(m, 10))
		return;
	while (v >= 0x80) {
		m->data[m->n++] = v | 0x80;
		v >>= 7;
	}
	m->data[m->n++] = v;
}

static void bytes(struct pb *m, uint32_t field, const void *data, size_t n)
{
	varint(m, field << 3 | 2);
	varint(m, n);
	if (!room(m, n))
		return;
	memcpy(m->data + m->n, data, n);
	m->n += n;
}

void pb_uint(struct pb *m, uint32_t field, uint64_t value)
{
	varint(m, field << 3);
	varint(m, value);
}

/* int32 and int64: a negative one takes ten bytes, sign and all. */
void pb_int(struct pb *m, uint32_t field, int64_t value)
{
	pb_uint(m, field, value);
}

void pb_text(struct pb *m, uint32_t field, const char *text)
{
	bytes(m, field, text, strlen(text));
}

/* Put @part in, and empty it. */
void pb_message(struct pb *m, uint32_t field, struct pb *part)
{
	bytes(m, field, part->data ? (void *)part->data : "", part->n);
	m->broken |= part->broken;
	part->n = 0;
}

void pb_free(struct pb *m)
{
	free(m->data);
	*m = (struct pb){};
}

/* On failure the file is cut back to its last whole packet, once; a pipe cannot be. */
static void flush(struct trace *t)
{
	bool failed = t->error;
	size_t done = 0;
	off_t at;

	if (t->out.broken && !t->error)
		t->error = ENOMEM;
	while (!t->error && done < t->out.n) {
		ssize_t n = write(t->fd, t->out.data + done, t->out.n - done);

		if (n >= 0)
			done += n;
		else if (errno != EINTR)
			t->error = errno;
	}
	if (!t->error)
		t->written += done;
	at = t->error && !failed ? lseek(t->fd, 0, SEEK_CUR) : -1;
	if (at >= (off_t)done && ftruncate(t->fd, at - done))
		complain("%s does not end with a whole packet: %s", t->path, strerror(errno));
	t->out.n = 0;
}

struct pb *trace_packet(struct trace *t)
{
	t->packet.n = 0;
	return &t->packet;
}

/* @ts: boot clock, or 0 for a packet without time */
void trace_packet_end(struct trace *t, uint64_t ts)
{
	if (ts)
		pb_uint(&t->packet, 8, ts);
	pb_uint(&t->packet, 10, SEQUENCE);
	pb_message(&t->out, 1, &t->packet);
	if (t->out.n > BUFFER)
		flush(t);
}

static void end_bundle(struct trace *t, uint32_t cpu)
{
	struct bundle *b = t->cpu[cpu];
	struct pb bundle = {};

	if (!b->events.n && !b->gap)
		return;
	pb_uint(&bundle, 1, cpu);
	if (b->gap)
		pb_uint(&bundle, 3, 1);
	b->gap = false;
	if (room(&bundle, b->events.n) && b->events.n) {
		memcpy(bundle.data + bundle.n, b->events.data, b->events.n);
		bundle.n += b->events.n;
	}
	b->events.n = 0;
	bundle.broken |= b->events.broken;
	pb_message(trace_packet(t), 1, &bundle);
	pb_free(&bundle);
	trace_packet_end(t, 0);
}

static struct bundle *bundle_of(struct trace *t, uint32_t cpu)
{
	if (cpu >= MAX_CPUS)
		return NULL;
	if (!t->cpu[cpu])
		t->cpu[cpu] = calloc(1, sizeof(*t->cpu[cpu]));
	if (!t->cpu[cpu])
		t->out.broken = true;
	return t->cpu[cpu];
}

/**
 * trace_lost() - tell the viewer of a gap
 * @t: the trace
 * @cpu: where events are missing
 * @lost: how many by now; nothing is said when that is not new
 */
void trace_lost(struct trace *t, uint32_t cpu, uint32_t lost)
{
	struct bundle *b = bundle_of(t, cpu);

	if (!b || b->lost == lost)
		return;
	end_bundle(t, cpu);
	b->gap = true;
	b->lost = lost;
}

/**
 * trace_ftrace() - begin an event of the kernel
 * @t: the trace
 * @cpu: where it happened
 * @ts: boot clock, ns
 * @tid: the task that ran there
 *
 * Return: a message for the event's own fields; give it to trace_ftrace_end().
 */
struct pb *trace_ftrace(struct trace *t, uint32_t cpu, uint64_t ts, uint32_t tid)
{
	if (!bundle_of(t, cpu))
		return NULL;
	t->event.n = 0;
	pb_uint(&t->event, 1, ts);
	pb_uint(&t->event, 2, tid);
	t->packet.n = 0;
	return &t->packet;
}

void trace_ftrace_end(struct trace *t, uint32_t cpu, uint32_t kind, struct pb *event)
{
	pb_message(&t->event, kind, event);
	pb_message(&t->cpu[cpu]->events, 2, &t->event);
	if (t->cpu[cpu]->events.n > BUNDLE)
		end_bundle(t, cpu);
}

/* A track for events that have none of their own; @parent 0 for a group of its own. */
uint64_t trace_track(struct trace *t, uint64_t parent, const char *name)
{
	struct pb track = {};

	pb_uint(&track, 1, ++t->tracks);
	pb_text(&track, 2, name);
	if (parent)
		pb_uint(&track, 5, parent);
	pb_message(trace_packet(t), PACKET_TRACK_DESCRIPTOR, &track);
	pb_free(&track);
	trace_packet_end(t, 0);
	return t->tracks;
}

static void clocks(struct trace *t)
{
	static const struct {
		clockid_t clock;
		uint32_t id;
	} all[] = { { CLOCK_BOOTTIME, 6 }, { CLOCK_MONOTONIC, 3 }, { CLOCK_REALTIME, 1 } };
	struct pb snapshot = {}, clock = {};
	struct timespec now;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		clock_gettime(all[i].clock, &now);
		pb_uint(&clock, 1, all[i].id);
		pb_uint(&clock, 2, now.tv_sec * 1000000000ULL + now.tv_nsec);
		pb_message(&snapshot, 1, &clock);
	}
	pb_message(trace_packet(t), PACKET_CLOCK_SNAPSHOT, &snapshot);
	trace_packet_end(t, 0);
	pb_free(&clock);
	pb_free(&snapshot);
}

/* @path: a file, made or emptied, or "-". NULL with the reason said. */
struct trace *trace_open(const char *path)
{
	struct trace *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->path = path;
	t->fd = strcmp(path, "-") ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) :
		STDOUT_FILENO;
	if (t->fd < 0) {
		complain("cannot write %s: %s", path, strerror(errno));
		free(t);
		return NULL;
	}
	clocks(t);
	return t;
}

bool trace_failed(const struct trace *t)
{
	return t->error;
}

uint64_t trace_bytes(const struct trace *t)
{
	return t->written;
}

/* Write what is left. DONE, or FAILED with the reason said; @t stays readable. */
int trace_close(struct trace *t)
{
	uint32_t cpu;

	for (cpu = 0; cpu < MAX_CPUS; cpu++) {
		if (!t->cpu[cpu])
			continue;
		end_bundle(t, cpu);
		pb_free(&t->cpu[cpu]->events);
		free(t->cpu[cpu]);
	}
	flush(t);
	pb_free(&t->out);
	pb_free(&t->packet);
	pb_free(&t->event);
	if (t->fd != STDOUT_FILENO && close(t->fd) && !t->error)
		t->error = errno;
	if (!t->error)
		return DONE;
	complain("cannot write %s: %s", t->path, strerror(t->error));
	return FAILED;
}
