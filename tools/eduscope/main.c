// SPDX-License-Identifier: GPL-2.0
/* eduscope: what the first word means. */
#include <argp.h>
#include <string.h>
#include "eduscope.h"
#include "probes/probes.h"

const struct probe *const probes[] = {
	&switch_probe, &wakeup_probe,
	&fault_probe, &lifecycle_probe, &slab_probe, &fs_probe,
	&fs_journal_probe,
	&irq_probe, &softirq_probe, &work_probe, &signal_probe, &syscall_probe,
};

const int n_probes = ARRAY_SIZE(probes);

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{ "compare", compare_main, "two implementations, the same work, side by side" },
	{ "doctor", doctor_main, "what works on this kernel, and why the rest does not" },
	{ "record", record_main, "a Perfetto trace of the machine while a command runs" },
	{ "sched", sched_main, "sched_edu as the scheduler: start, run, stop, show, set, tune" },
	{ "status", status_main, "the twins: loaded, used by whom, their counters" },
	{ "top", top_main, "all CPUs and the twins, live" },
};

/* A name of two words has a - between them, but for who types it. */
static char *as_typed(const char *name)
{
	static char words[32];
	char *dash;

	snprintf(words, sizeof(words), "%s", name);
	dash = strchr(words, '-');
	if (dash)
		*dash = ' ';
	return words;
}

static void print_help(FILE *f)
{
	size_t i;

	fputs("usage: eduscope COMMAND [OPTION...]\n\nprobes of the running kernel:\n", f);
	for (i = 0; i < ARRAY_SIZE(probes); i++)
		fprintf(f, "  %-10s %s\n", as_typed(probes[i]->name), probes[i]->summary);
	fputs("\nand:\n", f);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(f, "  %-10s %s\n", commands[i].name, commands[i].summary);
	fputs("\neduscope COMMAND --help tells more; eduscope --version.\n", f);
}

const struct probe *find_probe(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		if (!strcmp(probes[i]->name, name))
			return probes[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct probe *probe;
	static char name[64];
	size_t i;

	argp_err_exit_status = MISUSED;
	if (argc < 2) {
		print_help(stderr);
		return MISUSED;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help")) {
		print_help(stdout);
		return flush_output();
	}
	if (!strcmp(argv[1], "--version")) {
		puts("eduscope " EDUSCOPE_VERSION);
		return flush_output();
	}
	snprintf(name, sizeof(name), "%.20s-%.20s", argv[1], argc > 2 ? argv[2] : "");
	probe = find_probe(name);
	if (probe) {
		argc--;
		argv++;
		argv[1] = as_typed(probe->name);
	} else {
		probe = find_probe(argv[1]);
	}
	snprintf(name, sizeof(name), "eduscope %.40s", argv[1]);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i].name, argv[1]))
			break;
	if (!probe && i == ARRAY_SIZE(commands)) {
		complain("there is no command '%s'; eduscope --help lists them", argv[1]);
		return MISUSED;
	}
	argv[1] = name;
	if (probe)
		return probe_main(probe, argc - 1, argv + 1);
	return commands[i].main(argc - 1, argv + 1);
}
