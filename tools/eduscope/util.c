// SPDX-License-Identifier: GPL-2.0
/* Small things that every command needs: messages, signals, names, JSON text. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>
#include "eduscope.h"

int stop_signal;

void complain(const char *fmt, ...)
{
	va_list args;

	fputs("eduscope: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

static void on_signal(int signal)
{
	__atomic_store_n(&stop_signal, signal, __ATOMIC_RELAXED);
}

/*
 * No SA_RESTART: a wait must end when the user asks. A closed pipe is seen as
 * a failed write, so that what is attached is detached before the end.
 */
void catch_signals(void)
{
	struct sigaction act = { .sa_handler = on_signal };
	int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &act, NULL);
	signal(SIGPIPE, SIG_IGN);
}

double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* 0, or FAILED with the reason said: nobody reads, or nothing more fits. */
int flush_output(void)
{
	static bool said;

	if (!fflush(stdout) && !ferror(stdout))
		return DONE;
	if (!said)
		complain("cannot write the result: %s",
			 errno == EPIPE ? "its reader is gone" : strerror(errno));
	said = true;
	return FAILED;
}

bool read_line(const char *path, char *line, size_t size)
{
	FILE *f = fopen(path, "re");
	bool got = false;

	if (f) {
		got = fgets(line, size, f);
		fclose(f);
	}
	if (!got)
		line[0] = 0;
	line[strcspn(line, "\n")] = 0;
	return got;
}

bool file_has(const char *path, const char *text)
{
	FILE *f = fopen(path, "re");
	size_t size = 0;
	char *line = NULL;
	bool has = false;

	while (f && !has && getline(&line, &size, f) >= 0)
		has = strstr(line, text);
	free(line);
	if (f)
		fclose(f);
	return has;
}

bool module_loaded(const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	return !access(path, F_OK);
}

/* The bytes of the character of UTF-8 at @c, 0 if there is none. */
static int character(const unsigned char *c)
{
	int n = *c < 0x80 ? 1 : *c < 0xc2 ? 0 : *c < 0xe0 ? 2 : *c < 0xf0 ? 3 : *c < 0xf5 ? 4 : 0;
	int i;

	for (i = 1; i < n; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	/* too long a form, half of a pair, beyond the last */
	if ((*c == 0xe0 && c[1] < 0xa0) || (*c == 0xed && c[1] > 0x9f) ||
	    (*c == 0xf0 && c[1] < 0x90) || (*c == 0xf4 && c[1] > 0x8f))
		return 0;
	return n;
}

/* Where this program is, with all that belongs to it beside it; "" if that is not told. */
const char *own_folder(void)
{
	static char self[PATH_MAX];

	/* The link is a whole path. */
	if (!self[0] && readlink("/proc/self/exe", self, sizeof(self) - 1) > 0)
		*strrchr(self, '/') = 0;
	return self;
}

/* A byte that is part of no character is shown as if it were Latin-1. */
void json_string(FILE *f, const char *text)
{
	const unsigned char *c = (const unsigned char *)text;
	int n;

	fputc('"', f);
	for (; *c; c += n ?: 1) {
		n = character(c);
		if (*c == '"' || *c == '\\')
			fprintf(f, "\\%c", *c);
		else if (*c < 0x20 || *c == 0x7f || !n)
			fprintf(f, "\\u%04x", *c);
		else
			fwrite(c, n, 1, f);
	}
	fputc('"', f);
}

const char *human_ns(double ns, char *buf, size_t size)
{
	if (ns < 1e3)
		snprintf(buf, size, "%.0f ns", ns);
	else if (ns < 1e6)
		snprintf(buf, size, "%.*f us", ns < 1e4 ? 2 : 1, ns / 1e3);
	else if (ns < 1e9)
		snprintf(buf, size, "%.*f ms", ns < 1e7 ? 2 : 1, ns / 1e6);
	else
		snprintf(buf, size, "%.2f s", ns / 1e9);
	return buf;
}

const char *human(double value, const char *unit, char *buf, size_t size)
{
	int digits;

	if (!strcmp(unit, "ns"))
		return human_ns(value, buf, size);
	digits = value == floor(value) ? 0 : fabs(value) < 10 ? 3 : fabs(value) < 1000 ? 1 : 0;
	snprintf(buf, size, "%.*f%s%s", digits, value, *unit ? " " : "", unit);
	return buf;
}

struct symbol {
	uint64_t address;
	char *name;
};

static struct symbol *symbols;
static size_t n_symbols;

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return (x->address > y->address) - (x->address < y->address);
}

static void read_symbols(void)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	unsigned long long address;
	size_t room = 0;
	char name[256];

	while (f && fscanf(f, "%llx %*c %255s%*[^\n]", &address, name) == 2) {
		if (n_symbols == room) {
			struct symbol *more;

			room = room ? 2 * room : 65536;
			more = realloc(symbols, room * sizeof(*symbols));
			if (!more)
				break;
			symbols = more;
		}
		symbols[n_symbols].address = address;
		symbols[n_symbols++].name = strdup(name);
	}
	if (f)
		fclose(f);
	qsort(symbols, n_symbols, sizeof(*symbols), by_address);
}

/* The kernel's name for a function, or its address in a buffer of ours. */
const char *ksym(uint64_t address)
{
	static char number[24];
	size_t low = 0, high;

	if (!symbols)
		read_symbols();
	high = n_symbols;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (symbols[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (low && symbols[low - 1].name && symbols[low - 1].address)
		return symbols[low - 1].name;
	snprintf(number, sizeof(number), "%#llx", (unsigned long long)address);
	return number;
}

static const struct {
	int nr;
	const char *name;
} syscalls[] = {
#define SYSCALL(n) { __NR_##n, #n }
	SYSCALL(read), SYSCALL(write), SYSCALL(open), SYSCALL(close), SYSCALL(stat),
	SYSCALL(fstat), SYSCALL(lstat), SYSCALL(poll), SYSCALL(lseek), SYSCALL(mmap),
	SYSCALL(mprotect), SYSCALL(munmap), SYSCALL(brk), SYSCALL(rt_sigaction),
	SYSCALL(rt_sigprocmask), SYSCALL(rt_sigreturn), SYSCALL(ioctl), SYSCALL(pread64),
	SYSCALL(pwrite64), SYSCALL(readv), SYSCALL(writev), SYSCALL(access), SYSCALL(pipe),
	SYSCALL(select), SYSCALL(sched_yield), SYSCALL(mremap), SYSCALL(madvise), SYSCALL(dup),
	SYSCALL(dup2), SYSCALL(pause), SYSCALL(nanosleep), SYSCALL(getpid), SYSCALL(sendfile),
	SYSCALL(socket), SYSCALL(connect), SYSCALL(accept), SYSCALL(sendto), SYSCALL(recvfrom),
	SYSCALL(sendmsg), SYSCALL(recvmsg), SYSCALL(bind), SYSCALL(listen), SYSCALL(clone),
	SYSCALL(fork), SYSCALL(vfork), SYSCALL(execve), SYSCALL(exit), SYSCALL(wait4),
	SYSCALL(kill), SYSCALL(uname), SYSCALL(fcntl), SYSCALL(flock), SYSCALL(fsync),
	SYSCALL(fdatasync), SYSCALL(ftruncate), SYSCALL(getcwd), SYSCALL(chdir), SYSCALL(rename),
	SYSCALL(mkdir), SYSCALL(rmdir), SYSCALL(unlink), SYSCALL(readlink), SYSCALL(chmod),
	SYSCALL(getuid), SYSCALL(getppid), SYSCALL(prctl), SYSCALL(arch_prctl), SYSCALL(gettid),
	SYSCALL(futex), SYSCALL(sched_setaffinity), SYSCALL(sched_getaffinity),
	SYSCALL(getdents64), SYSCALL(restart_syscall), SYSCALL(clock_gettime),
	SYSCALL(clock_nanosleep), SYSCALL(exit_group), SYSCALL(epoll_wait), SYSCALL(epoll_ctl),
	SYSCALL(tgkill), SYSCALL(waitid), SYSCALL(openat), SYSCALL(newfstatat), SYSCALL(unlinkat),
	SYSCALL(faccessat), SYSCALL(pselect6), SYSCALL(ppoll), SYSCALL(set_robust_list),
	SYSCALL(set_tid_address), SYSCALL(epoll_pwait), SYSCALL(pipe2), SYSCALL(prlimit64),
	SYSCALL(getrandom), SYSCALL(memfd_create), SYSCALL(bpf), SYSCALL(execveat), SYSCALL(statx),
	SYSCALL(rseq), SYSCALL(clone3), SYSCALL(close_range), SYSCALL(faccessat2),
	SYSCALL(sched_setscheduler), SYSCALL(setitimer), SYSCALL(alarm), SYSCALL(sysinfo),
	SYSCALL(getrusage), SYSCALL(rt_sigsuspend), SYSCALL(rt_sigtimedwait), SYSCALL(dup3),
	SYSCALL(eventfd2), SYSCALL(signalfd4), SYSCALL(timerfd_create), SYSCALL(timerfd_settime),
#undef SYSCALL
};

/* The name of a call that programs often make, else its number. */
const char *syscall_name(long nr, char *buf, size_t size)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(syscalls); i++)
		if (syscalls[i].nr == nr)
			return syscalls[i].name;
	snprintf(buf, size, "syscall %ld", nr);
	return buf;
}

long cpus(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN);
}

/* What the numbers were measured on: a comparison means nothing without. */
void machine_line(FILE *f, bool json)
{
	char line[256], model[128] = "unknown CPU", virt[64] = "";
	struct utsname u;
	FILE *info = fopen("/proc/cpuinfo", "re");

	uname(&u);
	while (info && fgets(line, sizeof(line), info)) {
		char *colon = strchr(line, ':');

		if (colon && !strncmp(line, "model name", 10)) {
			snprintf(model, sizeof(model), "%.120s", colon + 2);
			model[strcspn(model, "\n")] = 0;
		}
		if (!strncmp(line, "flags", 5) && strstr(line, " hypervisor"))
			strcpy(virt, ", virtual machine");
	}
	if (info)
		fclose(info);
	snprintf(line, sizeof(line), "Linux %.60s, %ld x %.100s%s, %ld MiB", u.release, cpus(),
		 model, virt, sysconf(_SC_PHYS_PAGES) / 256);
	if (json)
		json_string(f, line);
	else
		fputs(line, f);
}

/* A bar of eighths of a character. */
void text_bar(FILE *f, double part, int width)
{
	static const char *const eighth[] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	int n = part * width * 8 + 0.5, i;

	if (part > 0 && !n)
		n = 1;
	for (i = 0; i < n / 8; i++)
		fputs("█", f);
	fputs(eighth[n % 8], f);
}
