// SPDX-License-Identifier: GPL-2.0
/*
 * record: a trace of the whole machine while a command runs, for Perfetto's
 * viewer: what each CPU ran, who woke whom, interrupts and softirqs, the life
 * of tasks, and the twins' own events.
 *
 * Everything hangs on file descriptors of this process; when the file cannot be
 * written, the recording and the command end at once.
 */
#include <argp.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>
#include "driver.h"
#include "perfetto.h"
#include "record.h"
#include "record.skel.h"

static struct {
	const char *path;
	unsigned int buffer;	/* MiB */
	struct trace *trace;
	struct record_bpf *skel;
	struct twin_event *twin;
	struct bpf_link **links;
	int twins;
	uint64_t count[EDU_REC_TYPES];
	uint64_t lost;
} rec = { .buffer = 16 };

static const char *const type_names[] = {
	"sched_switch", "sched_waking", "sched_wakeup_new", "fork", "exec", "exit", "task_rename",
	"irq_handler_entry", "irq_handler_exit", "softirq_raise", "softirq_entry", "softirq_exit",
	"twins",
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "the trace; - is standard output", 0 },
	{ "duration", 'd', "SECONDS", 0, "stop after that long", 0 },
	{ "buffer", 'b', "MIB", 0, "room for events on their way (16)", 0 },
	{ "json", 'j', NULL, 0, "say as JSON what was recorded", 0 },
	{}
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	char *end = "";

	switch (key) {
	case 'o':
		rec.path = arg;
		break;
	case 'd':
		env.duration = strtod(arg, &end);
		if (*end || !(env.duration > 0))
			argp_error(state, "'%s' is not a number of seconds", arg);
		break;
	case 'b':
		rec.buffer = strtoul(arg, &end, 10);
		if (*end || rec.buffer < 1 || rec.buffer > 1024 ||
		    rec.buffer & (rec.buffer - 1))
			argp_error(state, "'%s' is not a power of two from 1 to 1024", arg);
		break;
	case 'j':
		env.json = true;
		break;
	case ARGP_KEY_ARGS:
		env.command = state->argv + state->next;
		break;
	case ARGP_KEY_END:
		if (!rec.path)
			argp_error(state, "where to? -o FILE");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* As sched:sched_switch prints it: one bit for each letter of ps, 256 for R+. */
static uint64_t reported_state(const struct edu_rec *r)
{
	uint32_t state = (r->arg[3] | r->arg[4]) & 0x7f;

	if (r->arg[3] == EDU_REC_PREEMPTED)
		return 0x100;
	if ((r->arg[3] & 0x402) == 0x402)
		return 0x80;			/* idle: not counted in the load */
	if (r->arg[3] & 0x9000)
		return 2;			/* waits for an rt_mutex, or frozen */
	return state ? 1 << (31 - __builtin_clz(state)) : 0;
}

static void write_task(uint32_t pid, uint32_t ppid, const char *name)
{
	struct pb tree = {}, process = {};

	pb_uint(&process, 1, pid);
	if (ppid)
		pb_uint(&process, 2, ppid);
	pb_text(&process, 3, name);
	pb_message(&tree, 1, &process);
	pb_message(trace_packet(rec.trace), PACKET_PROCESS_TREE, &tree);
	pb_free(&process);
	pb_free(&tree);
	trace_packet_end(rec.trace, 0);
}

static const uint32_t fields[EDU_REC_TYPES] = {
	[EDU_REC_SWITCH] = FTRACE_SCHED_SWITCH,
	[EDU_REC_WAKING] = FTRACE_SCHED_WAKING,
	[EDU_REC_WAKEUP_NEW] = FTRACE_SCHED_WAKEUP_NEW,
	[EDU_REC_FORK] = FTRACE_TASK_NEWTASK,
	[EDU_REC_EXEC] = FTRACE_SCHED_PROCESS_EXEC,
	[EDU_REC_EXIT] = FTRACE_SCHED_PROCESS_EXIT,
	[EDU_REC_RENAME] = FTRACE_TASK_RENAME,
	[EDU_REC_IRQ_ENTRY] = FTRACE_IRQ_HANDLER_ENTRY,
	[EDU_REC_IRQ_EXIT] = FTRACE_IRQ_HANDLER_EXIT,
	[EDU_REC_SOFTIRQ_RAISE] = FTRACE_SOFTIRQ_RAISE,
	[EDU_REC_SOFTIRQ_ENTRY] = FTRACE_SOFTIRQ_ENTRY,
	[EDU_REC_SOFTIRQ_EXIT] = FTRACE_SOFTIRQ_EXIT,
};

static void write_kernel_event(const struct edu_rec *r, const uint8_t *data)
{
	struct pb *e = trace_ftrace(rec.trace, r->cpu, r->ts, r->tid);

	if (!e)
		return;
	switch (r->type) {
	case EDU_REC_SWITCH:
		pb_text(e, 1, r->comm);
		pb_int(e, 2, r->tid);
		pb_int(e, 3, (int)r->arg[1]);
		pb_int(e, 4, reported_state(r));
		pb_text(e, 5, r->other);
		pb_int(e, 6, r->arg[0]);
		pb_int(e, 7, (int)r->arg[2]);
		break;
	case EDU_REC_WAKING:
	case EDU_REC_WAKEUP_NEW:
		pb_text(e, 1, r->comm);
		pb_int(e, 2, r->arg[0]);
		pb_int(e, 3, (int)r->arg[1]);
		pb_int(e, 4, 1);
		pb_int(e, 5, r->arg[2]);
		break;
	case EDU_REC_FORK:
		pb_int(e, 1, r->arg[0]);
		pb_text(e, 2, r->comm);
		pb_uint(e, 3, r->arg[0] == r->arg[1] ? 0 : 0x10000); /* CLONE_THREAD */
		break;
	case EDU_REC_EXEC:
		pb_text(e, 1, (const char *)data);
		pb_int(e, 2, r->tid);
		pb_int(e, 3, r->arg[0]);
		break;
	case EDU_REC_EXIT:
		pb_text(e, 1, r->comm);
		pb_int(e, 2, r->tid);
		pb_int(e, 3, r->arg[0]);
		pb_int(e, 4, (int)r->arg[1]);
		break;
	case EDU_REC_RENAME:
		pb_int(e, 1, r->arg[0]);
		pb_text(e, 2, r->comm);
		pb_text(e, 3, r->other);
		break;
	case EDU_REC_IRQ_ENTRY:
		pb_int(e, 1, r->arg[0]);
		pb_text(e, 2, r->comm);
		break;
	case EDU_REC_IRQ_EXIT:
		pb_int(e, 1, r->arg[0]);
		pb_int(e, 2, r->arg[1]);
		break;
	default:
		pb_uint(e, 1, r->arg[0]);
		break;
	}
	trace_ftrace_end(rec.trace, r->cpu, fields[r->type], e);
	if (r->type == EDU_REC_EXEC)
		write_task(r->arg[1], 0, (const char *)data);
	else if (r->type == EDU_REC_FORK && r->arg[0] == r->arg[1])
		write_task(r->arg[1], r->arg[2], r->comm);
}

static int on_record(void *ctx, void *data, size_t size)
{
	const struct edu_long_rec *r = data;

	if (r->head.type >= EDU_REC_TYPES || trace_failed(rec.trace))
		return 0;
	rec.count[r->head.type]++;
	trace_lost(rec.trace, r->head.cpu, r->head.lost);
	if (r->head.type != EDU_REC_TWIN)
		write_kernel_event(&r->head, r->data);
	else if (r->head.arg[0] < (uint32_t)rec.twins)
		twin_event_write(rec.trace, twin_event_at(rec.twin, r->head.arg[0]), r->head.ts,
				 r->head.cpu, r->head.tid, r->data);
	return 0;
}

/* The kernel the trace is of: by its version the viewer reads task states. */
static void write_system(void)
{
	struct pb system = {}, names = {};
	struct utsname u;

	uname(&u);
	pb_text(&names, 1, u.sysname);
	pb_text(&names, 2, u.version);
	pb_text(&names, 3, u.release);
	pb_text(&names, 4, u.machine);
	pb_message(&system, 1, &names);
	pb_uint(&system, 8, cpus());
	pb_message(trace_packet(rec.trace), PACKET_SYSTEM_INFO, &system);
	pb_free(&names);
	pb_free(&system);
	trace_packet_end(rec.trace, 0);
}

/* The tasks that are there before the first event. */
static void write_tasks(void)
{
	struct pb tree = {}, process = {}, thread = {};
	struct dirent *p, *t;
	DIR *proc = opendir("/proc"), *tasks;

	while (proc && (p = readdir(proc))) {
		char path[600], line[512], name[64];
		int ppid = 0;

		if (p->d_name[0] < '0' || p->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/stat", p->d_name);
		if (!read_line(path, line, sizeof(line)) || !strrchr(line, ')'))
			continue;
		if (sscanf(strrchr(line, ')') + 1, " %*c %d", &ppid) != 1)
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", p->d_name);
		read_line(path, name, sizeof(name));
		snprintf(path, sizeof(path), "/proc/%s/cmdline", p->d_name);
		pb_uint(&process, 1, atoi(p->d_name));
		pb_uint(&process, 2, ppid);
		pb_text(&process, 3, read_line(path, line, sizeof(line)) && line[0] ? line : name);
		pb_message(&tree, 1, &process);
		snprintf(path, sizeof(path), "/proc/%s/task", p->d_name);
		tasks = opendir(path);
		while (tasks && (t = readdir(tasks))) {
			if (t->d_name[0] == '.')
				continue;
			snprintf(path, sizeof(path), "/proc/%s/task/%s/comm", p->d_name,
				 t->d_name);
			read_line(path, name, sizeof(name));
			pb_uint(&thread, 1, atoi(t->d_name));
			pb_text(&thread, 2, name);
			pb_uint(&thread, 3, atoi(p->d_name));
			pb_message(&tree, 2, &thread);
		}
		if (tasks)
			closedir(tasks);
	}
	if (proc)
		closedir(proc);
	pb_message(trace_packet(rec.trace), PACKET_PROCESS_TREE, &tree);
	trace_packet_end(rec.trace, 0);
	pb_free(&tree);
	pb_free(&process);
	pb_free(&thread);
}

static bool attach(void)
{
	int i, err;

	hush_libbpf();
	rec.skel = record_bpf__open();
	err = rec.skel ? bpf_map__set_max_entries(rec.skel->maps.events, rec.buffer << 20) :
		-errno;
	if (!err)
		err = record_bpf__load(rec.skel);
	if (!err)
		err = record_bpf__attach(rec.skel);
	if (err) {
		complain("record does not work on this kernel: %s", strerror(-err));
		return false;
	}
	rec.twins = twin_events(&rec.twin);
	rec.links = calloc(rec.twins + 1, sizeof(*rec.links));
	for (i = 0; rec.links && i < rec.twins; i++) {
		LIBBPF_OPTS(bpf_tracepoint_opts, opts, .bpf_cookie = i);
		const char *system = twin_event_system(twin_event_at(rec.twin, i));
		const char *name = twin_event_name(twin_event_at(rec.twin, i));

		rec.links[i] = bpf_program__attach_tracepoint_opts(rec.skel->progs.record_twin,
								   system, name, &opts);
		if (!rec.links[i])
			complain("%s:%s will be missing: %s", system, name, strerror(errno));
	}
	return true;
}

/* Nothing comes any more; what is on its way stays in the ring. */
static void detach(void)
{
	uint64_t lost[EDU_LOST_KINDS];
	int i;

	for (i = 0; rec.links && i < rec.twins; i++)
		bpf_link__destroy(rec.links[i]);
	free(rec.links);
	rec.links = NULL;
	record_bpf__detach(rec.skel);
	read_lost(rec.skel->obj, lost);
	for (i = 0; i < EDU_LOST_KINDS; i++)
		rec.lost += lost[i];
}

/* Where nothing followed what was lost, no event has told of it. */
static void write_last_gaps(void)
{
	int cpus = libbpf_num_possible_cpus(), cpu;
	uint64_t *dropped = cpus > 0 ? calloc(cpus, sizeof(*dropped)) : NULL;
	uint32_t key = 0;

	if (dropped && !bpf_map_lookup_elem(bpf_map__fd(rec.skel->maps.dropped), &key, dropped))
		for (cpu = 0; cpu < cpus; cpu++)
			trace_lost(rec.trace, cpu, dropped[cpu]);
	free(dropped);
}

static bool ended(double end)
{
	if (env.child > 0 && waitpid(env.child, &env.child_status, WNOHANG) == env.child) {
		env.child = 0;
		return true;
	}
	return stopping || now_s() >= end || trace_failed(rec.trace);
}

static void summary(double seconds)
{
	FILE *f = strcmp(rec.path, "-") ? stdout : stderr;
	uint64_t sum = 0;
	int i;

	for (i = 0; i < EDU_REC_TYPES; i++)
		sum += rec.count[i];
	if (!env.json) {
		char size[32];

		fprintf(f, "%s: %llu events, %s, %.1f s; open it in ui.perfetto.dev\n", rec.path,
			(unsigned long long)sum,
			human(trace_bytes(rec.trace), "bytes", size, sizeof(size)), seconds);
		if (rec.lost)
			fprintf(f, "LOST: %llu events\n", (unsigned long long)rec.lost);
		return;
	}
	fprintf(f, "{\"type\":\"record\",\"file\":");
	json_string(f, rec.path);
	fprintf(f, ",\"seconds\":%.3f,\"bytes\":%llu,\"events\":{", seconds,
		(unsigned long long)trace_bytes(rec.trace));
	for (i = 0; i < EDU_REC_TYPES; i++)
		fprintf(f, "%s\"%s\":%llu", i ? "," : "", type_names[i],
			(unsigned long long)rec.count[i]);
	fprintf(f, "},\"lost\":%llu}\n", (unsigned long long)rec.lost);
}

int record_main(int argc, char **argv)
{
	const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "-o FILE [-- COMMAND [ARG...]]",
		.doc = "Writes a Perfetto trace of the machine while COMMAND runs.",
	};
	const char *obstacle = probe_obstacle();
	int status = FAILED, go = -1;
	struct ring_buffer *ring = NULL;
	double start, end;

	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, NULL);
	if (obstacle) {	/* before FILE is emptied */
		complain("%s", obstacle);
		return FAILED;
	}
	catch_signals();
	rec.trace = trace_open(rec.path);
	if (!rec.trace)
		return FAILED;
	write_system();
	env.filter.tgid = 1;	/* the whole machine: no cgroup for the command */
	if (env.command && start_command(&go) != DONE)
		return FAILED;
	if (attach())
		ring = ring_buffer__new(bpf_map__fd(rec.skel->maps.events), on_record, NULL, NULL);
	start = now_s();
	end = env.duration ? start + env.duration : 1e18;
	if (ring) {
		write_tasks();
		if (env.command && write(go, "", 1) != 1)
			complain("the command is gone");
		while (!ended(end)) {
			ring_buffer__consume(ring);
			usleep(20000);
		}
		detach();
		ring_buffer__consume(ring);
		write_last_gaps();
		ring_buffer__free(ring);
		status = DONE;
	}
	record_bpf__destroy(rec.skel);
	close(go);
	end_command();
	if (trace_close(rec.trace) != DONE || status != DONE)
		return FAILED;
	summary(now_s() - start);
	if (env.command && WIFEXITED(env.child_status) && WEXITSTATUS(env.child_status) == 127)
		return FAILED;
	return flush_output();
}
