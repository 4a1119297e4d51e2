/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the probes' driver know of each other. */
#ifndef EDUSCOPE_DRIVER_H
#define EDUSCOPE_DRIVER_H

#include "eduscope.h"

#define CGROUPS "/sys/fs/cgroup"
#define PINS "/sys/fs/bpf/eduscope"

struct row_set {
	struct edu_key *keys;
	struct edu_row *rows;
	int n;
};

/* The one run of the one probe that the command line asked for. */
struct driver {
	const struct probe *probe;
	struct edu_filter filter;
	const char *cgroup;
	double duration;
	double interval;
	bool json;
	bool events;
	bool pin;
	bool all;
	bool folded;
	bool both;		/* sides; else filter.side is the one */
	int cost;
	char **command;
	char own_group[128];
	pid_t child;
	int child_status;
	double start;
};

/* The probe, on one side or on both. */
struct scopes {
	struct scope *scope[2];
	struct row_set before[2];	/* what was printed */
	int n;
};

extern struct driver env;

/* probe.c */
bool scopes_open(struct scopes *s, const struct edu_filter *filter, bool quiet);
void scopes_close(struct scopes *s);

/* scope.c */
int scope_pin(struct scope *s);
void scope_unpin(struct scope *s);

/* print.c */
int report(struct scopes *s);
void print_event(const struct edu_event *e);

/* folded.c */
void folded_learn(struct scopes *s);
int report_folded(struct scopes *s);

/* command.c */
int use_cgroup(const char *path);
int start_command(int *go);
void end_command(void);
int measure_cost(void);

#endif
