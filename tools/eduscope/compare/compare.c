// SPDX-License-Identifier: GPL-2.0
/*
 * compare: the frame. It alternates A B, B A, A B ... (who goes first changes
 * with each pair, so that going first favours nobody), after one unmeasured
 * pair, and hands the pairs to judge().
 */
#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "compare/compare.h"

static const struct comparison *const comparisons[] = {
	&slab_classic,
	&slab_sheaf,
	&slab_sizes,
	&slab_inodes,
	&sched_twin,
	&sched_naps,
	&sched_fair,
	&fs_twin,
	&fs_fio,
	&fs_tree,
	&fs_journal,
	&fs_age,
	&lp_twin,
	&lp_poll_twin,
	&irq_load,
	&timer_twin,
	&wq_twin,
	&lock_twin,
	&sched_batch,
	&ext2_ext4,
	&sched_all,
	&sched_simple,
	&sched_flatcg,
};

static struct {
	int runs;
	bool json;
	const char *json_path;
	bool icount;
	bool list;
	int only;		/* a side, or -1 */
	const char *html;
	char **names;
	int n_names;
} opt = { .runs = 6, .only = -1 };

static int shell(const char *command, int side, const struct comparison *c, struct result *r)
{
	char line[256], name[64];
	double value;
	FILE *f;
	int i, status;

	if (!command)
		return 0;
	setenv("SIDE", c->side[side], 1);
	f = popen(command, "r");
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		if (!r || sscanf(line, "%63s %lf", name, &value) != 2)
			continue;
		for (i = 0; i < METRICS && c->metrics[i].name; i++) {
			if (strcmp(c->metrics[i].name, name))
				continue;
			r->value[i] = value;
			r->given[i] = true;
		}
	}
	status = pclose(f);
	if (!status)
		return 0;
	complain("%s: '%.80s' failed", c->name, command);
	return -EIO;
}

static int run_side(const struct comparison *c, int side, struct result *r)
{
	memset(r, 0, sizeof(*r));
	return c->run ? c->run(side, r) : shell(c->run_cmd, side, c, r);
}

static int measure(const struct comparison *c, struct outcome *o)
{
	double start = now_s();
	int times[METRICS] = {}, wanted = opt.only < 0 ? 2 * opt.runs : opt.runs;
	struct result r;
	int i, m, turn, side, err;

	memset(o, 0, sizeof(*o));
	o->c = c;
	for (m = 0; m < METRICS; m++)
		for (side = 0; side < 2; side++)
			o->sample[side][m] = calloc(opt.runs, sizeof(double));
	err = c->setup ? c->setup() : shell(c->setup_cmd, 0, c, NULL);
	for (i = -1; i < opt.runs && !err && !stopping; i++) {
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "\r%s: pair %d of %d ", c->name, i + 1, opt.runs);
		for (turn = 0; turn < 2 && !err && !stopping; turn++) {
			side = opt.only >= 0 ? opt.only : (i & 1) ? !turn : turn;
			if (opt.only >= 0 && turn)
				break;
			err = run_side(c, side, &r);
			if (err || i < 0)
				continue;
			for (m = 0; m < METRICS; m++) {
				o->sample[side][m][i] = r.value[m];
				times[m] += r.given[m];
			}
			hist_merge(&o->hist[side], &r.hist);
			o->curve[side] = r.curve;
		}
	}
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	if (c->teardown)
		c->teardown();
	else
		shell(c->teardown_cmd, 0, c, NULL);
	o->pairs = opt.runs;
	o->seconds = now_s() - start;
	if (stopping)
		err = -EINTR;
	for (m = 0; m < METRICS && !err; m++) {
		o->given[m] = times[m] == wanted;
		if (o->given[m]) {
			judge(o->sample[0][m], o->sample[1][m], opt.runs, c->metrics[m].lower,
			      &o->verdict[m]);
			o->confidence = o->verdict[m].confidence;
		} else if (times[m]) {
			complain("%s: %s was measured %d times of %d: left out", c->name,
				 c->metrics[m].name, times[m], wanted);
		}
	}
	/* Nothing is sure where nothing was measured. */
	return err ?: o->confidence > 0 ? 0 : -ENODATA;
}

/*
 * Under an instruction clock a nanosecond of the guest is no time: the VM runs
 * with -icount shift=1, which makes one instruction two nanoseconds.
 */
static const char *unit_of(const struct metric *m, double *scale)
{
	*scale = 1;
	if (!opt.icount || strcmp(m->unit, "ns"))
		return m->unit;
	*scale = 0.5;
	return "instr";
}

static void print_text(const struct outcome *o)
{
	const struct comparison *c = o->c;
	char a[32], b[32], spread[2][48];
	int m, s;

	printf("%s: %s\n  %s\n  %d pairs, %.1f s\n\n", c->name, c->title, c->workload, o->pairs,
	       o->seconds);
	printf("  %-14s %22s %22s  %-26s %s\n", "metric", c->side[0], c->side[1],
	       "ratio (interval)", "verdict");
	for (m = 0; m < METRICS && c->metrics[m].name; m++) {
		const struct verdict *v = &o->verdict[m];
		const char *unit;
		double scale;

		if (!o->given[m])
			continue;
		unit = unit_of(&c->metrics[m], &scale);
		for (s = 0; s < 2; s++)
			snprintf(spread[s], sizeof(spread[s]), "%s ±%s",
				 human(v->median[s] * scale, unit, a, sizeof(a)),
				 human(v->spread[s] * scale, unit, b, sizeof(b)));
		if (opt.only >= 0) {
			printf("  %-14s %s\n", c->metrics[m].name, spread[opt.only]);
			continue;
		}
		/* ± is two bytes and one column */
		printf("  %-14s %23s %23s  %6.3f (%.3f .. %.3f)%*s ", c->metrics[m].name,
		       spread[0], spread[1], v->ratio, v->low, v->high,
		       v->high < 10 ? 4 : 2, "");
		if (v->better < 0)
			puts("no difference seen");
		else
			printf("%s is better\n", c->side[v->better]);
	}
	if (opt.only < 0)
		printf("  ratio: %s over %s, median of the pairs; interval %.1f %% sure; ± %s\n",
		       c->side[1], c->side[0], o->confidence * 100,
		       "half the range of the middle half");
	for (s = 0; s < 2; s++) {
		if (!o->hist[s].count)
			continue;
		printf("\n  %s, %s: p50 %s", c->measures, c->side[s],
		       human_ns(hist_percentile(&o->hist[s], 0.5), a, sizeof(a)));
		printf(", p99 %s", human_ns(hist_percentile(&o->hist[s], 0.99), a, sizeof(a)));
		printf(", max %s\n", human_ns(o->hist[s].max, a, sizeof(a)));
		hist_print(stdout, &o->hist[s], "ns");
	}
	putchar('\n');
}

/* JSON has no infinity, which a ratio to nothing is. */
static void json_number(FILE *f, const char *before, double value)
{
	if (isfinite(value))
		fprintf(f, "%s%.6g", before, value);
	else
		fprintf(f, "%snull", before);
}

static void print_json(FILE *f, const struct outcome *o)
{
	const struct comparison *c = o->c;
	bool first = true;
	int m, s, i;

	fprintf(f, "{\"comparison\":\"%s\",\"title\":", c->name);
	json_string(f, c->title);
	fprintf(f, ",\"sides\":[\"%s\",\"%s\"],\"pairs\":%d", c->side[0], c->side[1], o->pairs);
	fprintf(f, ",\"seconds\":%.1f,\"icount\":%s,\"machine\":", o->seconds,
		opt.icount ? "true" : "false");
	machine_line(f, true);
	fputs(",\"metrics\":[", f);
	for (m = 0; m < METRICS && c->metrics[m].name; m++) {
		const struct verdict *v = &o->verdict[m];

		if (!o->given[m])
			continue;
		fprintf(f, "%s{\"name\":\"%s\",\"unit\":\"%s\",\"better\":\"%s\"", first ? "" : ",",
			c->metrics[m].name, c->metrics[m].unit,
			c->metrics[m].lower ? "lower" : "higher");
		first = false;
		if (opt.only < 0) {
			fprintf(f, ",\"median\":[%.9g,%.9g],\"spread\":[%.9g,%.9g]", v->median[0],
				v->median[1], v->spread[0], v->spread[1]);
			json_number(f, ",\"ratio\":", v->ratio);
			json_number(f, ",\"interval\":[", v->low);
			json_number(f, ",", v->high);
			fputc(']', f);
			fprintf(f, ",\"confidence\":%.4f,\"verdict\":\"%s\"", v->confidence,
				v->better < 0 ? "no difference seen" : c->side[v->better]);
		}
		fputs(",\"samples\":[", f);
		for (s = 0; s < 2; s++) {
			fputs(s ? ",[" : "[", f);
			for (i = 0; i < o->pairs && (opt.only < 0 || opt.only == s); i++)
				fprintf(f, "%s%.9g", i ? "," : "", o->sample[s][m][i]);
			fputc(']', f);
		}
		fputs("]}", f);
	}
	fputc(']', f);
	if (o->hist[0].count || o->hist[1].count) {
		fputs(",\"histograms\":[", f);
		hist_json(f, &o->hist[0]);
		fputc(',', f);
		hist_json(f, &o->hist[1]);
		fputc(']', f);
	}
	for (s = 0; s < 2 && c->follows; s++) {
		fputs(s ? ",[" : ",\"curves\":[[", f);
		for (i = 0; i < o->curve[s].points; i++)
			fprintf(f, "%s[%.0f,%.0f]", i ? "," : "", o->curve[s].at[i],
				o->curve[s].value[i]);
		fputs(s ? "]]" : "]", f);
	}
	fputs("}\n", f);
}

static int write_json(const char *path, const struct outcome *o, int n)
{
	FILE *f = fopen(path, "we");
	int i, bad = !f;

	for (i = 0; f && i < n; i++)
		print_json(f, &o[i]);
	if (f) {
		bad = ferror(f);
		bad |= fclose(f);
	}
	if (bad) {
		complain("%s: %s", path, strerror(errno));
		return FAILED;
	}
	return 0;
}

enum { OPT_JSON = 256, OPT_ICOUNT, OPT_HTML, OPT_SIDE, OPT_LIST };

static const struct argp_option options[] = {
	{ "runs", 'n', "N", 0, "measured pairs, at least 5 (6)", 0 },
	{ "side", OPT_SIDE, "SIDE", 0, "measure one side only (by its name), or both", 0 },
	{ "html", OPT_HTML, "FILE", 0, "also write the report", 0 },
	{ "icount", OPT_ICOUNT, NULL, 0, "the clock counts instructions (vm/run --icount)", 0 },
	{ "json", OPT_JSON, "FILE", OPTION_ARG_OPTIONAL,
	  "one JSON object a comparison, instead of the text, or beside it to FILE", 0 },
	{ "list", OPT_LIST, NULL, 0, "only say what can be compared", 0 },
	{}
};

static const char *side_wanted;

static error_t parse(int key, char *arg, struct argp_state *state)
{
	char *end;

	switch (key) {
	case 'n':
		opt.runs = strtol(arg, &end, 10);
		if (*end || end == arg || opt.runs < 5 || opt.runs > 10000)
			argp_error(state, "'%s' is not a number of pairs from 5 to 10000", arg);
		break;
	case OPT_JSON:
		opt.json = !arg;
		opt.json_path = arg;
		break;
	case OPT_ICOUNT:
		opt.icount = true;
		break;
	case OPT_HTML:
		opt.html = arg;
		break;
	case OPT_SIDE:
		side_wanted = strcmp(arg, "both") ? arg : NULL;
		break;
	case OPT_LIST:
		opt.list = true;
		break;
	case ARGP_KEY_ARGS:
		opt.names = state->argv + state->next;
		opt.n_names = state->argc - state->next;
		break;
	case ARGP_KEY_END:
		if (side_wanted && opt.html)
			argp_error(state, "--html wants both sides");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct comparison *find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(comparisons); i++)
		if (!strcmp(comparisons[i]->name, name))
			return comparisons[i];
	return NULL;
}

/* Which side of @c was asked for; -1 if it has none of that name. */
static int side_of(const struct comparison *c)
{
	int i;

	for (i = 0; i < 2; i++)
		if (!strcmp(side_wanted, c->side[i]))
			return i;
	return -1;
}

/* The shell commands call eduscope and sched-load: those that belong to this one. */
static void find_our_own(void)
{
	char path[3 * PATH_MAX];
	const char *own = own_folder(), *old = getenv("PATH");

	if (!own[0])
		return;
	snprintf(path, sizeof(path), "%s:%s/../lib/eduscope:%.4000s", own, own,
		 old ?: "/usr/bin:/bin");
	setenv("PATH", path, 1);
}

int compare_main(int argc, char **argv)
{
	const struct argp argp = {
		.options = options,
		.parser = parse,
		.args_doc = "[NAME...]",
		.doc = "Runs the same work on two implementations in turn and says what differs.",
	};
	struct outcome o[ARRAY_SIZE(comparisons)];
	int n = 0, status = DONE, err;
	size_t i;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	for (i = 0; i < (size_t)opt.n_names; i++) {
		const struct comparison *c = find(opt.names[i]);

		if (c && (!side_wanted || side_of(c) >= 0))
			continue;
		if (c)
			complain("%s has the sides %s and %s, not '%s'", c->name, c->side[0],
				 c->side[1], side_wanted);
		else
			complain("there is no comparison '%s'; --list names them", opt.names[i]);
		return MISUSED;
	}
	if (!opt.icount && file_has("/proc/cmdline", "edu.icount"))
		opt.icount = true;
	catch_signals();
	find_our_own();
	for (i = 0; i < ARRAY_SIZE(comparisons) && !stopping; i++) {
		const struct comparison *c = comparisons[i];
		bool wanted = !opt.n_names && !c->asked;
		int j;

		for (j = 0; j < opt.n_names; j++)
			wanted |= !strcmp(opt.names[j], c->name);
		if (opt.list)
			printf("%-14s %s (%s, %s)%s\n", c->name, c->title, c->side[0],
			       c->side[1], c->asked ? "; minutes: only by name" : "");
		if (!wanted || opt.list)
			continue;
		opt.only = side_wanted ? side_of(c) : -1;
		if (side_wanted && opt.only < 0)
			continue;
		if (c->module && !module_loaded(c->module)) {
			complain("%s: %s is not loaded", c->name, c->module);
			status = FAILED;
			continue;
		}
		err = measure(c, &o[n]);
		if (err) {
			complain("%s: not finished: %s", c->name, strerror(-err));
			status = FAILED;
			continue;
		}
		if (opt.json)
			print_json(stdout, &o[n]);
		else
			print_text(&o[n]);
		n++;
		if (flush_output())
			return FAILED;
	}
	if (opt.json_path && n && write_json(opt.json_path, o, n))
		status = FAILED;
	if (opt.html && n && write_report(opt.html, o, n, opt.icount))
		status = FAILED;
	return stopping ? FAILED : flush_output() ?: status;
}
