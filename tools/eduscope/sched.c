// SPDX-License-Identifier: GPL-2.0
/*
 * sched: sched_edu as the machine's scheduler: start, stop, look, turn.
 *
 * A started scheduler is a pinned link, so it stays when we end; "run" holds the
 * link itself, so that the machine goes back with us, whatever ends us.
 */
#include <argp.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "driver.h"

#define DEBUGFS "/sys/kernel/debug/sched_edu/"
#define PIN "/sys/fs/bpf/edu_ops"
#define SCX "/sys/kernel/sched_ext/"

static struct {
	bool partial, json, reset;
	const char *policy;
	const char *prio, *runtime, *deadline, *period;
	char **arg;
	int args;
} opt = { .policy = NULL };

enum { RUNTIME = 256, DEADLINE, PERIOD, PRIO, POLICY, PARTIAL, RESET };

static const struct argp_option options[] = {
	{ "partial", PARTIAL, NULL, 0, "start, run: only tasks under chrt --ext", 0 },
	{ "policy", POLICY, "NAME", 0, "set: fifo, rr, deadline, stop or normal", 0 },
	{ "prio", PRIO, "N", 0, "set: 1 to 99, for fifo and rr", 0 },
	{ "runtime", RUNTIME, "NS", 0, "set: for deadline, in each period", 0 },
	{ "deadline", DEADLINE, "NS", 0, "set: by when (the period)", 0 },
	{ "period", PERIOD, "NS", 0, "set: for deadline", 0 },
	{ "reset-on-fork", RESET, NULL, 0, "set: children get the normal policy", 0 },
	{ "json", 'j', NULL, 0, "show: as JSON", 0 },
	{}
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case PARTIAL:
		opt.partial = true;
		break;
	case POLICY:
		opt.policy = arg;
		break;
	case PRIO:
		opt.prio = arg;
		break;
	case RUNTIME:
		opt.runtime = arg;
		break;
	case DEADLINE:
		opt.deadline = arg;
		break;
	case PERIOD:
		opt.period = arg;
		break;
	case RESET:
		opt.reset = true;
		break;
	case 'j':
		opt.json = true;
		break;
	case ARGP_KEY_ARGS:
		opt.arg = state->argv + state->next;
		opt.args = state->argc - state->next;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	options, parse,
	"start|stop|show\nrun -- COMMAND [ARG...]\nset PID\ntune [NAME NS|FEATURE|NO_FEATURE]",
	"sched_edu as the scheduler of this machine's normal tasks.\n"
	"\vstart stays until stop; run lasts as long as COMMAND.\n"
	"set gives a task a policy of sched_edu's own, which its children inherit.\n"
	"tune without a name lists all.",
	NULL, NULL, NULL
};

/* Why sched_edu cannot be asked; NULL if it can. */
static const char *obstacle(void)
{
	static char line[128];

	if (geteuid())
		return "this needs root";
	if (!read_line(DEBUGFS "state", line, sizeof(line)))
		return "sched_edu is not loaded, or debugfs is not mounted";
	return NULL;
}

static bool is_edu(void)
{
	char line[128];

	return read_line(DEBUGFS "state", line, sizeof(line)) && !strcmp(line, "edu");
}

static int put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY), err = 0;

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

/* Beside us in the build folder or in the guest, or where we are installed. */
static bool find_object(char *path)
{
	static const char *const places[] = { "../bpf", "../lib/eduscope/bpf" };
	const char *name = opt.partial ? "scx_edu_partial.bpf.o" : "scx_edu.bpf.o";
	const char *given = getenv("EDU_BPF");
	size_t i;

	if (given) {
		snprintf(path, PATH_MAX, "%.2000s/%s", given, name);
		return !access(path, R_OK);
	}
	if (!own_folder()[0])
		return false;
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path, PATH_MAX, "%.2000s/%s/%s", own_folder(), places[i], name);
		if (!access(path, R_OK))
			return true;
	}
	return false;
}

static struct bpf_link *attach(void)
{
	char path[PATH_MAX], state[128];
	struct bpf_object *obj;
	struct bpf_link *link;
	struct bpf_map *map;

	read_line(DEBUGFS "state", state, sizeof(state));
	if (strcmp(state, "kernel")) {
		if (!strcmp(state, "edu"))
			complain("sched_edu schedules already");
		else
			complain("cannot start here: %s", state);
		return NULL;
	}
	if (!find_object(path)) {
		complain("there is no scx_edu.bpf.o beside eduscope; set EDU_BPF to its folder");
		return NULL;
	}
	hush_libbpf();
	obj = bpf_object__open_file(path, NULL);
	if (!obj || bpf_object__load(obj)) {
		complain("%s cannot be loaded: %s", path, strerror(errno));
		return NULL;
	}
	map = bpf_object__find_map_by_name(obj, "edu_ops");
	link = map ? bpf_map__attach_struct_ops(map) : NULL;
	if (!link)
		complain("sched_ext does not take it: %s", strerror(errno));
	return link;
}

/* What ended it, if nobody asked it to. */
static bool ended_well(void)
{
	char line[256];

	if (!read_line(DEBUGFS "exit", line, sizeof(line)) || atoi(line) < 1024)
		return true;
	complain("sched_ext has ended it: %s", line);
	return false;
}

static int start(void)
{
	struct bpf_link *link = attach();

	if (!link)
		return FAILED;
	if (bpf_link__pin(link, PIN)) {
		complain(PIN ": %s", strerror(errno));
		return FAILED;
	}
	return DONE;
}

static bool wait_for_the_kernel(void)
{
	int i;

	for (i = 0; i < 600; i++) {
		if (!is_edu() && file_has(SCX "state", "disabled"))
			return true;
		usleep(100000);
	}
	complain("it did not end within a minute");
	return false;
}

static int stop(void)
{
	bool ours = is_edu();

	if (unlink(PIN)) {
		complain(errno != ENOENT ? "cannot remove " PIN :
			 "sched_edu was not started, or another program holds it");
		return FAILED;
	}
	return wait_for_the_kernel() && (ours || ended_well()) ? DONE : FAILED;
}

static int run_command(void)
{
	struct bpf_link *link;
	int status = 0;
	bool well;
	pid_t pid;

	if (!opt.args) {
		complain("run what?");
		return MISUSED;
	}
	link = attach();
	if (!link)
		return FAILED;
	pid = fork();
	if (pid < 0) {
		complain("cannot start a command: %s", strerror(errno));
		bpf_link__destroy(link);
		return FAILED;
	}
	if (!pid) {
		execvp(opt.arg[0], opt.arg);
		complain("%s: %s", opt.arg[0], strerror(errno));
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	/* Were it still ours, the reason would be of an earlier one. */
	well = is_edu() || ended_well();
	bpf_link__destroy(link);
	if (!wait_for_the_kernel() || !well)
		return FAILED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int set_task(void)
{
	char text[256];
	int err;

	if (opt.args != 1 || !opt.policy) {
		complain("set --policy NAME [--prio N] PID");
		return MISUSED;
	}
	snprintf(text, sizeof(text), "%s %s", opt.arg[0], opt.policy);
	if (opt.prio)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s", opt.prio);
	if (opt.runtime && opt.period)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " %s %s %s",
			 opt.runtime, opt.deadline ? opt.deadline : opt.period, opt.period);
	if (opt.reset)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " reset");
	err = put(DEBUGFS "policy", text);
	if (!err)
		return DONE;
	complain("%s", err == -ESRCH ? "sched_edu does not schedule that task" :
		 err == -EINVAL ? "no such policy, or wrong numbers for it" :
		 err == -EBUSY ? "the processors have no time left for that deadline" :
		 strerror(-err));
	return FAILED;
}

static int print(const char *file)
{
	FILE *f = fopen(file, "r");
	char line[512];

	if (!f) {
		complain("%s: %s", file, strerror(errno));
		return FAILED;
	}
	while (fgets(line, sizeof(line), f))
		fputs(line, stdout);
	fclose(f);
	return DONE;
}

static int tune_one(void)
{
	bool feature = opt.args == 1;
	char text[128];
	int err;

	if (!opt.args)
		return print(DEBUGFS "features") || print(DEBUGFS "tunables");
	if (opt.args > 2) {
		complain("tune NAME NS, or tune [NO_]FEATURE");
		return MISUSED;
	}
	snprintf(text, sizeof(text), "%s %s", opt.arg[0], feature ? "" : opt.arg[1]);
	err = put(feature ? DEBUGFS "features" : DEBUGFS "tunables", text);
	if (!err)
		return DONE;
	complain("'%s' is not taken; tune without a name lists all", text);
	return FAILED;
}

/* Words of a file as JSON: names alone, or a name and a number on a line. */
static void json_words(const char *file, bool numbers)
{
	const char *separator = "";
	unsigned long long value;
	char name[64];
	FILE *f = fopen(file, "r");

	putchar('{');
	while (f && fscanf(f, "%63s", name) == 1) {
		bool off = !numbers && !strncmp(name, "NO_", 3);

		if (numbers && fscanf(f, "%llu", &value) != 1)
			break;
		printf("%s\"%s\":", separator, name + 3 * off);
		if (numbers)
			printf("%llu", value);
		else
			fputs(off ? "false" : "true", stdout);
		separator = ",";
	}
	if (f)
		fclose(f);
	putchar('}');
}

static int show(void)
{
	const char *separator = "";
	char line[256] = "";
	FILE *f;

	read_line(DEBUGFS "state", line, sizeof(line));
	if (!opt.json) {
		printf("scheduler: %s\n", line);
		if (read_line(DEBUGFS "exit", line, sizeof(line)))
			printf("last end:  %s\n", line);
		putchar('\n');
		print(DEBUGFS "rq");
		putchar('\n');
		return print(DEBUGFS "policy");
	}
	fputs("{\"scheduler\":", stdout);
	json_string(stdout, line);
	fputs(",\"last_end\":", stdout);
	json_string(stdout, read_line(DEBUGFS "exit", line, sizeof(line)) ? line : "");
	fputs(",\"features\":", stdout);
	json_words(DEBUGFS "features", false);
	fputs(",\"tunables\":", stdout);
	json_words(DEBUGFS "tunables", true);
	fputs(",\"tasks\":[", stdout);
	f = fopen(DEBUGFS "policy", "r");
	while (f && fgets(line, sizeof(line), f)) {
		char policy[16];
		int pid, prio;

		if (sscanf(line, "%d %15s %d", &pid, policy, &prio) != 3)
			continue;
		printf("%s{\"pid\":%d,\"policy\":\"%s\",\"prio\":%d}", separator, pid, policy,
		       prio);
		separator = ",";
	}
	if (f)
		fclose(f);
	puts("]}");
	return DONE;
}

int sched_main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*verb)(void);
		bool alone;	/* takes no more words */
	} verbs[] = {
		{ "start", start, true }, { "stop", stop, true }, { "run", run_command, false },
		{ "show", show, true }, { "set", set_task, false }, { "tune", tune_one, false },
	};
	const char *verb = argc > 1 ? argv[1] : "";
	const char *why;
	size_t i;
	int status;

	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(verbs[i].name, verb))
			break;
	if (i < ARRAY_SIZE(verbs)) {
		argv[1] = argv[0];
		argv++;
		argc--;
	}
	argp_parse(&argp, argc, argv,
		   verbs[i % ARRAY_SIZE(verbs)].verb == run_command ? ARGP_IN_ORDER : 0,
		   NULL, NULL);
	if (i == ARRAY_SIZE(verbs) || (verbs[i].alone && opt.args)) {
		complain("start, run, stop, show, set or tune; --help tells the rest");
		return MISUSED;
	}
	why = obstacle();
	if (why) {
		complain("%s", why);
		return FAILED;
	}
	status = verbs[i].verb();
	return status ? status : flush_output();
}
