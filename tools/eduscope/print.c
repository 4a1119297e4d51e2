// SPDX-License-Identifier: GPL-2.0
/*
 * What a probe found: tables for people, or JSON; and single events.
 *
 * The kernel's counters only ever grow; an interval is what they are now less
 * what they were, so that nothing is lost between reading and clearing.
 */
#include <stdlib.h>
#include <string.h>
#include "driver.h"

const char *class_name(uint64_t class)
{
	static const char *const names[] = {
		"stop", "dl", "rt", "fair", "ext", "idle", "other",
	};

	return class < ARRAY_SIZE(names) ? names[class] : "?";
}

static const char *const side_names[] = { "any", "kernel", "edu" };

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
		return class_name(k->id);
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
		if (sigabbrev_np(k->id))
			snprintf(buf, size, "SIG%s", sigabbrev_np(k->id));
		else
			snprintf(buf, size, "signal %llu", k->id);
		return buf;
	case LABEL_RANGE:
		snprintf(buf, size, "%llu %llx+%llx %.16s", k->id, k->aux, r->n[EDU_COUNTERS - 1],
			 r->comm);
		return buf;
	case LABEL_NAME:
	default:
		if (t->twin_names && k->side == EDU_SIDE_TWIN) {
			snprintf(buf, size, "%s line %llu",
				 k->id < (uint64_t)t->n_twin_names ? t->twin_names[k->id] : "?",
				 k->aux);
			return buf;
		}
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
	const struct edu_key *k = &sorting->keys[*(const int *)a];
	const struct edu_key *l = &sorting->keys[*(const int *)b];
	uint64_t x = weight(&sorting->rows[*(const int *)a]);
	uint64_t y = weight(&sorting->rows[*(const int *)b]);

	if (k->side != l->side)
		return k->side - l->side;
	if (x != y)
		return x < y ? 1 : -1;
	return *(const int *)a - *(const int *)b;
}

static void print_table(const struct table *t, const struct row_set *set, const int *order, int n)
{
	static const double shares[] = { 0.5, 0.9, 0.99, 0.999 };
	static const char *const heads[] = { "p50", "p90", "p99", "p99.9", "max" };
	/* A unit of the table's own is what its counters are of: the heading says it. */
	const char *unit = t->unit ? "" : env.probe->unit;
	int shown = 0, of_side = 0, i;
	char buf[128];
	size_t j;

	if (!n)
		return;
	printf("\n%s%-36s", env.both ? "side   " : "", t->name);
	for (j = 0; j < EDU_COUNTERS && t->counters[j]; j++)
		if (t->counters[j][0])
			printf(" %11s", t->counters[j]);
	for (j = 0; t->hist && j < ARRAY_SIZE(heads); j++)
		printf(" %9s", heads[j]);
	putchar('\n');
	for (i = 0; i < n; i++) {
		const struct edu_row *r = &set->rows[order[i]];

		if (i && set->keys[order[i]].side != set->keys[order[i - 1]].side)
			of_side = 0;
		if (of_side++ >= 20 && !env.all)
			continue;
		shown++;
		if (env.both)
			printf("%-7s", side_names[set->keys[order[i]].side]);
		printf("%-36s", label(t, &set->keys[order[i]], r, buf, sizeof(buf)));
		for (j = 0; j < EDU_COUNTERS && t->counters[j]; j++)
			if (t->counters[j][0])
				printf(" %11llu", (unsigned long long)r->n[j]);
		for (j = 0; t->hist && r->hist.count && j < ARRAY_SIZE(shares); j++)
			printf(" %9s", human(hist_percentile(&r->hist, shares[j]), unit, buf,
					     sizeof(buf)));
		if (t->hist && r->hist.count)
			printf(" %9s", human(r->hist.max, unit, buf, sizeof(buf)));
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
	if (k->side)
		printf(",\"side\":\"%s\"", side_names[k->side]);
	printf(",\"id\":%llu", k->id);
	if (t->label == LABEL_PAIR)
		printf(",\"waker\":%u,\"wakee\":%u", (uint32_t)(k->id >> 32), (uint32_t)k->id);
	if (k->aux)
		printf(",\"aux\":%llu", k->aux);
	for (j = 0; j < EDU_COUNTERS && t->counters[j]; j++)
		if (t->counters[j][0])
			printf(",\"%s\":%llu", t->counters[j], (unsigned long long)r->n[j]);
	if (t->hist) {
		printf(",\"unit\":\"%s\",\"hist\":", t->unit ?: env.probe->unit);
		hist_json(stdout, &r->hist);
	}
	puts("}");
}

static void report_lost(struct scopes *s)
{
	static const char *const what[] = { "rows", "states", "events", "missed" };
	uint64_t lost[EDU_LOST_KINDS] = {}, some[EDU_LOST_KINDS];
	int i, j;

	for (i = 0; i < s->n; i++) {
		scope_lost(s->scope[i], some);
		for (j = 0; j < EDU_LOST_KINDS; j++)
			lost[j] += some[j];
	}
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

/*
 * All rows of one scope, less what was printed before, added to @set. What is
 * there now is kept for the next time.
 */
static bool add_rows(struct scope *scope, struct row_set *before, struct row_set *set)
{
	struct row_set now;
	int i, j, t;

	now.n = scope_rows(scope, &now.keys, &now.rows);
	if (now.n < 0)
		return false;
	memcpy(set->keys + set->n, now.keys, now.n * sizeof(*now.keys));
	memcpy(set->rows + set->n, now.rows, now.n * sizeof(*now.rows));
	for (i = 0, j = 0; i < now.n && before->n; i++) {
		struct edu_row *row = &set->rows[set->n + i];

		while (j < before->n &&
		       memcmp(&before->keys[j], &now.keys[i], sizeof(*now.keys)) < 0)
			j++;
		if (j >= before->n || memcmp(&before->keys[j], &now.keys[i], sizeof(*now.keys)))
			continue;
		for (t = 0; t < EDU_COUNTERS - 1; t++)
			row->n[t] -= before->rows[j].n[t];
		hist_subtract(&row->hist, &before->rows[j].hist);
	}
	set->n += now.n;
	free(before->keys);
	free(before->rows);
	*before = now;
	return true;
}

static void draw(const struct edu_hist *total, int side)
{
	if (env.json || !total->count)
		return;
	printf("\n%s%s%s%s\n", env.probe->measures, env.both ? " (" : "",
	       env.both ? side_names[side] : "", env.both ? ")" : "");
	hist_print(stdout, total, env.probe->unit);
}

int report(struct scopes *s)
{
	const struct probe *p = env.probe;
	struct edu_hist total[3] = {};
	struct row_set set = {};
	int *order, t, i, n;

	order = malloc(s->n * SCOPE_ROWS * sizeof(*order));
	set.keys = malloc(s->n * SCOPE_ROWS * sizeof(*set.keys));
	set.rows = malloc(s->n * SCOPE_ROWS * sizeof(*set.rows));
	for (i = 0; order && set.keys && set.rows && i < s->n; i++)
		if (!add_rows(s->scope[i], &s->before[i], &set))
			break;
	if (i < s->n) {
		complain("no memory for the result");
		return FAILED;
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
				hist_merge(&total[set.keys[order[i]].side],
					   &set.rows[order[i]].hist);
		}
	}
	for (i = 0; i < 3; i++)
		draw(&total[i], i);
	report_lost(s);
	free(order);
	free(set.keys);
	free(set.rows);
	return flush_output();
}

static void print_arg(const char *name, uint64_t value)
{
	size_t length = strlen(name);
	char buf[32];

	if (length > 3 && !strcmp(name + length - 3, "_ns"))
		printf(" %.*s=%s", (int)length - 3, name, human_ns(value, buf, sizeof(buf)));
	else
		printf(" %s=%lld", name, (long long)value);
}

void print_event(const struct edu_event *e)
{
	const struct event_type *t;
	int i;

	if (e->type >= (uint32_t)env.probe->n_events)
		return;
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
		return;
	}
	printf("%14.6f  cpu %-2u %-16.16s %7u  %-10s", e->ts / 1e9, e->cpu, e->comm, e->tid,
	       t->name);
	if (t->text)
		printf(" %.32s", e->name);
	for (i = 0; i < EDU_EVENT_ARGS && t->args[i]; i++)
		print_arg(t->args[i], e->arg[i]);
	putchar('\n');
}
