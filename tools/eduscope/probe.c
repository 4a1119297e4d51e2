// SPDX-License-Identifier: GPL-2.0
/*
 * The driver of all probes: options, target, and the order of things. A probe
 * only describes its rows (probes/NAME.c).
 */
#include <argp.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "driver.h"

struct driver env;

static double parse_number(const char *arg, struct argp_state *state, double least)
{
	char *end;
	double value = strtod(arg, &end);

	if (*end || end == arg || !(value >= least) || value > 4e9)
		argp_error(state, "'%s' is not a number of at least %g", arg, least);
	return value;
}

enum { OPT_JSON = 256, OPT_PIN, OPT_COST, OPT_ALL, OPT_SIDE, OPT_FOLDED };

static const struct argp_option options[] = {
	{ "pid", 'p', "PID", 0, "only this process", 0 },
	{ "tid", 't', "TID", 0, "only this thread", 0 },
	{ "cgroup", 'c', "PATH", 0, "only tasks in this cgroup and below", 0 },
	{ "duration", 'd', "SECONDS", 0, "stop after that long", 0 },
	{ "interval", 'i', "SECONDS", 0, "print what came in each interval", 0 },
	{ "events", 'e', NULL, 0, "print single events as well", 0 },
	{ "side", OPT_SIDE, "SIDE", 0,
	  "kernel, edu (the twin) or both; slab, fs, fs journal, irq, softirq, work", 0 },
	{ "json", OPT_JSON, NULL, 0, "one JSON object a line", 0 },
	{ "all", OPT_ALL, NULL, 0, "all rows, not the 20 largest", 0 },
	{ "folded", OPT_FOLDED, NULL, 0,
	  "print stacks for a flame graph instead; switch, slab, fault", 0 },
	{ "cost", OPT_COST, "PAIRS", OPTION_ARG_OPTIONAL,
	  "time COMMAND without and with the probe, in turn (6 pairs)", 0 },
	{ "pin", OPT_PIN, NULL, 0, "leave it attached under " PINS, 0 },
	{}
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case 'p':
		env.filter.tgid = parse_number(arg, state, 1);
		break;
	case 't':
		env.filter.tid = parse_number(arg, state, 1);
		break;
	case 'c':
		env.cgroup = arg;
		break;
	case 'd':
		env.duration = parse_number(arg, state, 0.001);
		break;
	case 'i':
		env.interval = parse_number(arg, state, 0.01);
		break;
	case 'e':
		env.events = true;
		break;
	case OPT_SIDE:
		if (!env.probe->twin)
			argp_error(state, "%s has no twin to look at", env.probe->name);
		env.both = !strcmp(arg, "both");
		if (!strcmp(arg, "edu"))
			env.filter.side = EDU_SIDE_TWIN;
		else if (env.both || !strcmp(arg, "kernel"))
			env.filter.side = EDU_SIDE_KERNEL;
		else
			argp_error(state, "'%s' is no side: kernel, edu or both", arg);
		break;
	case OPT_JSON:
		env.json = true;
		break;
	case OPT_ALL:
		env.all = true;
		break;
	case OPT_FOLDED:
		if (!env.probe->folded)
			argp_error(state, "%s has no stacks", env.probe->name);
		env.folded = true;
		env.filter.stacks = 1;
		break;
	case OPT_PIN:
		env.pin = true;
		break;
	case OPT_COST:
		env.cost = arg ? parse_number(arg, state, 5) : 6;
		break;
	case ARGP_KEY_ARGS:
		env.command = state->argv + state->next;
		break;
	case ARGP_KEY_END:
		if (env.cost && !env.command)
			argp_error(state, "--cost wants a COMMAND");
		if (env.probe->no_task && (env.filter.tgid || env.filter.tid || env.cgroup))
			argp_error(state, "what %s counts belongs to no task: no -p, -t or -c",
				   env.probe->name);
		if (env.pin && env.command)
			argp_error(state, "--pin and a COMMAND do not go together");
		if (env.folded && (env.interval || env.json || env.pin))
			argp_error(state, "--folded prints once: no -i, --json or --pin");
		if (env.events && !env.probe->n_events)
			argp_error(state, "%s has no single events", env.probe->name);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static bool target_gone(void)
{
	pid_t id = env.filter.tid ?: env.filter.tgid;
	char path[32];

	if (env.child > 0 && waitpid(env.child, &env.child_status, WNOHANG) == env.child) {
		env.child = 0;
		return true;
	}
	if (!id || env.command)
		return false;
	snprintf(path, sizeof(path), "/proc/%d", id);
	if (!access(path, F_OK))
		return false;
	complain("%s %d has ended", env.filter.tid ? "thread" : "process", id);
	return true;
}

bool scopes_open(struct scopes *s, const struct edu_filter *filter, bool quiet)
{
	struct edu_filter asked = *filter;

	for (s->n = 0; s->n < 1 + env.both; s->n++) {
		s->scope[s->n] = scope_open(env.probe, &asked, quiet);
		if (!s->scope[s->n]) {
			scopes_close(s);
			return false;
		}
		asked.side = EDU_SIDE_TWIN;
	}
	return true;
}

void scopes_close(struct scopes *s)
{
	while (s->n)
		scope_close(s->scope[--s->n]);
}

/*
 * libbpf goes on for as long as there are new events, on a busy machine for
 * ever: at this time it must come back. 0: they are the last.
 */
static double due;

static int on_event(void *ctx, void *data, size_t size)
{
	print_event(data);
	return due && (stopping || now_s() >= due) ? -EINTR : 0;
}

static int watch(struct scopes *s)
{
	double tick = env.interval ?: 1e9, next = now_s() + tick, end = 1e18;
	struct ring_buffer *ring = NULL;
	double learn = 0;
	int status = DONE, i;

	if (env.duration)
		end = now_s() + env.duration;
	if (env.filter.events) {
		ring = ring_buffer__new(scope_ring(s->scope[0]), on_event, NULL, NULL);
		if (ring && s->n > 1 &&
		    ring_buffer__add(ring, scope_ring(s->scope[1]), on_event, NULL)) {
			ring_buffer__free(ring);
			ring = NULL;
		}
		if (!ring) {
			complain("no ring buffer: %s", strerror(errno));
			return FAILED;
		}
	}
	while (!stopping && status == DONE && now_s() < end && !target_gone()) {
		double left = (next < end ? next : end) - now_s();

		left = left < 0 ? 0 : left > 0.05 ? 0.05 : left;
		if (ring) {
			due = now_s() + left;
			ring_buffer__poll(ring, left * 1000);
			status = flush_output();
		} else {
			usleep(left * 1e6);
		}
		if (env.folded && now_s() >= learn) {
			learn = now_s() + 0.25;
			folded_learn(s);
		}
		if (now_s() >= next && env.interval) {
			next += tick;
			if (next < now_s())
				next = now_s() + tick;
			status = report(s);
		}
	}
	for (i = 0; i < s->n; i++)
		scope_detach(s->scope[i]);
	if (ring) {
		due = 0;
		ring_buffer__consume(ring);
		ring_buffer__free(ring);
	}
	if (status != DONE)
		return status;
	return env.folded ? report_folded(s) : report(s);
}

static bool there_is(const char *what, uint32_t id)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%u", id);
	if (!id || !access(path, F_OK))
		return true;
	complain("no %s %u", what, id);
	return false;
}

static int check_target(void)
{
	char path[32], line[32];

	if (!there_is("process", env.filter.tgid) || !there_is("thread", env.filter.tid))
		return FAILED;
	snprintf(path, sizeof(path), "/proc/%u/status", env.filter.tgid);
	snprintf(line, sizeof(line), "Tgid:\t%u\n", env.filter.tgid);
	if (env.filter.tgid && !file_has(path, line)) {
		complain("%u is a thread of another process: -t %u", env.filter.tgid,
			 env.filter.tgid);
		return FAILED;
	}
	if (env.cgroup)
		return use_cgroup(env.cgroup);
	return DONE;
}

/* The coarse clock moves once in a tick. */
static uint32_t tick(void)
{
	struct timespec t;

	return clock_getres(CLOCK_MONOTONIC_COARSE, &t) ? 0 : t.tv_nsec;
}

int probe_main(const struct probe *probe, int argc, char **argv)
{
	const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "[-- COMMAND [ARG...]]",
		.doc = probe->doc,
	};
	int status, go = -1, i;
	struct scopes s = {};

	env.probe = probe;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, NULL);
	env.filter.self = getpid();
	env.filter.events = env.events || probe->events_first;
	env.filter.tick = tick();
	catch_signals();
	status = check_target();
	if (status != DONE)
		return status;
	if (env.cost)
		return measure_cost();
	if (env.command)
		status = start_command(&go);
	if (status != DONE || !scopes_open(&s, &env.filter, env.json)) {
		close(go);
		end_command();
		return FAILED;
	}
	env.start = now_s();
	if (env.pin) {
		for (i = 0; i < s.n && status == DONE; i++)
			status = scope_pin(s.scope[i]);
		/* All sides, or none. */
		for (i = 0; i < s.n && status != DONE; i++)
			scope_unpin(s.scope[i]);
	} else {
		if (env.command && write(go, "", 1) != 1)
			complain("the command is gone");
		if (isatty(STDERR_FILENO) && !env.json && !env.duration && !env.command)
			fprintf(stderr, "eduscope: %s is watching; Ctrl-C ends it\n", probe->name);
		status = watch(&s);
	}
	scopes_close(&s);
	end_command();
	if (status == DONE && env.command && WIFEXITED(env.child_status) &&
	    WEXITSTATUS(env.child_status) == 127)
		return FAILED;
	return status;
}
