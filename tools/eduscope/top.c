// SPDX-License-Identifier: GPL-2.0
/*
 * top: a full-screen view of all CPUs and of the twins, renewed each second.
 *
 * Curses owns the terminal from newterm() to endwin(): every way out goes
 * through restore(), also a signal that would kill us, and what is said on
 * stderr is said after it. A terminal that is too small shows what fits.
 * Where it has colours, and NO_COLOR is not set, a CPU on which somebody waits
 * is yellow, one that runs a class above fair is cyan; an idle one is dim.
 */
#include <argp.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <curses.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "eduscope.h"
#include "top.h"
#include "top.skel.h"

#define COUNTERS 64
#define TWINS 8

static struct {
	double interval;
	double duration;
	struct top_bpf *skel;
	struct edu_top_cpu now[EDU_TOP_CPUS], before[EDU_TOP_CPUS];
	struct counter twin[TWINS][COUNTERS], twin_before[TWINS][COUNTERS];
	int n_twin[TWINS], n_twin_before[TWINS];
	int online[EDU_TOP_CPUS], n_online;	/* their numbers, in order */
	uint64_t lost;
	double start, at, at_before;
	int scroll;
	bool paused;
	SCREEN *screen;
} top = { .interval = 1 };

enum { NO_COLOUR, URGENT, CROWDED };

static void restore(void)
{
	if (top.screen)
		endwin();
	top.screen = NULL;
}

static void on_crash(int sig)
{
	restore();
	signal(sig, SIG_DFL);
	raise(sig);
}

static double parse_seconds(const char *arg, struct argp_state *state)
{
	char *end;
	double value = strtod(arg, &end);

	if (*end || end == arg || !(value >= 0.1) || value > 3600)
		argp_error(state, "'%s' is not a number of seconds from 0.1 to 3600", arg);
	return value;
}

static const struct argp_option options[] = {
	{ "interval", 'i', "SECONDS", 0, "between two looks (1)", 0 },
	{ "duration", 'd', "SECONDS", 0, "end after that long", 0 },
	{}
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	if (key == 'i')
		top.interval = parse_seconds(arg, state);
	else if (key == 'd')
		top.duration = parse_seconds(arg, state);
	else if (key == ARGP_KEY_ARG)
		argp_error(state, "'%s' is one word too many", arg);
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static bool attach(void)
{
	const char *obstacle = probe_obstacle();
	struct edu_filter filter = { .self = getpid() };
	int err = -ENOMEM;

	if (obstacle) {
		complain("%s", obstacle);
		return false;
	}
	hush_libbpf();
	top.skel = top_bpf__open();
	if (top.skel) {
		memcpy((void *)&top.skel->rodata->filter, &filter, sizeof(filter));
		err = top_bpf__load(top.skel);
	}
	if (!err)
		err = top_bpf__attach(top.skel);
	if (err)
		complain("top does not work on this kernel: %s", strerror(-err));
	return !err;
}

/* Numbers of CPUs may have holes: "0-2,5". */
static void read_online(void)
{
	char list[4096], *at = list;
	int cpu, last;

	read_line("/sys/devices/system/cpu/online", list, sizeof(list));
	for (top.n_online = 0; *at; at += *at == ',') {
		cpu = strtoul(at, &at, 10);
		last = *at == '-' ? (int)strtoul(at + 1, &at, 10) : cpu;
		for (; cpu <= last && cpu < EDU_TOP_CPUS; cpu++)
			top.online[top.n_online++] = cpu;
		if (*at && *at != ',')
			return;
	}
}

static void look(void)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	uint64_t lost[EDU_LOST_KINDS];
	int i;

	memcpy(top.before, top.now, sizeof(top.now));
	memcpy(top.twin_before, top.twin, sizeof(top.twin));
	memcpy(top.n_twin_before, top.n_twin, sizeof(top.n_twin));
	top.at_before = top.at;
	bpf_prog_test_run_opts(bpf_program__fd(top.skel->progs.top_look), &opts);
	read_online();
	for (i = 0; i < top.n_online; i++)
		bpf_map_lookup_elem(bpf_map__fd(top.skel->maps.cpus), &top.online[i],
				    &top.now[top.online[i]]);
	read_lost(top.skel->obj, lost);
	for (top.lost = 0, i = 0; i < EDU_LOST_KINDS; i++)
		top.lost += lost[i];
	for (i = 0; twin_name(i); i++)
		top.n_twin[i] = twin_is_loaded(i) ? twin_counters(i, top.twin[i], COUNTERS) : 0;
	top.at = now_s();
}

static void line(int y, attr_t style, const char *text)
{
	int rows, columns;

	getmaxyx(stdscr, rows, columns);
	if (y >= rows)
		return;
	attrset(style);
	/* the last column of the last line would scroll */
	mvaddnstr(y, 0, text, columns - (y == rows - 1));
	if (style == A_REVERSE) {
		int x = getcurx(stdscr);

		for (; getcury(stdscr) == y && x < columns - (y == rows - 1); x++)
			addch(' ');
	}
	attrset(A_NORMAL);
}

static double rate(uint64_t now, uint64_t before)
{
	double seconds = top.at - top.at_before;

	return seconds > 0 ? (now - before) / seconds : 0;
}

static void draw_cpu(int y, int cpu)
{
	const struct edu_top_cpu *c = &top.now[cpu], *b = &top.before[cpu];
	struct edu_hist wait = c->wait;
	char text[256], task[32], p50[16] = "-", p99[16] = "-";
	attr_t style = A_NORMAL;

	wait.max = ~0ULL;
	hist_subtract(&wait, &b->wait);
	if (wait.count) {
		human_ns(hist_percentile(&wait, 0.5), p50, sizeof(p50));
		human_ns(hist_percentile(&wait, 0.99), p99, sizeof(p99));
	}
	snprintf(task, sizeof(task), "%.15s", c->now.tid ? c->now.comm : "(idle)");
	snprintf(text, sizeof(text), "%3d %-15s %7u %-5s %4u %9.0f %9.0f %9s %9s", cpu, task,
		 c->now.tid, class_name(c->now.class), c->nr_running,
		 rate(c->switches, b->switches), rate(c->faults, b->faults), p50, p99);
	if (!c->now.tid)
		style = A_DIM;
	else if (c->nr_running > 1)
		style = COLOR_PAIR(CROWDED);
	else if (c->now.class < EDU_CLASS_FAIR)
		style = COLOR_PAIR(URGENT);
	line(y, style, text);
}

static uint64_t value_of(const struct counter *c, int n, const char *name)
{
	int i;

	for (i = 0; i < n; i++)
		if (!strcmp(c[i].name, name))
			return c[i].value;
	return 0;
}

static void draw_twin(int y, int i)
{
	const char *const *name = twin_headline(i);
	char text[256];
	int n, k;

	n = snprintf(text, sizeof(text), "%-10s", twin_name(i));
	for (k = 0; k < 6 && name[k] && n < 200; k++) {
		uint64_t now = value_of(top.twin[i], top.n_twin[i], name[k]);
		uint64_t before = value_of(top.twin_before[i], top.n_twin_before[i], name[k]);
		double r = top.n_twin_before[i] ? rate(now, before) : 0;

		n += snprintf(text + n, sizeof(text) - n, " %s %llu", name[k],
			      (unsigned long long)now);
		if (r >= 0.5)
			n += snprintf(text + n, sizeof(text) - n, " (%.0f/s)", r);
	}
	line(y, A_NORMAL, text);
}

static void draw(void)
{
	struct edu_top_cpu sum = {}, b = {};
	int n = top.n_online, y = 0, i, rows, room, loaded = 0;
	char text[256], p99[16], lost[48] = "";

	erase();
	rows = getmaxy(stdscr);
	for (i = 0; i < n; i++) {
		const struct edu_top_cpu *c = &top.now[top.online[i]];
		const struct edu_top_cpu *before = &top.before[top.online[i]];
		struct edu_hist w = c->wait;

		hist_subtract(&w, &before->wait);
		hist_merge(&sum.wait, &w);
		sum.switches += c->switches;
		sum.faults += c->faults;
		b.switches += before->switches;
		b.faults += before->faults;
	}
	for (i = 0; twin_name(i); i++)
		loaded += twin_is_loaded(i);
	sum.wait.max = ~0ULL;
	if (top.lost)
		snprintf(lost, sizeof(lost), "   LOST %llu", (unsigned long long)top.lost);
	snprintf(text, sizeof(text), "eduscope top   %.0f s%s%s", top.at - top.start,
		 top.paused ? "   paused" : "", lost);
	line(y++, A_NORMAL, text);
	snprintf(text, sizeof(text),
		 "switches %llu (%.0f/s)   faults %llu (%.0f/s)   wakeup p99 %s",
		 (unsigned long long)sum.switches, rate(sum.switches, b.switches),
		 (unsigned long long)sum.faults, rate(sum.faults, b.faults),
		 sum.wait.count ? human_ns(hist_percentile(&sum.wait, 0.99), p99, sizeof(p99)) :
		 "-");
	line(y++, A_NORMAL, text);
	y++;
	snprintf(text, sizeof(text), "%3s %-15s %7s %-5s %4s %9s %9s %9s %9s", "CPU", "TASK",
		 "PID", "CLASS", "RUN", "SWITCH/S", "FAULT/S", "WAIT p50", "p99");
	line(y++, A_REVERSE, text);
	room = rows - y - 1 - (loaded ? loaded + 2 : 0);
	if (room < 1)
		room = 1;
	if (top.scroll > n - room)
		top.scroll = n - room;
	if (top.scroll < 0)
		top.scroll = 0;
	for (i = top.scroll; i < n && i < top.scroll + room; i++)
		draw_cpu(y++, top.online[i]);
	if (loaded) {
		y++;
		line(y++, A_REVERSE, "TWIN       COUNTERS");
		for (i = 0; twin_name(i); i++)
			if (twin_is_loaded(i))
				draw_twin(y++, i);
	}
	line(rows - 1, A_NORMAL, n > room ? "q ends   p pauses   up and down move" :
	     "q ends   p pauses");
	refresh();
}

/* One key, or none until @left seconds are over. True: end. */
static bool key(double left)
{
	timeout(left > 0 ? left * 1000 : 0);
	switch (getch()) {
	case 'q':
		return true;
	case 'p':
		top.paused = !top.paused;
		break;
	case KEY_UP:
	case 'k':
		top.scroll--;
		break;
	case KEY_DOWN:
	case 'j':
		top.scroll++;
		break;
	case KEY_RESIZE:
		break;
	default:
		return false;
	}
	draw();
	return false;
}

static bool open_terminal(void)
{
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	size_t i;

	top.screen = newterm(NULL, stdout, stdin);
	if (!top.screen) {
		complain("no full screen on a terminal of type '%s'", getenv("TERM") ?: "");
		return false;
	}
	atexit(restore);
	for (i = 0; i < ARRAY_SIZE(crashes); i++)
		signal(crashes[i], on_crash);
	if (!(getenv("NO_COLOR") ?: "")[0] && has_colors()) {
		start_color();
		use_default_colors();
		init_pair(URGENT, COLOR_CYAN, -1);
		init_pair(CROWDED, COLOR_YELLOW, -1);
	}
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	curs_set(0);
	return true;
}

int top_main(int argc, char **argv)
{
	const struct argp argp = {
		.options = options,
		.parser = parse,
		.doc = "Shows what each CPU runs, its queue, rates and waits, and the twins, live.",
	};
	double next;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		complain("top wants a terminal; eduscope switch and wakeup print to a file");
		return FAILED;
	}
	if (!attach())
		return FAILED;
	if (!open_terminal()) {
		top_bpf__destroy(top.skel);
		return FAILED;
	}
	catch_signals();
	look();
	top.start = top.at;
	next = top.start;
	while (!stopping && !(top.duration && now_s() >= top.start + top.duration)) {
		if (now_s() >= next) {
			next = now_s() + top.interval;
			if (!top.paused)
				look();
			draw();
		}
		if (key(next - now_s()))
			break;
	}
	restore();
	top_bpf__destroy(top.skel);
	return flush_output();
}
