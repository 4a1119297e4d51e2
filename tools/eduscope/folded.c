// SPDX-License-Identifier: GPL-2.0
/*
 * --folded: one line for each stack, as flame graph tools read it: the task, the
 * user's functions, the kernel's, outermost first, and a number.
 *
 * The kernel keeps addresses. Lines whose functions are the same are added up,
 * so an address within a function does not matter.
 */
#include <bpf/bpf.h>
#include <stdlib.h>
#include <string.h>
#include "driver.h"

struct line {
	char *text;
	uint64_t amount;
};

/* Tell usym of processes while they live; they may be gone at the end. */
void folded_learn(struct scopes *s)
{
	int i;

	for (i = 0; i < s->n; i++)
		scope_processes(s->scope[i], usym_learn);
}

/* What stands on every stack because we looked. */
static bool ours(const char *name)
{
	static const char *const begins[] = {
		"bpf_", "__bpf_", "__traceiter_", "trace_call_bpf",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(begins); i++)
		if (!strncmp(name, begins[i], strlen(begins[i])))
			return true;
	return false;
}

/* The signs that have a meaning in the line are not the name's to use. */
static void put(FILE *f, const char *name)
{
	for (; *name; name++)
		fputc(*name == ';' || *name == ' ' || *name == '\n' ? '_' : *name, f);
}

static void put_stack(FILE *f, int map, uint32_t id, uint32_t pid)
{
	uint64_t ip[EDU_STACK_DEPTH] = {};
	int i, n = 0;

	if ((int32_t)id < 0 || bpf_map_lookup_elem(map, &id, ip))
		return;
	while (n < EDU_STACK_DEPTH && ip[n])
		n++;
	for (i = n - 1; i >= 0; i--) {
		/* what is returned to is behind the call */
		uint64_t at = i ? ip[i] - 1 : ip[i];

		const char *name = pid ? usym(pid, at) : ksym(at);

		if (!pid && ours(name))
			continue;
		fputc(';', f);
		put(f, name);
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct line *)a)->text, ((const struct line *)b)->text);
}

static int add_lines(struct scope *s, struct line **lines, int n)
{
	struct edu_key *keys;
	struct edu_row *rows;
	int map = scope_stacks(s), count = scope_rows(s, &keys, &rows), i;
	struct line *more;

	more = count < 0 ? NULL : realloc(*lines, (n + count + 1) * sizeof(*more));
	if (!more)
		return n;
	*lines = more;
	for (i = 0; i < count; i++) {
		size_t size;
		FILE *f;

		if (keys[i].table != EDU_FOLDED)
			continue;
		f = open_memstream(&more[n].text, &size);
		if (!f)
			continue;
		put(f, rows[i].comm);
		put_stack(f, map, keys[i].id >> 32, keys[i].aux);
		put_stack(f, map, keys[i].id, 0);
		fclose(f);
		more[n++].amount = rows[i].n[0];
	}
	free(keys);
	free(rows);
	return n;
}

int report_folded(struct scopes *s)
{
	struct line *lines = NULL;
	uint64_t lost[EDU_LOST_KINDS], sum;
	int n = 0, i, j;

	for (i = 0; i < s->n; i++)
		n = add_lines(s->scope[i], &lines, n);
	if (n)
		qsort(lines, n, sizeof(*lines), by_text);
	for (i = 0; i < n; i = j) {
		for (sum = 0, j = i; j < n && !strcmp(lines[i].text, lines[j].text); j++)
			sum += lines[j].amount;
		sum /= env.probe->folded_unit;
		if (sum)
			printf("%s %llu\n", lines[i].text, (unsigned long long)sum);
	}
	for (i = 0; i < n; i++)
		free(lines[i].text);
	free(lines);
	/* Not among the lines: a flame graph would take it for a stack. */
	for (i = 0; i < s->n; i++) {
		scope_lost(s->scope[i], lost);
		if (lost[EDU_LOST_ROW] || lost[EDU_LOST_STATE])
			complain("LOST: %llu rows, %llu stacks or states",
				 (unsigned long long)lost[EDU_LOST_ROW],
				 (unsigned long long)lost[EDU_LOST_STATE]);
	}
	return flush_output();
}
