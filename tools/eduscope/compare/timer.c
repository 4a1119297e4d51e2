// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's timers against irqdemo's, by the bench file of the module: what
 * arming, moving and taking out costs while 10,000 others are pending, and how
 * late timers run; the histogram is of the wheels'.
 */
#include <errno.h>
#include <string.h>
#include "compare/compare.h"

#define BENCH "/sys/kernel/debug/irqdemo/bench/timer"

static const struct metric metrics[] = {
	{ "wheel_add", "ns", true },
	{ "wheel_mod", "ns", true },
	{ "wheel_del", "ns", true },
	{ "wheel_late_p50", "ns", true },
	{ "tree_add", "ns", true },
	{ "tree_mod", "ns", true },
	{ "tree_del", "ns", true },
	{ "tree_late_p50", "ns", true },
	{}
};

static int measure_one(int side, const char *what, int first, struct result *r)
{
	static const char *const words[] = { "add", "mod", "del", "late_p50" };
	char line[128], word[32];
	unsigned long long value, count;
	FILE *f = fopen(BENCH, "w");
	int err, i;

	if (!f)
		return -errno;
	fprintf(f, "side=%s what=%s pending=10000 ops=1000", side ? "edu" : "kernel", what);
	err = fclose(f) ? -errno : 0;
	f = err ? NULL : fopen(BENCH, "r");
	if (!f)
		return err ?: -errno;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%31s %llu %llu", word, &value, &count) < 2)
			continue;
		for (i = 0; i < (int)ARRAY_SIZE(words); i++) {
			if (strcmp(word, words[i]))
				continue;
			r->value[first + i] = value;
			r->given[first + i] = true;
		}
		if (!strcmp(word, "bucket") && !strcmp(what, "wheel"))
			while (count--)
				hist_add(&r->hist, value);
	}
	fclose(f);
	return 0;
}

static int run(int side, struct result *r)
{
	return measure_one(side, "wheel", 0, r) ?: measure_one(side, "tree", 4, r);
}

const struct comparison timer_twin = {
	.name = "timer",
	.title = "the kernel's timers against irqdemo's",
	.side = { "kernel", "edu" },
	.module = "irqdemo",
	.workload = "1,000 operations beside 10,000 pending timers; 100 timers run",
	.measures = "how late a timer of the wheel runs",
	.metrics = metrics,
	.run = run,
};
