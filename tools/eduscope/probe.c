// SPDX-License-Identifier: GPL-2.0
/*
 * The driver of all probes: options, filter, load, attach, wait, read, print,
 * detach. A probe only describes its rows (probes/NAME.c).
 *
 * The kernel's counters only ever grow; an interval is what they are now less
 * what they were, so that nothing is lost between reading and clearing.
 * What is attached hangs on file descriptors: it ends with this process, even
 * with kill -9, unless --pin was given.
 */
#include <argp.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "eduscope.h"
#include "compare/compare.h"

#define CGROUPS "/sys/fs/cgroup"
#define PINS "/sys/fs/bpf/eduscope"

struct scope {
	const struct probe *probe;
	struct bpf_object_skeleton *skeleton;
	void *skel;
	int rows;
	int lost;
};

struct row_set {
	struct edu_key *keys;
	struct edu_row *rows;
	int n;
};

static struct {
	const struct probe *probe;
	struct edu_filter filter;
	const char *cgroup;
	double duration;
	double interval;
	bool json;
	bool events;
	bool pin;
	bool all;
	int cost;
	char **command;
	char own_group[128];
	pid_t child;
	int child_status;
	double start;
	struct row_set before;
} env;

static char last_warning[256];

static int keep_warning(enum libbpf_print_level level, const char *fmt, va_list args)
{
	if (getenv("EDUSCOPE_DEBUG"))
		return vfprintf(stderr, fmt, args);
	if (level == LIBBPF_WARN && !last_warning[0]) {
		vsnprintf(last_warning, sizeof(last_warning), fmt, args);
		last_warning[strcspn(last_warning, "\n")] = 0;
	}
	return 0;
}

/*
 * Functions come and go with kernels and compilers: leave out the programs
 * whose function this kernel does not have, and tell of them.
 */
static void choose_programs(struct bpf_object *object, bool quiet)
{
	struct btf *btf = btf__load_vmlinux_btf();
	struct bpf_program *prog;
	const char *section;

	bpf_object__for_each_program(prog, object) {
		section = bpf_program__section_name(prog);
		if (strncmp(section, "fentry/", 7) && strncmp(section, "fexit/", 6))
			continue;
		section = strchr(section, '/') + 1;
		if (!btf || btf__find_by_name_kind(btf, section, BTF_KIND_FUNC) > 0)
			continue;
		bpf_program__set_autoload(prog, false);
		if (!quiet)
			complain("no function %s in this kernel: what it would tell is missing",
				 section);
	}
	btf__free(btf);
}

struct scope *scope_open(const struct probe *probe, const struct edu_filter *filter, bool quiet)
{
	const char *obstacle = probe_obstacle();
	struct scope *s;
	int err;

	if (obstacle) {
		complain("%s", obstacle);
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	libbpf_set_print(keep_warning);
	last_warning[0] = 0;
	s->probe = probe;
	s->skel = probe->open(filter, &s->skeleton);
	if (!s->skel) {
		complain("%s: %s", probe->name, strerror(errno));
		free(s);
		return NULL;
	}
	choose_programs(*s->skeleton->obj, quiet);
	err = bpf_object__load_skeleton(s->skeleton);
	if (!err)
		err = bpf_object__attach_skeleton(s->skeleton);
	if (err) {
		complain("%s does not work on this kernel: %s%s%s", probe->name, strerror(-err),
			 last_warning[0] ? ": " : "", last_warning);
		scope_close(s);
		return NULL;
	}
	s->rows = bpf_object__find_map_fd_by_name(*s->skeleton->obj, "rows");
	s->lost = bpf_object__find_map_fd_by_name(*s->skeleton->obj, "lost");
	return s;
}

int scope_ring(struct scope *s)
{
	return bpf_object__find_map_fd_by_name(*s->skeleton->obj, "events");
}

void scope_close(struct scope *s)
{
	if (!s)
		return;
	s->probe->destroy(s->skel);
	free(s);
}

void scope_lost(struct scope *s, uint64_t lost[EDU_LOST_KINDS])
{
	uint32_t kind;

	for (kind = 0; kind < EDU_LOST_KINDS; kind++)
		if (bpf_map_lookup_elem(s->lost, &kind, &lost[kind]))
			lost[kind] = 0;
}

struct named {
	struct edu_key key;
	struct edu_row row;
};

static int by_key(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct edu_key));
}

/**
 * scope_rows() - all rows of a probe, those of several CPUs added up
 * @s: an attached probe
 * @keys: gets a new array, ordered by bytes, with every cpu 0
 * @rows: gets a new array, to the same order
 *
 * Return: how many, or -1 with errno.
 */
int scope_rows(struct scope *s, struct edu_key **keys, struct edu_row **rows)
{
	struct named *all = malloc(EDU_ROWS * sizeof(*all));
	struct edu_key key, *last = NULL;
	int n = 0, out = 0, i, j;

	*keys = calloc(EDU_ROWS, sizeof(**keys));
	*rows = calloc(EDU_ROWS, sizeof(**rows));
	if (!all || !*keys || !*rows)
		goto fail;
	while (n < EDU_ROWS && !bpf_map_get_next_key(s->rows, last, &key)) {
		all[n].key = key;
		last = &key;
		if (bpf_map_lookup_elem(s->rows, &key, &all[n].row))
			continue;
		all[n++].key.cpu = 0;
	}
	qsort(all, n, sizeof(*all), by_key);
	for (i = 0; i < n; i++) {
		if (out && !memcmp(&(*keys)[out - 1], &all[i].key, sizeof(key))) {
			/* the last counter is a size, the same on all */
			for (j = 0; j < EDU_COUNTERS - 1; j++)
				(*rows)[out - 1].n[j] += all[i].row.n[j];
			hist_merge(&(*rows)[out - 1].hist, &all[i].row.hist);
		} else {
			(*keys)[out] = all[i].key;
			(*rows)[out++] = all[i].row;
		}
	}
	free(all);
	return out;
fail:
	free(all);
	free(*keys);
	free(*rows);
	errno = ENOMEM;
	return -1;
}

static const char *const class_names[] = { "stop", "dl", "rt", "fair", "ext", "idle", "other" };

static const char *task_name(uint32_t tid, const char *comm, char *buf, size_t size)
{
	if (tid == EDU_WAKER_HARDIRQ)
		snprintf(buf, size, "(interrupt)");
	else if (tid == EDU_WAKER_SOFTIRQ)
		snprintf(buf, size, "(softirq)");
	else
		snprintf(buf, size, "%.16s:%u", comm, tid);
	return buf;
}

/* What the row is about, for people. */
static const char *label(const struct table *t, const struct edu_key *k,
			 const struct edu_row *r, char *buf, size_t size)
{
	char a[48], b[48];

	switch (t->label) {
	case LABEL_TASK:
		return task_name(k->id, r->comm, buf, size);
	case LABEL_CLASS:
		return k->id < ARRAY_SIZE(class_names) ? class_names[k->id] : "?";
	case LABEL_CPU:
		snprintf(buf, size, "cpu %llu", k->id);
		return buf;
	case LABEL_PAIR:
		snprintf(buf, size, "%s > %s", task_name(k->id >> 32, r->comm, a, sizeof(a)),
			 task_name(k->id, r->peer, b, sizeof(b)));
		return buf;
	case LABEL_NUMBER:
		snprintf(buf, size, "%llu%s%.16s", k->id, r->comm[0] ? " " : "", r->comm);
		return buf;
	case LABEL_SYMBOL:
		return ksym(k->id);
	case LABEL_OPERATION:
		snprintf(buf, size, "%.16s %s", r->comm,
			 k->id < (uint64_t)t->n_names ? t->names[k->id] : "?");
		return buf;
	case LABEL_SYSCALL:
		return syscall_name(k->id, buf, size);
	case LABEL_SIGNAL:
		snprintf(buf, size, "SIG%s", sigabbrev_np(k->id) ?: "?");
		return buf;
	case LABEL_RANGE:
		snprintf(buf, size, "%llu %llx+%llx %.16s", k->id, k->aux, r->n[EDU_COUNTERS - 1],
			 r->comm);
		return buf;
	case LABEL_NAME:
	default:
		if (t->names && k->id < (uint64_t)t->n_names)
			return t->names[k->id];
		snprintf(buf, size, "%.16s", r->comm);
		return buf;
	}
}

static bool empty(const struct edu_row *r)
{
	int i;

	for (i = 0; i < EDU_COUNTERS; i++)
		if (r->n[i])
			return false;
	return !r->hist.count;
}

static const struct row_set *sorting;

static uint64_t weight(const struct edu_row *r)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < EDU_COUNTERS - 1; i++)
		sum += r->n[i];
	return sum ?: r->hist.count;
}

static int by_weight(const void *a, const void *b)
{
	uint64_t x = weight(&sorting->rows[*(const int *)a]);
	uint64_t y = weight(&sorting->rows[*(const int *)b]);

	return (x < y) - (x > y);
}

static void print_table(const struct table *t, const struct row_set *set, const int *order, int n)
{
	static const double shares[] = { 0.5, 0.9, 0.99, 0.999 };
	static const char *const heads[] = { "p50", "p90", "p99", "p99.9", "max" };
	int shown = env.all || n <= 20 ? n : 20, i;
	char buf[128];
	size_t j;

	if (!n)
		return;
	printf("\n%-36s", t->name);
	for (j = 0; j < EDU_COUNTERS && t->counters[j]; j++)
		if (t->counters[j][0])
			printf(" %11s", t->counters[j]);
	for (j = 0; t->hist && j < ARRAY_SIZE(heads); j++)
		printf(" %9s", heads[j]);
	putchar('\n');
	for (i = 0; i < shown; i++) {
		const struct edu_row *r = &set->rows[order[i]];

		printf("%-36s", label(t, &set->keys[order[i]], r, buf, sizeof(buf)));
		for (j = 0; j < EDU_COUNTERS && t->counters[j]; j++)
			if (t->counters[j][0])
				printf(" %11llu", (unsigned long long)r->n[j]);
		for (j = 0; t->hist && r->hist.count && j < ARRAY_SIZE(shares); j++)
			printf(" %9s", human(hist_percentile(&r->hist, shares[j]),
					     env.probe->unit, buf, sizeof(buf)));
		if (t->hist && r->hist.count)
			printf(" %9s", human(r->hist.max, env.probe->unit, buf, sizeof(buf)));
		putchar('\n');
	}
	if (shown < n)
		printf("(%d more: --all)\n", n - shown);
}

static void json_row(const struct table *t, const struct edu_key *k, const struct edu_row *r)
{
	char buf[128];
	size_t j;

	printf("{\"type\":\"row\",\"probe\":\"%s\",\"table\":\"%s\",\"label\":",
	       env.probe->name, t->name);
	json_string(stdout, label(t, k, r, buf, sizeof(buf)));
	printf(",\"id\":%llu", k->id);
	if (t->label == LABEL_PAIR)
		printf(",\"waker\":%u,\"wakee\":%u", (uint32_t)(k->id >> 32), (uint32_t)k->id);
	if (k->aux)
		printf(",\"aux\":%llu", k->aux);
	for (j = 0; j < EDU_COUNTERS && t->counters[j]; j++)
		if (t->counters[j][0])
			printf(",\"%s\":%llu", t->counters[j], (unsigned long long)r->n[j]);
	if (t->hist) {
		printf(",\"unit\":\"%s\",\"hist\":", env.probe->unit);
		hist_json(stdout, &r->hist);
	}
	puts("}");
}

static void report_lost(struct scope *s)
{
	static const char *const what[] = { "rows", "states", "events" };
	uint64_t lost[EDU_LOST_KINDS];
	int i;

	scope_lost(s, lost);
	if (env.json) {
		printf("{\"type\":\"end\",\"probe\":\"%s\",\"seconds\":%.3f,\"lost\":{",
		       env.probe->name, now_s() - env.start);
		for (i = 0; i < EDU_LOST_KINDS; i++)
			printf("%s\"%s\":%llu", i ? "," : "", what[i],
			       (unsigned long long)lost[i]);
		puts("}}");
		return;
	}
	for (i = 0; i < EDU_LOST_KINDS; i++)
		if (lost[i])
			printf("LOST: %llu %s\n", (unsigned long long)lost[i], what[i]);
}

/* Read all rows, take away what was printed before, print. */
static int report(struct scope *s)
{
	const struct probe *p = env.probe;
	struct row_set set = {};
	struct edu_hist total = {};
	struct row_set raw;
	int *order, t, i, j, n;

	set.n = scope_rows(s, &set.keys, &set.rows);
	order = malloc(EDU_ROWS * sizeof(*order));
	raw.rows = malloc(EDU_ROWS * sizeof(*raw.rows));
	if (set.n < 0 || !order || !raw.rows) {
		complain("no memory for the result");
		return FAILED;
	}
	memcpy(raw.rows, set.rows, set.n * sizeof(*set.rows));
	for (i = 0, j = 0; i < set.n && env.before.n; i++) {
		while (j < env.before.n &&
		       memcmp(&env.before.keys[j], &set.keys[i], sizeof(*set.keys)) < 0)
			j++;
		if (j >= env.before.n || memcmp(&env.before.keys[j], &set.keys[i],
						sizeof(*set.keys)))
			continue;
		for (t = 0; t < EDU_COUNTERS - 1; t++)
			set.rows[i].n[t] -= env.before.rows[j].n[t];
		hist_subtract(&set.rows[i].hist, &env.before.rows[j].hist);
	}
	if (!env.json)
		printf("%s, %.1f s\n", p->name, now_s() - env.start);
	for (t = 0; t < p->n_tables; t++) {
		for (i = 0, n = 0; i < set.n; i++)
			if ((int)set.keys[i].table == t && !empty(&set.rows[i]))
				order[n++] = i;
		sorting = &set;
		qsort(order, n, sizeof(*order), by_weight);
		for (i = 0; i < n && env.json; i++)
			json_row(&p->tables[t], &set.keys[order[i]], &set.rows[order[i]]);
		if (!env.json)
			print_table(&p->tables[t], &set, order, n);
		for (i = 0; i < n && t == p->top_table; i++) {
			/* the idle class waits on its CPU; that says nothing */
			if (p->tables[t].label != LABEL_CLASS ||
			    set.keys[order[i]].id != EDU_CLASS_IDLE)
				hist_merge(&total, &set.rows[order[i]].hist);
		}
	}
	if (!env.json && total.count) {
		printf("\n%s\n", p->measures);
		hist_print(stdout, &total, p->unit);
	}
	report_lost(s);
	free(order);
	free(env.before.keys);
	free(env.before.rows);
	free(set.rows);
	env.before = (struct row_set){ set.keys, raw.rows, set.n };
	return flush_output();
}

static int print_event(void *ctx, void *data, size_t size)
{
	const struct edu_event *e = data;
	const struct event_type *t;
	int i;

	if (e->type >= (uint32_t)env.probe->n_events)
		return 0;
	t = &env.probe->events[e->type];
	if (env.json) {
		printf("{\"type\":\"event\",\"probe\":\"%s\",\"event\":\"%s\",\"ts\":%llu",
		       env.probe->name, t->name, e->ts);
		printf(",\"cpu\":%u,\"tid\":%u,\"tgid\":%u,\"comm\":", e->cpu, e->tid, e->tgid);
		json_string(stdout, e->comm);
		if (t->text) {
			fputs(",\"name\":", stdout);
			json_string(stdout, e->name);
		}
		for (i = 0; i < EDU_EVENT_ARGS && t->args[i]; i++)
			printf(",\"%s\":%lld", t->args[i], (long long)e->arg[i]);
		puts("}");
		return 0;
	}
	printf("%14.6f  cpu %-2u %-16.16s %7u  %-10s", e->ts / 1e9, e->cpu, e->comm, e->tid,
	       t->name);
	if (t->text)
		printf(" %.32s", e->name);
	for (i = 0; i < EDU_EVENT_ARGS && t->args[i]; i++)
		printf(" %s=%lld", t->args[i], (long long)e->arg[i]);
	putchar('\n');
	return 0;
}

/* Keep links and maps for bpftool, under PINS/PROBE. */
static int pin_scope(struct scope *s)
{
	struct bpf_object_skeleton *sk = s->skeleton;
	char path[256];
	int i, err = 0;

	mkdir(PINS, 0700);
	snprintf(path, sizeof(path), PINS "/%s", env.probe->name);
	if (mkdir(path, 0700)) {
		complain("cannot make %s: %s%s", path, strerror(errno),
			 errno == EEXIST ? " (an earlier --pin: remove it to detach)" : "");
		return FAILED;
	}
	for (i = 0; i < sk->map_cnt && !err; i++) {
		struct bpf_map_skeleton *m = (void *)sk->maps + i * sk->map_skel_sz;

		if (strchr(m->name, '.'))
			continue;
		snprintf(path, sizeof(path), PINS "/%s/%s", env.probe->name, m->name);
		err = bpf_map__pin(*m->map, path);
	}
	for (i = 0; i < sk->prog_cnt && !err; i++) {
		struct bpf_prog_skeleton *p = (void *)sk->progs + i * sk->prog_skel_sz;

		if (!*p->link)
			continue;
		snprintf(path, sizeof(path), PINS "/%s/%s", env.probe->name, p->name);
		err = bpf_link__pin(*p->link, path);
	}
	if (err) {
		complain("cannot pin %s: %s", path, strerror(-err));
		return FAILED;
	}
	printf("%s is attached until you remove " PINS "/%s\n", env.probe->name, env.probe->name);
	return flush_output();
}

static int use_cgroup(const char *path)
{
	struct stat st;
	const char *c;

	if (stat(path, &st) || strncmp(path, CGROUPS, strlen(CGROUPS))) {
		complain("no cgroup '%s': name a folder below " CGROUPS, path);
		return FAILED;
	}
	env.filter.cgroup = st.st_ino;
	env.filter.level = 0;
	for (c = path + strlen(CGROUPS); *c; c++)
		if (*c == '/' && c[1] && c[1] != '/')
			env.filter.level++;
	return DONE;
}

/*
 * Start the command, held back until what watches it is attached. It gets a
 * cgroup of its own, so that its children are watched with it.
 */
static int start_command(int *go)
{
	int ends[2], hold;
	char path[192];
	FILE *f;

	if (pipe2(ends, O_CLOEXEC))
		return FAILED;
	env.child = fork();
	if (env.child < 0)
		return FAILED;
	if (!env.child) {
		char byte;

		close(ends[1]);
		signal(SIGPIPE, SIG_DFL);
		if (read(ends[0], &byte, 1) != 1)
			_exit(127);
		execvp(env.command[0], env.command);
		complain("cannot run %s: %s", env.command[0], strerror(errno));
		_exit(127);
	}
	close(ends[0]);
	*go = ends[1];
	if (env.filter.tgid || env.filter.tid || env.filter.cgroup)
		return DONE;
	snprintf(env.own_group, sizeof(env.own_group), CGROUPS "/eduscope.%d", getpid());
	hold = access(CGROUPS "/cgroup.procs", W_OK) || mkdir(env.own_group, 0755);
	if (!hold) {
		snprintf(path, sizeof(path), "%s/cgroup.procs", env.own_group);
		f = fopen(path, "we");
		hold = !f || fprintf(f, "%d", env.child) < 0;
		hold = (f && fclose(f)) || hold;
	}
	if (hold) {
		complain("no cgroup2 at " CGROUPS ": only the command's first process is watched");
		env.own_group[0] = 0;
		env.filter.tgid = env.child;
		return DONE;
	}
	return use_cgroup(env.own_group);
}

static void end_command(void)
{
	int i;

	if (env.child > 0) {
		kill(env.child, SIGTERM);
		waitpid(env.child, &env.child_status, 0);
		env.child = 0;
	}
	for (i = 0; env.own_group[0] && rmdir(env.own_group) && errno == EBUSY && i < 50; i++)
		usleep(20000);
	env.own_group[0] = 0;
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

static int watch(struct scope *s)
{
	double tick = env.interval ?: 1e9, next = now_s() + tick, end = 1e18;
	struct ring_buffer *ring = NULL;
	int status = DONE;

	if (env.duration)
		end = now_s() + env.duration;
	if (env.filter.events) {
		ring = ring_buffer__new(scope_ring(s), print_event, NULL, NULL);
		if (!ring) {
			complain("no ring buffer: %s", strerror(errno));
			return FAILED;
		}
	}
	while (!stopping && status == DONE && now_s() < end && !target_gone()) {
		double left = (next < end ? next : end) - now_s();

		if (left > 0.05)
			left = 0.05;
		if (ring) {
			ring_buffer__poll(ring, left * 1000);
			status = flush_output();
		} else if (left > 0) {
			usleep(left * 1e6);
		}
		if (now_s() >= next && env.interval) {
			next += tick;
			status = report(s);
		}
	}
	if (ring) {
		ring_buffer__consume(ring);
		ring_buffer__free(ring);
	}
	if (status != DONE)
		return status;
	if (env.filter.events && env.probe->events_first) {
		report_lost(s);
		return flush_output();
	}
	return report(s);
}

/* The command, with the probe and without, in turn: what the probe costs. */
static int cost(void)
{
	double *sample[2], t;
	struct verdict v;
	int i, side, go;
	char a[32], b[32];

	for (side = 0; side < 2; side++)
		sample[side] = calloc(env.cost, sizeof(double));
	for (i = -1; i < env.cost && !stopping; i++) {
		for (side = 0; side < 2; side++) {
			struct edu_filter all = {};
			struct scope *s = side ? scope_open(env.probe, &all, true) : NULL;
			int saved = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY);

			if (side && !s)
				return FAILED;
			env.filter = (struct edu_filter){ .tgid = 1 };
			fflush(stdout);
			dup2(null, STDOUT_FILENO);
			start_command(&go);
			dup2(saved, STDOUT_FILENO);
			close(saved);
			close(null);
			t = now_s();
			if (write(go, "", 1) != 1)
				return FAILED;
			waitpid(env.child, &env.child_status, 0);
			env.child = 0;
			close(go);
			if (i >= 0)	/* the first pair warms up */
				sample[side][i] = now_s() - t;
			scope_close(s);
		}
	}
	if (stopping)
		return FAILED;
	judge(sample[0], sample[1], env.cost, true, &v);
	printf("%s costs: %s without, %s with, ratio %.3f (%.3f .. %.3f, %.1f %% sure), %d pairs\n",
	       env.probe->name, human_ns(v.median[0] * 1e9, a, sizeof(a)),
	       human_ns(v.median[1] * 1e9, b, sizeof(b)), v.ratio, v.low, v.high,
	       v.confidence * 100, env.cost);
	return flush_output();
}

static double parse_number(const char *arg, struct argp_state *state, double least)
{
	char *end;
	double value = strtod(arg, &end);

	if (*end || end == arg || !(value >= least) || value > 4e9)
		argp_error(state, "'%s' is not a number of at least %g", arg, least);
	return value;
}

enum { OPT_JSON = 256, OPT_PIN, OPT_COST, OPT_ALL };

static const struct argp_option options[] = {
	{ "pid", 'p', "PID", 0, "only this process", 0 },
	{ "tid", 't', "TID", 0, "only this thread", 0 },
	{ "cgroup", 'c', "PATH", 0, "only tasks in this cgroup and below", 0 },
	{ "duration", 'd', "SECONDS", 0, "stop after that long", 0 },
	{ "interval", 'i', "SECONDS", 0, "print what came in each interval", 0 },
	{ "events", 'e', NULL, 0, "print single events as well", 0 },
	{ "json", OPT_JSON, NULL, 0, "one JSON object a line", 0 },
	{ "all", OPT_ALL, NULL, 0, "all rows, not the 20 largest", 0 },
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
	case OPT_JSON:
		env.json = true;
		break;
	case OPT_ALL:
		env.all = true;
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
		if (env.pin && env.command)
			argp_error(state, "--pin and a COMMAND do not go together");
		if (env.events && !env.probe->n_events)
			argp_error(state, "%s has no single events", env.probe->name);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static int check_target(void)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%u", env.filter.tgid ?: env.filter.tid);
	if ((env.filter.tgid || env.filter.tid) && access(path, F_OK)) {
		complain("no %s %s", env.filter.tgid ? "process" : "thread", path + 6);
		return FAILED;
	}
	if (env.cgroup)
		return use_cgroup(env.cgroup);
	return DONE;
}

int probe_main(const struct probe *probe, int argc, char **argv)
{
	const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "[-- COMMAND [ARG...]]",
		.doc = probe->doc,
	};
	int status, go = -1;
	struct scope *s;

	env.probe = probe;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, NULL);
	env.filter.self = getpid();
	env.filter.events = env.events || probe->events_first;
	catch_signals();
	status = check_target();
	if (status != DONE)
		return status;
	if (env.cost)
		return cost();
	if (env.command)
		status = start_command(&go);
	s = status == DONE ? scope_open(probe, &env.filter, env.json) : NULL;
	if (!s) {
		close(go);
		end_command();
		return FAILED;
	}
	env.start = now_s();
	if (env.pin) {
		status = pin_scope(s);
	} else {
		if (env.command && write(go, "", 1) != 1)
			complain("the command is gone");
		if (isatty(STDERR_FILENO) && !env.json && !env.duration && !env.command)
			fprintf(stderr, "eduscope: %s is watching; Ctrl-C ends it\n", probe->name);
		status = watch(s);
	}
	scope_close(s);
	end_command();
	if (status == DONE && env.command && WIFEXITED(env.child_status) &&
	    WEXITSTATUS(env.child_status) == 127)
		return FAILED;
	return status;
}
