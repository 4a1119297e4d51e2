// SPDX-License-Identifier: GPL-2.0
/*
 * Every bottom half on one interrupt, idle and under load: the median time from
 * the device's edge until it runs. The load is, for each processor, two tasks
 * that wake each other through pipes and one that sends itself datagrams, whose
 * receiving is softirq work. The histogram is of the plain workqueue's, which
 * shows best what a load does. Uses irqdemo's bench file, on the PCI edu device
 * if there is one.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "compare/compare.h"

#define DIR "/sys/kernel/debug/irqdemo/"
#define PULSES 100
#define LOADERS 64

/* In irqdemo's own order and words; what this kernel lacks is left out. */
static const struct metric metrics[] = {
	{ "hard", "ns", true },
	{ "irq_work", "ns", true },
	{ "hrtimer", "ns", true },
	{ "edu_hrtimer", "ns", true },
	{ "tasklet_hi", "ns", true },
	{ "tasklet", "ns", true },
	{ "bh_wq_hi", "ns", true },
	{ "bh_wq", "ns", true },
	{ "irq_poll", "ns", true },
	{ "hrtimer_soft", "ns", true },
	{ "timer", "ns", true },
	{ "edu_timer", "ns", true },
	{ "thread", "ns", true },
	{ "completion", "ns", true },
	{ "wq_highpri", "ns", true },
	{ "wq", "ns", true },
	{ "wq_cpu_intensive", "ns", true },
	{ "wq_unbound", "ns", true },
	{}
};

static pid_t loaders[LOADERS];
static int n_loaders;

static void bounce(int in, int out)
{
	char c = 0;

	while (write(out, &c, 1) == 1 && read(in, &c, 1) == 1)
		;
	_exit(0);
}

static void datagrams(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t size = sizeof(to);
	char data[512] = "";

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (void *)&to, sizeof(to)) ||
	    getsockname(fd, (void *)&to, &size))
		_exit(1);
	while (sendto(fd, data, sizeof(data), 0, (void *)&to, sizeof(to)) > 0)
		recv(fd, data, sizeof(data), MSG_DONTWAIT);
	_exit(0);
}

static pid_t loader(void)
{
	pid_t pid = fork();

	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	else if (pid > 0)
		loaders[n_loaders++] = pid;
	return pid;
}

static void load(void)
{
	long cpu;

	for (cpu = 0; cpu < cpus() && n_loaders + 3 <= LOADERS; cpu++) {
		int a[2], b[2];

		if (pipe(a) || pipe(b))
			return;
		if (!loader())
			bounce(a[0], b[1]);
		if (!loader())
			bounce(b[0], a[1]);
		if (!loader())
			datagrams();
		close(a[0]);
		close(a[1]);
		close(b[0]);
		close(b[1]);
	}
	usleep(200000);
}

static void unload(void)
{
	while (n_loaders) {
		kill(loaders[--n_loaders], SIGKILL);
		waitpid(loaders[n_loaders], NULL, 0);
	}
}

static int try_kind(const char *kind, double *p50, struct edu_hist *hist)
{
	unsigned long long value, count;
	char line[128], word[32];
	FILE *f = fopen(DIR "bench/irq", "w");
	int err;

	if (!f)
		return -errno;
	fprintf(f, "line=%d kind=%s count=%d", access(DIR "line/4", F_OK) ? 0 : 4, kind, PULSES);
	err = fclose(f) ? -errno : 0;
	f = err ? NULL : fopen(DIR "bench/irq", "r");
	if (!f)
		return err ?: -errno;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "edge_p50 %llu", &value) == 1)
			*p50 = value;
		if (hist && sscanf(line, "bucket %31s %llu %llu", word, &value, &count) == 3 &&
		    !strcmp(word, "edge"))
			while (count--)
				hist_add(hist, value);
	}
	fclose(f);
	return 0;
}

static int run(int side, struct result *r)
{
	int err = 0, i;

	if (side)
		load();
	for (i = 0; metrics[i].name && !err; i++) {
		err = try_kind(metrics[i].name, &r->value[i],
			       strcmp(metrics[i].name, "wq") ? NULL : &r->hist);
		r->given[i] = !err;
		/* Not a kind of this kernel's. */
		if (err == -ENOENT || err == -EOPNOTSUPP)
			err = 0;
	}
	unload();
	return err;
}

const struct comparison irq_load = {
	.name = "irq",
	.title = "every bottom half on one interrupt, idle and under load",
	.side = { "idle", "load" },
	.module = "irqdemo",
	.workload = "100 interrupts for each kind; load: pipes and datagrams on every processor",
	.measures = "from the edge to a bound work",
	.metrics = metrics,
	.run = run,
	.teardown = unload,
};
