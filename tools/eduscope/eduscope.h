/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of eduscope know of each other.
 *
 * Exit status everywhere: 0 done, 1 failed, 2 misused. Results go to stdout,
 * what went wrong to stderr as one line that begins with "eduscope: ".
 */
#ifndef EDUSCOPE_H
#define EDUSCOPE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <linux/types.h>
#include "edu.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define EDUSCOPE_VERSION "1.0"

enum { DONE, FAILED, MISUSED };

struct bpf_object;
struct bpf_object_skeleton;

/* util.c */
extern int stop_signal;

/* Has a signal asked us to end? */
#define stopping __atomic_load_n(&stop_signal, __ATOMIC_RELAXED)

[[gnu::format(printf, 1, 2)]] void complain(const char *fmt, ...);
void catch_signals(void);
double now_s(void);
int flush_output(void);
bool read_line(const char *path, char *line, size_t size);
bool file_has(const char *path, const char *text);
bool module_loaded(const char *name);
const char *own_folder(void);
void json_string(FILE *f, const char *text);
const char *human_ns(double ns, char *buf, size_t size);
const char *human(double value, const char *unit, char *buf, size_t size);
const char *ksym(uint64_t address);
const char *syscall_name(long nr, char *buf, size_t size);
long cpus(void);
void machine_line(FILE *f, bool json);
void text_bar(FILE *f, double part, int width);

/* usym.c */
void usym_learn(uint32_t pid);
const char *usym(uint32_t pid, uint64_t address);

/* hist.c */
uint64_t hist_low(unsigned int slot);
double hist_percentile(const struct edu_hist *h, double p);
void hist_add(struct edu_hist *h, uint64_t value);
void hist_merge(struct edu_hist *to, const struct edu_hist *from);
void hist_subtract(struct edu_hist *from, const struct edu_hist *what);
void hist_print(FILE *f, const struct edu_hist *h, const char *unit);
void hist_json(FILE *f, const struct edu_hist *h);

/*
 * A probe: what probes/NAME.c says about bpf/NAME.bpf.c. The driver (probe.c,
 * scope.c, print.c, command.c) does everything else.
 */
enum label {
	LABEL_TASK,		/* id is a tid, comm its name */
	LABEL_CLASS,
	LABEL_CPU,
	LABEL_PAIR,		/* waker tid in the upper half, wakee in the lower */
	LABEL_NUMBER,		/* id, and comm if there is one */
	LABEL_NAME,		/* comm alone, or names[id] */
	LABEL_SYMBOL,		/* a kernel address */
	LABEL_OPERATION,	/* names[id], on comm */
	LABEL_SYSCALL,
	LABEL_SIGNAL,
	LABEL_RANGE		/* id: tgid; aux: address; the last counter: bytes */
};

struct table {
	const char *name;	/* in JSON, and as a heading */
	enum label label;
	const char *const *names;
	int n_names;
	const char *const *twin_names;	/* where the twin's ids mean other things */
	int n_twin_names;
	const char *counters[EDU_COUNTERS];
	bool hist;
	int cpus_of;		/* of CPUs: adds up the rows that each has in that table */
	const char *unit;	/* of its histograms, if not the probe's */
};

struct event_type {
	const char *name;
	const char *args[EDU_EVENT_ARGS];	/* NULL ends them; NAME_ns: a time */
	bool text;				/* edu_event::name is of use */
};

/*
 * A program that also watches a twin: which event of the twin has the arguments
 * of the event it is written for, or which function ("module:function"). A
 * program that is not listed is the kernel's alone; one whose own section names
 * the twin's event is the twin's alone.
 */
struct hook {
	const char *program;
	const char *twin;
};

struct probe {
	const char *name;	/* of two words, as they are typed: with a - between */
	const char *summary;
	const char *doc;
	const char *unit;	/* of the histograms */
	const char *measures;	/* what they are of */
	const struct table *tables;
	int n_tables;
	const struct event_type *events;
	int n_events;
	bool events_first;	/* single events are this probe's point */
	bool no_task;		/* what it counts belongs to none: no filters */
	int top_table;		/* whose histogram is drawn */
	const char *folded;	/* what --folded adds up by stack, or NULL */
	int folded_unit;	/* so many are one */
	const char *there;	/* a file that is there if the events are, or NULL */
	const char *absent;	/* what to say if not */
	const char *twin;	/* the module, or NULL: this probe has no sides */
	bool shared;		/* the sides have the same events: the programs look which */
	const struct hook *hooks;
	int n_hooks;
	void *(*open)(const struct edu_filter *filter, struct bpf_object_skeleton **s);
	void (*destroy)(void *skeleton);
};

/* The glue between a skeleton's own type and the driver. */
#define PROBE_OBJECT(_n)							\
static void *_n##_open(const struct edu_filter *filter,			\
		       struct bpf_object_skeleton **s)				\
{										\
	struct _n##_bpf *skel = _n##_bpf__open();				\
										\
	if (!skel)								\
		return NULL;							\
	memcpy((void *)&skel->rodata->filter, filter, sizeof(*filter));		\
	*s = skel->skeleton;							\
	return skel;								\
}										\
										\
static void _n##_destroy(void *skel)						\
{										\
	_n##_bpf__destroy(skel);						\
}

extern const struct probe *const probes[];
extern const int n_probes;

const struct probe *find_probe(const char *name);
int probe_main(const struct probe *probe, int argc, char **argv);

/* print.c */
const char *class_name(uint64_t class);

/* A probe that is attached, for those who read rows themselves (top, compare). */
struct scope;

/* So many rows scope_rows() gives at most: a table of CPUs may count each again. */
#define SCOPE_ROWS (2 * EDU_ROWS)

void hush_libbpf(void);
struct scope *scope_open(const struct probe *probe, const struct edu_filter *filter, bool quiet);
int scope_rows(struct scope *s, struct edu_key **keys, struct edu_row **rows);
void scope_lost(struct scope *s, uint64_t lost[EDU_LOST_KINDS]);
void read_lost(struct bpf_object *obj, uint64_t lost[EDU_LOST_KINDS]);
void scope_detach(struct scope *s);
int scope_ring(struct scope *s);
int scope_stacks(struct scope *s);
void scope_processes(struct scope *s, void (*tell)(uint32_t pid));
void scope_close(struct scope *s);

/* counters.c: the twins, numbered from 0, and what they count */
struct counter {
	char name[48];
	uint64_t value;
};

const char *twin_name(int i);
bool twin_is_loaded(int i);
const char *const *twin_headline(int i);
int twin_counters(int i, struct counter *c, int most);

/* Commands. */
int doctor_main(int argc, char **argv);
int sched_main(int argc, char **argv);
int status_main(int argc, char **argv);
int compare_main(int argc, char **argv);
int record_main(int argc, char **argv);
int top_main(int argc, char **argv);

/* doctor.c: why a probe cannot work here, in one sentence; NULL if it can. */
const char *probe_obstacle(void);

#endif
