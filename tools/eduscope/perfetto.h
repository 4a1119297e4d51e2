/* SPDX-License-Identifier: GPL-2.0 */
/* A writer of Perfetto traces: see perfetto.c. */
#ifndef EDUSCOPE_PERFETTO_H
#define EDUSCOPE_PERFETTO_H

#include "eduscope.h"

/* A message of protobuf in the making. */
struct pb {
	uint8_t *data;
	size_t n;
	size_t room;
	bool broken;		/* there was no memory */
};

void pb_uint(struct pb *m, uint32_t field, uint64_t value);
void pb_int(struct pb *m, uint32_t field, int64_t value);
void pb_text(struct pb *m, uint32_t field, const char *text);
void pb_message(struct pb *m, uint32_t field, struct pb *part);
void pb_free(struct pb *m);

struct trace;

struct trace *trace_open(const char *path);
struct pb *trace_packet(struct trace *t);
void trace_packet_end(struct trace *t, uint64_t ts);
void trace_lost(struct trace *t, uint32_t cpu, uint32_t lost);
struct pb *trace_ftrace(struct trace *t, uint32_t cpu, uint64_t ts, uint32_t tid);
void trace_ftrace_end(struct trace *t, uint32_t cpu, uint32_t kind, struct pb *event);
uint64_t trace_track(struct trace *t, uint64_t parent, const char *name);
bool trace_failed(const struct trace *t);
uint64_t trace_bytes(const struct trace *t);
int trace_close(struct trace *t);

/* Numbers of fields and kinds, as published with Perfetto's .proto files. */
enum {
	PACKET_PROCESS_TREE = 2, PACKET_CLOCK_SNAPSHOT = 6, PACKET_TRACK_EVENT = 11,
	PACKET_SYSTEM_INFO = 45, PACKET_TRACK_DESCRIPTOR = 60,
};

enum {
	FTRACE_SCHED_SWITCH = 4, FTRACE_SCHED_WAKING = 20, FTRACE_SOFTIRQ_ENTRY = 24,
	FTRACE_SOFTIRQ_EXIT = 25, FTRACE_SOFTIRQ_RAISE = 26, FTRACE_IRQ_HANDLER_ENTRY = 36,
	FTRACE_IRQ_HANDLER_EXIT = 37, FTRACE_SCHED_WAKEUP_NEW = 114, FTRACE_TASK_NEWTASK = 235,
	FTRACE_TASK_RENAME = 236, FTRACE_SCHED_PROCESS_EXEC = 237, FTRACE_SCHED_PROCESS_EXIT = 238,
};

/* twins.c: the events of the twins that are loaded */
struct twin_event;

int twin_events(struct twin_event **events);
const char *twin_event_system(const struct twin_event *e);
const char *twin_event_name(const struct twin_event *e);
struct twin_event *twin_event_at(struct twin_event *events, int i);
void twin_event_write(struct trace *t, struct twin_event *e, uint64_t ts, uint32_t cpu,
		      uint32_t tid, const uint8_t *data);

#endif
