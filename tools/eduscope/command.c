// SPDX-License-Identifier: GPL-2.0
/*
 * The command that is watched, in a cgroup of its own; what watching it costs.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "driver.h"
#include "compare/compare.h"

int use_cgroup(const char *path)
{
	char real[PATH_MAX], file[PATH_MAX + 32];
	struct stat st;
	const char *c;

	if (!realpath(path, real))
		real[0] = 0;
	/* which every group has, and nothing else */
	snprintf(file, sizeof(file), "%s/cgroup.controllers", real);
	if (strncmp(real, CGROUPS, strlen(CGROUPS)) || access(file, F_OK) || stat(real, &st)) {
		complain("no cgroup '%s': name a folder below " CGROUPS, path);
		return FAILED;
	}
	env.filter.cgroup = st.st_ino;
	env.filter.level = 0;
	for (c = real + strlen(CGROUPS); *c; c++)
		env.filter.level += *c == '/';
	return DONE;
}

/*
 * Start the command, held back until what watches it is attached. It gets a
 * cgroup of its own, so that its children are watched with it.
 */
int start_command(int *go)
{
	int ends[2], hold;
	char path[192];
	FILE *f;

	env.child = pipe2(ends, O_CLOEXEC) ? -1 : fork();
	if (env.child < 0) {
		complain("cannot start a command: %s", strerror(errno));
		return FAILED;
	}
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

/* What the command left running goes to the group that we are in. */
static void empty_group(void)
{
	char path[PATH_MAX], line[PATH_MAX];
	FILE *from;
	int to, pid;

	if (!read_line("/proc/self/cgroup", line, sizeof(line)) || strncmp(line, "0::/", 4))
		return;
	snprintf(path, sizeof(path), CGROUPS "%.3000s/cgroup.procs", line + 3);
	to = open(path, O_WRONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "%s/cgroup.procs", env.own_group);
	from = fopen(path, "re");
	while (to >= 0 && from && fscanf(from, "%d", &pid) == 1)
		dprintf(to, "%d\n", pid);
	if (from)
		fclose(from);
	if (to >= 0)
		close(to);
}

void end_command(void)
{
	int i;

	if (env.child > 0) {
		kill(env.child, SIGTERM);
		waitpid(env.child, &env.child_status, 0);
		env.child = 0;
	}
	for (i = 0; env.own_group[0] && rmdir(env.own_group); i++) {
		if (errno != EBUSY || i == 50) {
			complain("cannot remove %s: %s", env.own_group, strerror(errno));
			break;
		}
		empty_group();
		usleep(20000);
	}
	env.own_group[0] = 0;
}

/* The command, with the probe and without, in turn: what the probe costs. */
int measure_cost(void)
{
	double *sample[2], t;
	struct verdict v;
	__u32 wanted = env.filter.side;
	int i, turn, side, go, started;
	char a[32], b[32];

	for (side = 0; side < 2; side++)
		sample[side] = calloc(env.cost, sizeof(double));
	for (i = -1; i < env.cost && !stopping; i++) {
		for (turn = 0; turn < 2; turn++) {
			struct edu_filter all = { .side = wanted };
			int saved = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY);
			struct scopes s = {};

			side = (i & 1) ? !turn : turn;
			if (side && !scopes_open(&s, &all, true))
				return FAILED;
			env.filter = (struct edu_filter){ .tgid = 1 };
			fflush(stdout);
			dup2(null, STDOUT_FILENO);
			started = start_command(&go);
			dup2(saved, STDOUT_FILENO);
			close(saved);
			close(null);
			if (started != DONE)
				return FAILED;
			t = now_s();
			if (write(go, "", 1) != 1)
				return FAILED;
			waitpid(env.child, &env.child_status, 0);
			env.child = 0;
			close(go);
			if (WIFEXITED(env.child_status) && WEXITSTATUS(env.child_status) == 127)
				return FAILED;
			if (i >= 0)	/* the first pair warms up */
				sample[side][i] = now_s() - t;
			scopes_close(&s);
		}
	}
	if (stopping)
		return FAILED;
	judge(sample[0], sample[1], env.cost, true, &v);
	if (env.json) {
		printf("{\"type\":\"cost\",\"probe\":\"%s\",\"without\":%.0f,\"with\":%.0f",
		       env.probe->name, v.median[0] * 1e9, v.median[1] * 1e9);
		printf(",\"ratio\":%.6g,\"interval\":[%.6g,%.6g]", v.ratio, v.low, v.high);
		printf(",\"confidence\":%.4f,\"pairs\":%d}\n", v.confidence, env.cost);
		return flush_output();
	}
	printf("%s costs: %s without, %s with, ratio %.3f (%.3f .. %.3f, %.1f %% sure), %d pairs\n",
	       env.probe->name, human_ns(v.median[0] * 1e9, a, sizeof(a)),
	       human_ns(v.median[1] * 1e9, b, sizeof(b)), v.ratio, v.low, v.high,
	       v.confidence * 100, env.cost);
	return flush_output();
}
