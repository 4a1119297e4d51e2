// SPDX-License-Identifier: GPL-2.0
/*
 * lpchar-io DEVICE TEST...: what a shell cannot ask a printer's device.
 *
 * Each test prints one word or line on stdout; tests/vm/lpchar-*.sh compare
 * it. The tests up to "errnos" run on the kernel's lp as well.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/lp.h>

#include <edu/lpchar.h>

static const char *device;

static void die(const char *what)
{
	fprintf(stderr, "lpchar-io: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_device(int flags)
{
	int fd = open(device, flags);

	if (fd < 0)
		die(device);
	return fd;
}

static const char *result(long ret)
{
	static char text[32];

	if (ret < 0)
		return strerrorname_np(errno);
	snprintf(text, sizeof(text), "%ld", ret);
	return text;
}

static void on_signal(int number)
{
}

static void catch(int number, int flags)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = flags };

	sigaction(number, &action, NULL);
}

static void alarm_every(int us)
{
	struct itimerval timer = { { .tv_usec = us }, { .tv_usec = us } };

	setitimer(ITIMER_REAL, &timer, NULL);
}

static unsigned char byte_at(size_t i)
{
	return (i * 2654435761u) >> 13;
}

/* NR bytes to send, appended to the file PATH as well. */
static char *make_job(const char *path, size_t nr)
{
	int out = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	char *data = malloc(nr);
	size_t i;

	for (i = 0; i < nr; i++)
		data[i] = byte_at(i);
	if (out < 0 || write(out, data, nr) != (ssize_t)nr)
		die(path);
	close(out);
	return data;
}

/* send OUT NR: write NR bytes to the device, and the same to the file OUT. */
static void test_send(char **arg)
{
	size_t nr = strtoul(arg[1], NULL, 0), done = 0, short_writes = 0;
	int fd = open_device(O_WRONLY);
	char *data = make_job(arg[0], nr);
	ssize_t ret;

	while (done < nr) {
		ret = write(fd, data + done, nr - done);
		if (ret < 0 && errno == EINTR)
			continue;
		if (ret < 0)
			die("write");
		short_writes += (size_t)ret < nr - done;
		done += ret;
	}
	alarm_every(0);
	if (fsync(fd) && errno != EINVAL)
		die("fsync");
	printf("sent %zu\n", done);
	fprintf(stderr, "# %zu short writes\n", short_writes);
}

/* As send, while a signal comes every 3 ms. */
static void test_signals(char **arg)
{
	catch(SIGALRM, 0);
	alarm_every(3000);
	test_send(arg);
}

/* Without waiting: poll, write what has room, poll. */
static void test_nonblock(char **arg)
{
	size_t nr = strtoul(arg[1], NULL, 0), done = 0;
	int fd = open_device(O_WRONLY | O_NONBLOCK);
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };
	int ep = epoll_create1(0), again = 0;
	struct epoll_event event = { .events = EPOLLOUT };
	char *data = make_job(arg[0], nr);
	ssize_t ret;

	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event))
		die("epoll_ctl");
	while (done < nr) {
		if (again & 1) {
			if (epoll_wait(ep, &event, 1, 10000) != 1)
				die("epoll_wait");
		} else if (poll(&pfd, 1, 10000) != 1) {
			die("poll");
		}
		ret = write(fd, data + done, nr - done);
		if (ret < 0 && errno != EAGAIN)
			die("write");
		again += ret < 0 || (size_t)ret < nr - done;
		if (ret > 0)
			done += ret;
	}
	if (fsync(fd))
		die("fsync");
	printf("sent %zu\n", done);
	fprintf(stderr, "# %d times no room\n", again);
}

/* two: two threads write 30 blocks of 'A' and of 'B' to one open file. */
static void *writer(void *arg)
{
	char block[1000];
	int i;

	memset(block, *(char *)arg, sizeof(block));
	for (i = 0; i < 30; i++)
		if (write(((int *)arg)[1], block, sizeof(block)) != sizeof(block))
			die("write");
	return NULL;
}

static void test_two(char **arg)
{
	int fd = open_device(O_WRONLY), a[2] = { 'A', fd }, b[2] = { 'B', fd };
	pthread_t one, two;

	pthread_create(&one, NULL, writer, a);
	pthread_create(&two, NULL, writer, b);
	pthread_join(one, NULL);
	pthread_join(two, NULL);
	fsync(fd);
	puts("written");
}

/* behind: a read that may not wait, while a write waits for the printer. */
static void test_behind(char **arg)
{
	int fd = open_device(O_RDWR);
	pid_t child = fork();
	char byte;

	if (!child)
		_exit(write(fd, "x", 1) != 1);
	usleep(200000);
	/* It waits with the file as it was opened; from now on nobody does. */
	fcntl(fd, F_SETFL, O_NONBLOCK);
	alarm(20);
	puts(result(read(fd, &byte, 1)));
	kill(child, SIGTERM);
	wait(NULL);
}

static void say_ioctl(int fd, const char *name, unsigned long cmd, unsigned long arg)
{
	printf("%s %s\n", name, result(ioctl(fd, cmd, arg)));
}

static void say_flags(int fd)
{
	int value;

	if (ioctl(fd, LPGETFLAGS, &value))
		die("LPGETFLAGS");
	printf("flags 0x%x\n", value);
}

/* errnos: every ioctl of lp, with good and bad arguments, and what stays. */
static void test_errnos(char **arg)
{
	int fd = open_device(O_WRONLY), value;
	char *nowhere, *p;
	long long time[2] = { 10, 0 }, bad_time[2] = { -1, 0 }, none[2] = { 0, 0 };
	long long long_time[2] = { __LONG_LONG_MAX__, 99999999 };
	unsigned int i;

	say_ioctl(fd, "LPCHAR", LPCHAR, 7);
	say_ioctl(fd, "LPWAIT", LPWAIT, 7);
	say_ioctl(fd, "LPTIME", LPTIME, 7);
	say_ioctl(fd, "LPTIME_most", LPTIME, 0xffffffffu / 250);
	say_ioctl(fd, "LPTIME_more", LPTIME, 0xffffffffu / 250 + 1);
	say_ioctl(fd, "LPTIME_all", LPTIME, ~0UL);
	for (i = 0; i < 3; i++) {
		static const int flags[] = { LPABORT, LPABORTOPEN, LPCAREFUL };

		say_ioctl(fd, "set", flags[i], 5);
		say_flags(fd);
		say_ioctl(fd, "clear", flags[i], 0);
	}
	say_flags(fd);
	say_ioctl(fd, "LPGETFLAGS_bad", LPGETFLAGS, 1);
	say_ioctl(fd, "LPGETFLAGS_null", LPGETFLAGS, 0);
	say_ioctl(fd, "LPSETIRQ", LPSETIRQ, 5);
	value = 0;
	say_ioctl(fd, "LPGETIRQ", LPGETIRQ, (unsigned long)&value);
	printf("irq %d\n", value);
	say_ioctl(fd, "LPGETIRQ_bad", LPGETIRQ, 1);
	say_ioctl(fd, "LPRESET", LPRESET, 0);
	say_ioctl(fd, "LPGETSTATUS", LPGETSTATUS, (unsigned long)&value);
	printf("status 0x%x\n", value & ~7);
	say_ioctl(fd, "LPGETSTATUS_bad", LPGETSTATUS, 1);
	say_ioctl(fd, "LPGETSTATS", 0x060d, (unsigned long)time);
	say_ioctl(fd, "LPSETTIMEOUT_OLD", LPSETTIMEOUT_OLD, (unsigned long)time);
	say_ioctl(fd, "LPSETTIMEOUT_NEW", LPSETTIMEOUT_NEW, (unsigned long)time);
	say_ioctl(fd, "LPSETTIMEOUT_neg", LPSETTIMEOUT_NEW, (unsigned long)bad_time);
	say_ioctl(fd, "LPSETTIMEOUT_0", LPSETTIMEOUT_NEW, (unsigned long)none);
	say_ioctl(fd, "LPSETTIMEOUT_max", LPSETTIMEOUT_OLD, (unsigned long)long_time);
	say_ioctl(fd, "LPSETTIMEOUT_bad", LPSETTIMEOUT_NEW, 1);
	say_ioctl(fd, "LPSETTIMEOUT_back", LPSETTIMEOUT_NEW, (unsigned long)time);
	/* FIONBIO and others below 0x5400.. are the VFS's: leave them out. */
	for (i = 0x0600; i < 0x0640; i++)
		if (i < 0x0601 || i > 0x060f)
			printf("0x%04x %s\n", i, result(ioctl(fd, i, 0)));
	printf("open_again %s\n", result(open(device, O_WRONLY)));
	printf("lseek %s\n", result(lseek(fd, 100, SEEK_SET)));
	nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	printf("write_bad %s\n", result(write(fd, nowhere, 100)));
	printf("write_0 %s\n", result(write(fd, "", 0)));
	/* Two pages, the second is not there: chunks are whole or not. */
	p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memset(p, '\n', 8192);
	munmap(p + 4096, 4096);
	printf("write_half %s\n", result(write(fd, p, 8192)));
	printf("write_less %s\n", result(write(fd, p + 10, 4096)));
	close(fd);
	fd = open_device(O_RDWR | O_NONBLOCK);
	printf("read %s\n", result(read(fd, &value, sizeof(value))));
}

/* sigio: does SIGIO come when there is room again? */
static void test_sigio(char **arg)
{
	int fd = open_device(O_WRONLY | O_NONBLOCK);
	static char data[300000];
	struct timespec limit = { .tv_sec = 5 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (fcntl(fd, F_SETOWN, getpid()) ||
	    fcntl(fd, F_SETFL, O_WRONLY | O_NONBLOCK | O_ASYNC))
		die("O_ASYNC");
	while (write(fd, data, sizeof(data)) > 0)
		;
	puts(sigtimedwait(&set, NULL, &limit) == SIGIO ? "came" : "missing");
}

/* write TEXT [nonblock]: one write, its result. */
static void test_write(char **arg)
{
	int fd = open(device, O_WRONLY | (arg[1] ? O_NONBLOCK : 0));

	puts(result(fd < 0 ? -1 : write(fd, arg[0], strlen(arg[0]))));
}

/* big NR: one write of NR bytes, interrupted after 300 ms; then no close. */
static void test_big(char **arg)
{
	size_t nr = strtoul(arg[0], NULL, 0);
	int fd = open_device(O_WRONLY);

	catch(SIGALRM, 0);
	alarm_every(300000);
	puts(result(write(fd, calloc(1, nr), nr)));
	fflush(stdout);
	_exit(0);
}

/* set NAME VALUE: one of lp's settings. */
static void test_set(char **arg)
{
	int fd = open_device(O_WRONLY | O_NONBLOCK);
	int cmd = !strcmp(arg[0], "abort") ? LPABORT :
		  !strcmp(arg[0], "abortopen") ? LPABORTOPEN : LPCAREFUL;

	puts(result(ioctl(fd, cmd, atol(arg[1]))));
}

static void test_open(char **arg)
{
	puts(result(open(device, O_WRONLY) < 0 ? -1 : 0));
}

static void test_fsync(char **arg)
{
	puts(result(fsync(open_device(O_WRONLY))));
}

/* read NR */
static void test_read(char **arg)
{
	int fd = open_device(O_RDWR | (arg[1] ? O_NONBLOCK : 0));
	char text[4096];
	ssize_t nr = read(fd, text, atoi(arg[0]));

	if (nr < 0)
		puts(result(nr));
	else
		printf("%.*s\n", (int)nr, text);
}

static void say_mmap(const char *name, size_t size, int prot, int fd, off_t at)
{
	void *p = mmap(NULL, size, prot, MAP_SHARED, fd, at);

	printf("%s %s\n", name, result(p == MAP_FAILED ? -1 : 0));
}

/* page: the counters through a fault; refusals */
static void test_page(char **arg)
{
	int fd = open_device(O_RDWR), i;
	struct lpchar_page *page;

	say_mmap("writable", 4096, PROT_READ | PROT_WRITE, fd, 0);
	say_mmap("two", 8192, PROT_READ, fd, 0);
	say_mmap("offset", 4096, PROT_READ, fd, 4096);
	for (i = 0; i < 2; i++) {
		page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
		if (page == MAP_FAILED)
			die("mmap");
		printf("version %u counts %u\n", page->version,
		       page->counts == LPCHAR_COUNTS);
		printf("faults %llu\n", page->count[LPCHAR_COUNT_PAGE_FAULTS]);
	}
	printf("mprotect %s\n", result(mprotect(page, 4096, PROT_READ | PROT_WRITE)));
	i = page->count[LPCHAR_COUNT_WRITTEN];
	if (write(fd, "page\n", 5) != 5)
		die("write");
	printf("written %llu\n", page->count[LPCHAR_COUNT_WRITTEN] - i);
	/* The mapping keeps the port when the file is closed. */
	close(fd);
	printf("version %u\n", page->version);
}

/* restart CODE HOW: HOW is handler, sa_restart, ignore (stopped, continued) */
static void test_restart(char **arg)
{
	struct lpchar_restart *restart = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = open_device(O_RDWR | O_NONBLOCK), status;
	pid_t pid;

	restart->code = atoi(arg[0]);
	restart->timeout_ms = 800;
	pid = fork();
	if (!pid) {
		long ret;

		if (!strcmp(arg[1], "handler"))
			catch(SIGUSR1, 0);
		if (!strcmp(arg[1], "sa_restart"))
			catch(SIGUSR1, SA_RESTART);
		ret = ioctl(fd, LPCHAR_RESTART, restart);
		printf("%s starts %u\n", result(ret), restart->starts);
		fflush(stdout);
		_exit(0);
	}
	usleep(200000);
	if (!strcmp(arg[1], "default")) {
		kill(pid, SIGSTOP);
		waitpid(pid, &status, WUNTRACED);
		kill(pid, SIGCONT);
	} else {
		kill(pid, SIGUSR1);
	}
	waitpid(pid, &status, 0);
	if (!WIFEXITED(status))
		puts("killed");
}

/* park STATE MS */
static void test_park(char **arg)
{
	struct lpchar_park park = { atoi(arg[0]), atoi(arg[1]) };
	int fd = open_device(O_RDWR | O_NONBLOCK);

	puts(result(ioctl(fd, LPCHAR_PARK, &park)));
}

/* parked: what each state heeds; the states as /proc shows them. */
static void test_parked(char **arg)
{
	static const char * const names[] = { "interruptible", "uninterruptible", "killable" };
	static const int signals[] = { SIGUSR1, SIGKILL };
	int fd = open_device(O_RDWR | O_NONBLOCK), state, s, status;

	for (state = 0; state < 3; state++) {
		for (s = 0; s < 2; s++) {
			struct lpchar_park park = { state, 20000 };
			char path[64], line[256], *at;
			pid_t pid = fork();
			FILE *f;

			if (!pid) {
				catch(SIGUSR1, 0);
				_exit(ioctl(fd, LPCHAR_PARK, &park) ? errno : 0);
			}
			usleep(150000);
			snprintf(path, sizeof(path), "/proc/%d/stat", pid);
			f = fopen(path, "r");
			if (!f || !fgets(line, sizeof(line), f))
				die(path);
			fclose(f);
			at = strrchr(line, ')') + 2;
			kill(pid, signals[s]);
			usleep(150000);
			printf("%s %c %s %s", names[state], *at,
			       signals[s] == SIGKILL ? "KILL" : "USR1",
			       waitpid(pid, &status, WNOHANG) == pid ? "woken" : "sleeps");
			ioctl(fd, LPCHAR_UNPARK);
			waitpid(pid, &status, 0);
			printf(" %s\n", WIFSIGNALED(status) ? "killed" :
			       WEXITSTATUS(status) ?
			       strerrorname_np(WEXITSTATUS(status)) : "0");
		}
	}
}

/* trace: the last handshake through the ioctl, as letters */
static void test_trace(char **arg)
{
	int fd = open_device(O_RDWR);
	struct lpchar_event event[64];
	struct lpchar_trace trace = {
		.version = LPCHAR_VERSION, .nr = 64, .events = (uintptr_t)event,
	};
	unsigned int i, version = 0, off = 0;

	ioctl(fd, LPCHAR_GETVERSION, &version);
	printf("version %u ", version);
	if (write(fd, "Z", 1) != 1 || fsync(fd))
		die("write");
	if (ioctl(fd, LPCHAR_GETTRACE, &trace))
		die("LPCHAR_GETTRACE");
	for (i = 0; i < trace.nr; i++)
		if (event[i].what == 'd' && event[i].data == 'Z')
			break;
	for (; i < trace.nr && event[i].what != 's'; i++)
		printf("%c%02x,%02x ", event[i].what, event[i].data, event[i].control);
	trace.version = 99;
	printf("%s ", result(ioctl(fd, LPCHAR_GETTRACE, &trace)));
	printf("%s\n", result(ioctl(fd, LPCHAR_SETTRACE, &off)));
	off = 1;
	ioctl(fd, LPCHAR_SETTRACE, &off);
}

/* splice FILE: a file through a pipe into the device */
static void test_splice(char **arg)
{
	int in = open(arg[0], O_RDONLY), fd = open_device(O_WRONLY), p[2];
	size_t total = 0;
	ssize_t nr;

	if (pipe(p))
		die("pipe");
	while ((nr = splice(in, NULL, p[1], NULL, 65536, 0)) > 0) {
		while (nr > 0) {
			ssize_t out = splice(p[0], NULL, fd, NULL, nr, 0);

			if (out <= 0)
				die("splice");
			nr -= out;
			total += out;
		}
	}
	fsync(fd);
	printf("spliced %zu\n", total);
}

/* hold COMMAND: keep the device open while COMMAND runs, then use it. */
static void test_hold(char **arg)
{
	int fd = open_device(O_RDWR | O_NONBLOCK), value;
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };

	if (system(arg[0]) == -1)
		die("system");
	printf("write %s", result(write(fd, "x", 1)));
	printf(" ioctl %s", result(ioctl(fd, LPGETFLAGS, &value)));
	poll(&pfd, 1, 0);
	printf(" poll 0x%x\n", pfd.revents);
}

/* storm PROCESSES SECONDS: open, write, ioctl and leave, as fast as they can. */
static void test_storm(char **arg)
{
	unsigned long *opens = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int processes = atoi(arg[0]), i, value;
	time_t end = time(NULL) + atoi(arg[1]);

	for (i = 0; i < processes; i++) {
		if (fork())
			continue;
		while (time(NULL) < end) {
			int fd = open(device, O_RDWR | (i & 1 ? O_NONBLOCK : 0));

			if (fd < 0)
				continue;
			__atomic_fetch_add(opens, 1, __ATOMIC_RELAXED);
			if (write(fd, "storm", 5) < 0 || ioctl(fd, LPGETSTATUS, &value))
				__atomic_fetch_add(opens + 1, 1, __ATOMIC_RELAXED);
			close(fd);
			/* A gap, in which the module may go. */
			usleep(random() % 4000);
		}
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	printf("opens %lu refused %lu\n", opens[0], opens[1]);
}

#define TEST(_name) { #_name, test_##_name }

static const struct {
	const char *name;
	void (*run)(char **arg);
} tests[] = {
	TEST(send), TEST(signals), TEST(errnos), TEST(nonblock),
	TEST(two), TEST(behind), TEST(sigio), TEST(write),
	TEST(big), TEST(set), TEST(open), TEST(fsync),
	TEST(read), TEST(page), TEST(restart), TEST(park),
	TEST(parked), TEST(trace), TEST(splice), TEST(hold),
	TEST(storm),
};

int main(int argc, char **argv)
{
	static char *none[4];
	unsigned int i;

	if (argc < 3) {
		fprintf(stderr, "usage: lpchar-io DEVICE TEST [ARG...]\n");
		return 2;
	}
	device = argv[1];
	/* So that a test may look at arguments that are not there. */
	memcpy(none, argv + 3, (argc > 7 ? 4 : argc - 3) * sizeof(*none));
	for (i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		if (!strcmp(argv[2], tests[i].name)) {
			tests[i].run(none);
			return 0;
		}
	}
	fprintf(stderr, "lpchar-io: no test '%s'\n", argv[2]);
	return 2;
}
