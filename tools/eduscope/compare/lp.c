// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's lp and lpchar on the same port: one job, a page of PostScript
 * after the other, goes to each in turn. "lp" lets both use the port's
 * interrupt, "lp-poll" neither. What a side costs:
 *
 *  byte	from the first write() to the return of close(), by byte; both
 *		drivers return from close() when the printer has the last one
 *  cpu		what all processors were not idle in that time, by byte: the
 *		writer, interrupts, softirqs and kernel threads alike
 *  irqs	interrupts by byte, as /proc/interrupts has them
 *  wakeups	of the writer while the job is sent once more, watched by the
 *		wakeup probe, by KiB; the histogram is of waking to running.
 *		The writer is kept off the processor that takes the interrupt,
 *		where it would not run before the ring is empty
 *
 * The drivers cannot share the port, so each run puts the other away. What was
 * loaded before is loaded again at the end, with the parameters that it has by
 * itself. EDU_LP_KIB sets the size of the job (96).
 * If there is a folder /out (tools/vm/run), it gets the job and how often it
 * was sent, so that whoever captured the port can compare: bench/lpchar.sh does.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "compare/compare.h"

static const struct metric metrics[] = {
	{ "rate", "B/s", false },
	{ "byte", "ns", true },
	{ "cpu", "ns", true },
	{ "irqs", "/byte", true },
	{ "wakeups", "/KiB", true },
	{}
};

static char *job;
static size_t job_size;
static unsigned long sent;
static bool had_lpchar, had_port, had_lp, had_ppdev;

/* Nobody holds the port after this. */
static const char free_port[] =
	"for m in lpchar lp ppdev parport_pc parport; do\n"
	"[ ! -d /sys/module/$m ] || rmmod $m\n"
	"done 2>/dev/null\n"
	"for m in lpchar lp parport_pc; do [ ! -d /sys/module/$m ] || exit 1; done\n";

static const char insert_lpchar[] =
	"ko=${EDU_MODULES:-/edu/modules}/lpchar.ko\n"
	"if [ -f $ko ]; then insmod $ko $PARAMS; else modprobe lpchar $PARAMS; fi\n";

static const char insert_lp[] = "modprobe parport_pc $PARAMS && modprobe lp\n";

static int sh(const char *command, const char *params)
{
	setenv("PARAMS", params, 1);
	return system(command) ? -EIO : 0;
}

static void make_job(void)
{
	const char *kib = getenv("EDU_LP_KIB");
	size_t at = 0;
	int line = 0;

	job_size = (kib ? strtoul(kib, NULL, 10) : 96) * 1024;
	if (!job_size)
		return;
	job = malloc(job_size + 128);
	while (job && at < job_size) {
		if (line % 60 == 0)
			at += sprintf(job + at, "%s%%%%Page: %d\n/Courier 10 selectfont\n",
				      line ? "showpage\n" : "%!PS-Adobe-3.0\n", line / 60 + 1);
		at += sprintf(job + at, "72 %d moveto (line %d) show\n", 720 - line % 60 * 11,
			      line);
		line++;
	}
}

static int setup(void)
{
	had_lpchar = !access("/sys/module/lpchar", F_OK);
	had_port = !access("/sys/module/parport_pc", F_OK);
	had_lp = !access("/sys/module/lp", F_OK);
	had_ppdev = !access("/sys/module/ppdev", F_OK);
	make_job();
	if (!job) {
		complain("lp: EDU_LP_KIB must be a number above 0");
		return -EINVAL;
	}
	if (sh(free_port, "")) {
		complain("lp: the port is in use (lpchar, lp or ppdev); end what has it open");
		return -EBUSY;
	}
	if (sh(insert_lp, "") || access("/dev/lp0", F_OK)) {
		complain("lp: the kernel's lp finds no printer port here");
		return -ENODEV;
	}
	return 0;
}

static void teardown(void)
{
	struct stat st;
	FILE *f;

	sh(free_port, "");
	if (had_port)
		sh("modprobe parport_pc", "");
	if (had_lp)
		sh("modprobe lp", "");
	if (had_ppdev)
		sh("modprobe ppdev", "");
	if (had_lpchar)
		sh(insert_lpchar, "");
	if (job && !stat("/out", &st)) {
		f = fopen("/out/lp.job", "w");
		if (!f || fwrite(job, 1, job_size, f) != job_size || fclose(f))
			complain("lp: cannot write /out/lp.job");
		f = fopen("/out/lp.sent", "a");
		if (f) {
			fprintf(f, "%lu\n", sent);
			fclose(f);
		}
	}
	free(job);
	job = NULL;
	sent = 0;
}

/* Interrupts of the port's line so far, of all processors. */
static double port_irqs(void)
{
	char line[1024], *word, *end;
	double total = 0;
	FILE *f = fopen("/proc/interrupts", "r");

	while (f && fgets(line, sizeof(line), f)) {
		if (!strstr(line, "lpchar") && !strstr(line, "parport"))
			continue;
		strtok(line, " ");
		while ((word = strtok(NULL, " "))) {
			double n = strtod(word, &end);

			if (*end)
				break;
			total += n;
		}
	}
	if (f)
		fclose(f);
	return total;
}

/* Seconds that all processors together have been idle. */
static double idle_s(void)
{
	unsigned long long idle = 0, wait = 0;
	FILE *f = fopen("/proc/stat", "r");

	if (f) {
		if (fscanf(f, "cpu %*u %*u %*u %llu %llu", &idle, &wait) != 2)
			idle = 0;
		fclose(f);
	}
	return (double)(idle + wait) / sysconf(_SC_CLK_TCK);
}

static int send_to(const char *device)
{
	int fd = open(device, O_WRONLY);
	size_t done = 0;
	ssize_t n;

	if (fd < 0) {
		complain("lp: %s: %s", device, strerror(errno));
		return -errno;
	}
	sent++;
	while (done < job_size) {
		n = write(fd, job + done, job_size - done);
		if (n < 0) {
			complain("lp: writing to %s: %s", device, strerror(errno));
			close(fd);
			return -EIO;
		}
		done += n;
	}
	return close(fd) ? -errno : 0;
}

/* Run anywhere but where interrupt 7 is taken, or anywhere again. */
static void keep_off(bool on)
{
	char line[64];
	cpu_set_t set;
	long cpu;

	CPU_ZERO(&set);
	for (cpu = 0; cpu < cpus(); cpu++)
		CPU_SET(cpu, &set);
	if (on && cpus() > 1 &&
	    read_line("/proc/irq/7/effective_affinity_list", line, sizeof(line)))
		CPU_CLR(strtol(line, NULL, 10), &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* How often the writer is woken, and how long it then waits for a processor. */
static int watch_writer(const char *device, struct result *r)
{
	struct edu_filter filter = { .tid = gettid() };
	struct scope *s = scope_open(find_probe("wakeup"), &filter, true);
	struct edu_key *keys;
	struct edu_row *rows;
	int err, n, i;

	/* Why not was said; the other metrics do not need it. */
	if (!s)
		return 0;
	keep_off(true);
	err = send_to(device);
	keep_off(false);
	n = err ? -1 : scope_rows(s, &keys, &rows);
	for (i = 0; i < n; i++) {
		if (keys[i].table || keys[i].id != filter.tid)
			continue;
		r->value[4] = rows[i].n[0] * 1024.0 / job_size;
		hist_merge(&r->hist, &rows[i].hist);
	}
	r->given[4] = n >= 0;
	if (n >= 0) {
		free(keys);
		free(rows);
	}
	scope_close(s);
	return err;
}

static int run_with(int side, struct result *r, const char *kernel, const char *edu)
{
	const char *device = side ? "/dev/lpchar0" : "/dev/lp0";
	double start, idle, irqs, took;
	int err, i;

	err = sh(free_port, "");
	if (!err)
		err = side ? sh(insert_lpchar, edu) : sh(insert_lp, kernel);
	if (err) {
		complain("lp: the port cannot be handed over to %s", side ? "lpchar" : "lp");
		return err;
	}
	/* What loading them has left to do. */
	usleep(200000);
	irqs = port_irqs();
	idle = idle_s();
	start = now_s();
	err = send_to(device);
	took = now_s() - start;
	idle = idle_s() - idle;
	if (err)
		return err;
	r->value[0] = job_size / took;
	r->value[1] = took / job_size * 1e9;
	r->value[2] = (took * cpus() - idle) / job_size * 1e9;
	r->value[3] = (port_irqs() - irqs) / job_size;
	for (i = 0; i < 4; i++)
		r->given[i] = true;
	return watch_writer(device, r);
}

static int run_irq(int side, struct result *r)
{
	return run_with(side, r, "", "sim=0");
}

static int run_poll(int side, struct result *r)
{
	return run_with(side, r, "io=0x378 irq=none", "sim=0 push=poll");
}

#define LP_WORKLOAD "PostScript, as much as EDU_LP_KIB says (96), to the same port"
#define LP_MEASURES "a woken writer's wait for a processor"

const struct comparison lp_twin = {
	.name = "lp",
	.title = "the kernel's lp against lpchar, by interrupt",
	.side = { "kernel", "edu" },
	.workload = LP_WORKLOAD,
	.measures = LP_MEASURES,
	.metrics = metrics,
	.setup = setup,
	.run = run_irq,
	.teardown = teardown,
};

const struct comparison lp_poll_twin = {
	.name = "lp-poll",
	.title = "the kernel's lp against lpchar, polled",
	.side = { "kernel", "edu" },
	.workload = LP_WORKLOAD,
	.measures = LP_MEASURES,
	.metrics = metrics,
	.setup = setup,
	.run = run_poll,
	.teardown = teardown,
};
