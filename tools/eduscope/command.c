// SPDX-License-Identifier: GPL-2.0
/*
 * The command that is watched, in a cgroup of its own; what watching it costs.
 */
#include <errno.h>
#include <fcntl.h>
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
int start_command(int *go)
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

void end_command(void)
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

/* The command, with the probe and without, in turn: what the probe costs. */
int cost(void)
{
	double *sample[2], t;
	struct verdict v;
	__u32 wanted = env.filter.side;
	int i, side, go;
	char a[32], b[32];

	for (side = 0; side < 2; side++)
		sample[side] = calloc(env.cost, sizeof(double));
	for (i = -1; i < env.cost && !stopping; i++) {
		for (side = 0; side < 2; side++) {
			struct edu_filter all = { .side = wanted };
			int saved = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY);
			struct scopes s = {};

			if (side && !scopes_open(&s, &all, true))
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
			scopes_close(&s);
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
