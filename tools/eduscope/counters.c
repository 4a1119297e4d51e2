// SPDX-License-Identifier: GPL-2.0
/*
 * The twins' own counters, from debugfs: where each keeps them, and which of
 * them stand for it in one line. A counter that several files have (caches,
 * ports, lines) or several columns (CPUs) is added up.
 */
#include <ctype.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include "eduscope.h"

static const struct {
	const char *name;
	const char *files;	/* below /sys/kernel/debug/NAME */
	const char *line;	/* only lines that begin so, as pairs of name and number */
	const char *headline[6];
} twins[] = {
	{ "edufs", "stats", NULL, { "lookups", "inodes", "extent_maps", "corrupt" } },
	{ "irqdemo", "{line/*,wq}", "counters",
	  { "raised", "handled", "spurious", "lost", "executed" } },
	{ "lpchar", "[0-9]*/stats", NULL, { "written", "read", "irqs", "errors" } },
	{ "sched_edu", "stats", NULL, { "pick", "switch", "preempt_wakeup", "migrate" } },
	{ "slab_edu", "caches/*/stats", NULL,
	  { "alloc_fastpath", "alloc_slowpath", "alloc_sheaf", "alloc_slab" } },
};

/* The name of twin number @i, NULL behind the last. */
const char *twin_name(int i)
{
	return i < (int)ARRAY_SIZE(twins) ? twins[i].name : NULL;
}

bool twin_is_loaded(int i)
{
	return module_loaded(twins[i].name);
}

/* The counters that stand for twin @i; NULL ends them, or the sixth does. */
const char *const *twin_headline(int i)
{
	return twins[i].headline;
}

static int add(struct counter *c, int n, int most, const char *name, uint64_t value)
{
	int i;

	for (i = 0; i < n && strcmp(c[i].name, name); i++)
		;
	if (i == most)
		return n;
	if (i == n) {
		snprintf(c[i].name, sizeof(c[i].name), "%.47s", name);
		c[i].value = 0;
		n++;
	}
	c[i].value += value;
	return n;
}

static int read_counters(FILE *f, const char *begins, struct counter *c, int n, int most)
{
	char line[1024], *word, *save, *end, name[48];
	unsigned long long value;

	while (fgets(line, sizeof(line), f)) {
		word = strtok_r(line, " \t:\n", &save);
		if (!word || (begins && strcmp(word, begins)))
			continue;
		name[0] = 0;
		for (; word; word = strtok_r(NULL, " \t:\n", &save)) {
			value = strtoull(word, &end, 10);
			if (isdigit((unsigned char)*word) && !*end) {
				if (name[0])
					n = add(c, n, most, name, value);
			} else {
				snprintf(name, sizeof(name), "%.47s", word);
			}
		}
	}
	return n;
}

/**
 * twin_counters() - all counters of a twin
 * @i: its number
 * @c: gets them, in the order of the files
 * @most: how many there is room for
 *
 * Return: how many; 0 if it is not loaded or debugfs cannot be read.
 */
int twin_counters(int i, struct counter *c, int most)
{
	char pattern[128];
	glob_t g = {};
	size_t k;
	int n = 0;

	snprintf(pattern, sizeof(pattern), "/sys/kernel/debug/%s/%s", twins[i].name,
		 twins[i].files);
	if (glob(pattern, GLOB_BRACE, NULL, &g))
		return 0;
	for (k = 0; k < g.gl_pathc; k++) {
		FILE *f = fopen(g.gl_pathv[k], "re");

		if (!f)
			continue;
		n = read_counters(f, twins[i].line, c, n, most);
		fclose(f);
	}
	globfree(&g);
	return n;
}
