// SPDX-License-Identifier: GPL-2.0
/*
 * The twins' own events in a trace. Their fields are learned from tracefs, so
 * an event that is new in a module needs nothing here.
 *
 * A twin is a group of tracks. An event that has a partner, X_entry with X_exit
 * or X_start with X_end, is a slice on a track of its own: one for each value of
 * the fields that both have (a line, a timer), because such a thing does not run
 * twice at once.
 * All others are points in time on the track of their CPU, as is what would
 * need too many tracks. The fields are there to be read in the viewer.
 */
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "perfetto.h"
#include "record.h"

#define EVENTS "/sys/kernel/tracing/events/"
#define FIELDS 16
#define TRACKS 200		/* of one twin */
#define CPUS 1024

enum kind { NUMBER, SIGNED, POINTER, TEXT, DYNAMIC };

struct field {
	char name[32];
	enum kind kind;
	unsigned int offset;
	unsigned int size;
};

struct twin {
	const char *name;
	uint64_t track;
	uint64_t cpu[CPUS];
	char *slice[TRACKS];
	uint64_t slice_track[TRACKS];
	int n_slices;
};

struct twin_event {
	struct twin *twin;
	char name[64];
	char base[64];		/* without its ending, where the partner exists */
	int type;		/* TrackEvent.Type */
	int n;
	struct field field[FIELDS];
	bool shared[FIELDS];
};

enum { SLICE_BEGIN = 1, SLICE_END, INSTANT };

static struct twin twins[] = {
	{ .name = "edufs" }, { .name = "irqdemo" }, { .name = "lpchar" }, { .name = "sched_edu" },
	{ .name = "slab_edu" },
};

/* One line "field:TYPE NAME; offset:O; size:S; signed:B;" of a format. */
static void add_field(struct twin_event *e, char *line)
{
	struct field *f = &e->field[e->n];
	unsigned int is_signed;
	char *end, *name;

	line = strstr(line, "field:");
	if (!line || e->n == FIELDS)
		return;
	line += 6;
	end = strchr(line, ';');
	if (!end || sscanf(end, "; offset:%u; size:%u; signed:%u", &f->offset, &f->size,
			   &is_signed) != 3 || f->offset < 8)
		return;
	*end = 0;
	if (strchr(line, '['))
		f->kind = strstr(line, "__data_loc") ? DYNAMIC : TEXT;
	else if (strchr(line, '*'))
		f->kind = POINTER;
	else
		f->kind = is_signed ? SIGNED : NUMBER;
	if (f->kind == TEXT && strncmp(line, "char", 4))
		return;
	if (f->kind == TEXT)
		*strchr(line, '[') = 0;
	name = strrchr(line, ' ');
	snprintf(f->name, sizeof(f->name), "%.31s", name ? name + 1 : line);
	e->n++;
}

static void read_format(struct twin_event *e)
{
	char path[256], line[512];
	FILE *f;

	snprintf(path, sizeof(path), EVENTS "%s/%s/format", e->twin->name, e->name);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		add_field(e, line);
	if (f)
		fclose(f);
}

/* The length of what is before @end in @name, 0 if it does not end so. */
static size_t before(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && !strcmp(name + n - m, end) ? n - m : 0;
}

/* One slice; what both events have in common names its track. */
static void join(struct twin_event *a, struct twin_event *b, size_t length)
{
	int i, j;

	snprintf(a->base, sizeof(a->base), "%.*s", (int)length, a->name);
	strcpy(b->base, a->base);
	a->type = SLICE_BEGIN;
	b->type = SLICE_END;
	for (i = 0; i < a->n; i++) {
		for (j = 0; j < b->n; j++) {
			if (strcmp(a->field[i].name, b->field[j].name))
				continue;
			a->shared[i] = true;
			b->shared[j] = true;
		}
	}
}

static void pair(struct twin_event *events, int n)
{
	static const char *const ends[][2] = { { "_entry", "_exit" }, { "_start", "_end" } };
	size_t k, length;
	int i, j;

	for (k = 0; k < ARRAY_SIZE(ends); k++) {
		for (i = 0; i < n; i++) {
			length = before(events[i].name, ends[k][0]);
			for (j = 0; length && j < n; j++)
				if (events[j].twin == events[i].twin &&
				    before(events[j].name, ends[k][1]) == length &&
				    !strncmp(events[i].name, events[j].name, length))
					join(&events[i], &events[j], length);
		}
	}
}

/**
 * twin_events() - the events of all twins that are loaded
 * @events: gets an array; its index is the number of the event
 *
 * Return: how many.
 */
int twin_events(struct twin_event **events)
{
	struct twin_event *all = NULL;
	int n = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(twins); i++) {
		char pattern[96];
		glob_t g = {};
		size_t k;

		snprintf(pattern, sizeof(pattern), EVENTS "%s/*/format", twins[i].name);
		if (glob(pattern, 0, NULL, &g))
			continue;
		all = realloc(all, (n + g.gl_pathc) * sizeof(*all));
		for (k = 0; all && k < g.gl_pathc; k++) {
			struct twin_event *e = &all[n++];

			*e = (struct twin_event){ .twin = &twins[i], .type = INSTANT };
			*strrchr(g.gl_pathv[k], '/') = 0;
			snprintf(e->name, sizeof(e->name), "%.63s",
				 strrchr(g.gl_pathv[k], '/') + 1);
			read_format(e);
		}
		globfree(&g);
		if (!all)
			return 0;
	}
	pair(all, n);
	*events = all;
	return n;
}

const char *twin_event_system(const struct twin_event *e)
{
	return e->twin->name;
}

const char *twin_event_name(const struct twin_event *e)
{
	return e->name;
}

struct twin_event *twin_event_at(struct twin_event *events, int i)
{
	return &events[i];
}

static uint64_t number_of(const struct field *f, const uint8_t *data)
{
	uint64_t v = 0;

	if (f->size > 8 || f->offset + f->size > EDU_REC_DATA)
		return 0;
	memcpy(&v, data + f->offset, f->size);	/* little-endian */
	if (f->kind == SIGNED && f->size < 8 && v >> (8 * f->size - 1))
		v |= ~0ULL << (8 * f->size);
	return v;
}

static const char *text_of(const struct field *f, const uint8_t *data, char *buf, size_t size)
{
	unsigned int offset = f->offset, length = f->size;
	uint32_t where;

	if (f->kind == DYNAMIC && f->offset + 4 <= EDU_REC_DATA) {
		memcpy(&where, data + f->offset, 4);
		offset = where & 0xffff;
		length = where >> 16;
	}
	if (offset >= EDU_REC_DATA)
		return "...";
	if (offset + length > EDU_REC_DATA)
		length = EDU_REC_DATA - offset;
	snprintf(buf, size, "%.*s", (int)length, (const char *)data + offset);
	return buf;
}

static uint64_t cpu_track(struct trace *t, struct twin *twin, uint32_t cpu)
{
	char name[16];

	cpu %= CPUS;
	if (!twin->cpu[cpu]) {
		snprintf(name, sizeof(name), "cpu %u", cpu);
		twin->cpu[cpu] = trace_track(t, twin->track, name);
	}
	return twin->cpu[cpu];
}

/* The track of a slice; 0 when there are too many. */
static uint64_t slice_track(struct trace *t, struct twin_event *e, const uint8_t *data)
{
	struct twin *twin = e->twin;
	char name[160], text[64];
	int i, n;

	n = snprintf(name, sizeof(name), "%.60s", e->base);
	for (i = 0; i < e->n && n < (int)sizeof(name); i++) {
		const struct field *f = &e->field[i];

		if (!e->shared[i])
			continue;
		if (f->kind == TEXT || f->kind == DYNAMIC)
			n += snprintf(name + n, sizeof(name) - n, " %s=%.30s", f->name,
				      text_of(f, data, text, sizeof(text)));
		else
			n += snprintf(name + n, sizeof(name) - n,
				      f->kind == POINTER ? " %s=%#llx" : " %s=%lld", f->name,
				      (long long)number_of(f, data));
	}
	for (i = 0; i < twin->n_slices; i++)
		if (!strcmp(twin->slice[i], name))
			return twin->slice_track[i];
	if (twin->n_slices == TRACKS)
		return 0;
	twin->slice[i] = strdup(name);
	if (!twin->slice[i])
		return 0;
	twin->slice_track[i] = trace_track(t, twin->track, name);
	twin->n_slices++;
	return twin->slice_track[i];
}

static void annotate(struct pb *event, const struct field *f, const uint8_t *data)
{
	struct pb note = {};
	char text[128];

	pb_text(&note, 10, f->name);
	if (f->kind == TEXT || f->kind == DYNAMIC)
		pb_text(&note, 6, text_of(f, data, text, sizeof(text)));
	else if (f->kind == POINTER)
		pb_uint(&note, 7, number_of(f, data));
	else if (f->kind == SIGNED)
		pb_int(&note, 4, number_of(f, data));
	else
		pb_uint(&note, 3, number_of(f, data));
	pb_message(event, 4, &note);
	pb_free(&note);
}

void twin_event_write(struct trace *t, struct twin_event *e, uint64_t ts, uint32_t cpu,
		      uint32_t tid, const uint8_t *data)
{
	uint64_t track = 0;
	struct pb event = {}, note = {};
	int type = e->type, i;

	if (!e->twin->track)
		e->twin->track = trace_track(t, 0, e->twin->name);
	if (type != INSTANT)
		track = slice_track(t, e, data);
	if (!track) {
		track = cpu_track(t, e->twin, cpu);
		type = INSTANT;
	}
	pb_uint(&event, 9, type);
	pb_uint(&event, 11, track);
	pb_text(&event, 22, e->twin->name);
	if (type != SLICE_END)
		pb_text(&event, 23, type == INSTANT ? e->name : e->base);
	for (i = 0; i < e->n; i++)
		annotate(&event, &e->field[i], data);
	pb_text(&note, 10, "tid");
	pb_uint(&note, 3, tid);
	pb_message(&event, 4, &note);
	pb_free(&note);
	pb_message(trace_packet(t), PACKET_TRACK_EVENT, &event);
	pb_free(&event);
	trace_packet_end(t, ts);
}
