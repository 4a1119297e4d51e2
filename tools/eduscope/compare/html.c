// SPDX-License-Identifier: GPL-2.0
/*
 * The report: one page that needs nothing but itself. Inline SVG, no script,
 * light and dark by the reader's own setting, one column on a phone, and on
 * paper no page break inside a figure. Every number that a test reads back is
 * in a data element with the value at full precision.
 */
#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>
#include "compare/compare.h"

static void text(FILE *f, const char *t)
{
	for (; *t; t++) {
		if (*t == '<')
			fputs("&lt;", f);
		else if (*t == '&')
			fputs("&amp;", f);
		else
			fputc(*t, f);
	}
}

static const char *const top[] = {
	"<!doctype html>",
	"<html lang=\"en\"><head><meta charset=\"utf-8\">",
	"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">",
	"<title>eduscope: two implementations, side by side</title><style>",
	":root{color-scheme:light dark;--bg:#fdfdfb;--fg:#1c1e21;--dim:#5c6370;",
	"--line:#d9dbe0;--a:#2563a8;--b:#c2571a;--card:#fff}",
	"@media(prefers-color-scheme:dark){:root{--bg:#15171a;--fg:#e7e8ea;--dim:#9aa1ad;",
	"--line:#343840;--a:#6cb0f5;--b:#f2a065;--card:#1c1f23}}",
	"*{box-sizing:border-box}body{margin:0 auto;max-width:60rem;padding:1.5rem 1rem;",
	"background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif}",
	"h1{font-size:1.5rem;margin:0 0 .2rem}h2{font-size:1.2rem;margin:0}",
	"p{margin:.3rem 0}.dim{color:var(--dim);font-size:.9rem}",
	"section{background:var(--card);border:1px solid var(--line);border-radius:8px;",
	"padding:1rem;margin:1.2rem 0}svg,tr{break-inside:avoid}",
	".wide{overflow-x:auto}table{border-collapse:collapse;width:100%;",
	"font-variant-numeric:tabular-nums}",
	"th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:right;",
	"white-space:nowrap}th{font-weight:600;color:var(--dim)}",
	"th:first-child,td:first-child,td:last-child,th:last-child{text-align:left}",
	".a{color:var(--a)}.b{color:var(--b)}.won{font-weight:600}",
	"svg{width:100%;height:auto;display:block;margin-top:.6rem}",
	"svg text{fill:var(--dim);font:12px system-ui,sans-serif}",
	/* on a phone a metric is a block of its own, each cell behind its heading */
	"@media(max-width:600px){section{padding:.7rem}thead{display:none}",
	"tr{display:flex;flex-wrap:wrap;gap:0 1rem;padding:.4rem 0;",
	"border-bottom:1px solid var(--line)}",
	"td{padding:0;border:0;text-align:left}td:first-child{font-weight:600}",
	"td:first-child,td:last-child{flex-basis:100%}",
	"td[data-of]::before{content:attr(data-of) ' ';color:var(--dim);font-size:.9rem}",
	/* a figure is half as large there; its words are not */
	"svg text{font-size:20px}}",
	"@media print{body{max-width:none;font-size:11pt}section{border-color:#999}}",
	"</style></head><body>",
};

static const char *const bottom[] = {
	"<p class=\"dim\">Each side ran in turn, the first one changing with every pair.",
	"The ratio is the median over the pairs; a verdict is given only when its whole",
	"interval lies on one side of 1.</p></body></html>",
};

static void lines(FILE *f, const char *const *line, size_t n)
{
	while (n--)
		fprintf(f, "%s\n", *line++);
}

static void rule(FILE *f, double x1, double x2, int y1, int y2, const char *colour, int width)
{
	fprintf(f, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"", x1, x2, y1, y2);
	fprintf(f, " stroke=\"%s\" stroke-width=\"%d\"/>\n", colour, width);
}

static void label(FILE *f, double x, int y, const char *anchor, const char *words)
{
	fprintf(f, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s</text>\n", x, y, anchor,
		words);
}

/* The axis of a figure, of 700 units. */
#define LEFT	190
#define WIDE	490

static double at(double most, double ratio)
{
	ratio = fmax(1 / most, fmin(most, ratio));
	return LEFT + WIDE * (0.5 + 0.5 * log(ratio) / log(most));
}

/* The ratio's interval of every metric on one logarithmic axis around 1. */
static void draw_ratios(FILE *f, const struct outcome *o)
{
	double most = 1.2, x;
	int m, rows = 0, y = 34;
	char tick[3][16], text[128];

	for (m = 0; m < METRICS && o->c->metrics[m].name; m++) {
		const struct verdict *v = &o->verdict[m];

		if (!o->given[m])
			continue;
		rows++;
		if (isfinite(v->high) && v->high > most)
			most = v->high;
		if (v->low > 0 && 1 / v->low > most)
			most = 1 / v->low;
	}
	most *= 1.1;
	fprintf(f, "<svg viewBox=\"0 0 700 %d\" role=\"img\" aria-label=\"ratio of %s to %s\">\n",
		rows * 26 + 50, o->c->side[1], o->c->side[0]);
	snprintf(tick[0], sizeof(tick[0]), "%.2g", 1 / most);
	snprintf(tick[1], sizeof(tick[1]), "1");
	snprintf(tick[2], sizeof(tick[2]), "%.3g", most);
	for (m = 0; m < 3; m++) {
		x = LEFT + WIDE / 2 * m;
		rule(f, x, x, 25, rows * 26 + 22, "var(--line)", 1);
		label(f, x, 21, m == 2 ? "end" : m ? "middle" : "start", tick[m]);
	}
	for (m = 0; m < METRICS && o->c->metrics[m].name; m++) {
		const struct verdict *v = &o->verdict[m];
		const char *colour = v->better < 0 ? "var(--dim)" :
				     v->better ? "var(--b)" : "var(--a)";

		if (!o->given[m])
			continue;
		label(f, LEFT - 10, y + 4, "end", o->c->metrics[m].name);
		rule(f, at(most, v->low), at(most, v->high), y, y,
		     colour, 3);
		fprintf(f, "<circle cx=\"%.1f\" cy=\"%d\" r=\"5\" fill=\"%s\"/>\n",
			at(most, v->ratio), y, colour);
		y += 26;
	}
	snprintf(text, sizeof(text), "%s over %s: median and interval",
		 o->c->side[1], o->c->side[0]);
	label(f, 350, rows * 26 + 42, "middle", text);
	fputs("</svg>\n", f);
}

/* Both histograms as steps over one logarithmic axis, as shares of their own. */
static void draw_hist(FILE *f, const struct outcome *o)
{
	int first = EDU_HIST_SLOTS, last = 0, i, s, g = 2;
	double share[2][EDU_HIST_SLOTS] = {}, peak = 0, width;
	char text[128];

	for (s = 0; s < 2; s++) {
		for (i = 0; i < EDU_HIST_SLOTS; i++) {
			if (!o->hist[s].slot[i])
				continue;
			share[s][i / g] += (double)o->hist[s].slot[i] / o->hist[s].count;
			first = i / g < first ? i / g : first;
			last = i / g > last ? i / g : last;
		}
	}
	for (s = 0; s < 2; s++)
		for (i = first; i <= last; i++)
			peak = share[s][i] > peak ? share[s][i] : peak;
	width = 620.0 / (last - first + 1);
	fprintf(f, "<svg viewBox=\"0 0 700 252\" role=\"img\" aria-label=\"%s\">\n",
		o->c->measures);
	rule(f, 60, 680, 200, 200, "var(--line)", 1);
	snprintf(text, sizeof(text), "%.0f %%", peak * 100);
	label(f, 52, 26, "end", text);
	label(f, 52, 204, "end", "0");
	for (s = 0; s < 2; s++) {
		fprintf(f, "<path fill=\"var(--%c)\" fill-opacity=\".25\"", 'a' + s);
		fprintf(f, " stroke=\"var(--%c)\" stroke-width=\"1.5\" d=\"M60 200", 'a' + s);
		for (i = first; i <= last; i++)
			fprintf(f, "V%.1fH%.1f", 200 - 180 * share[s][i] / peak,
				60 + (i - first + 1) * width);
		fputs("V200Z\"/>\n", f);
	}
	for (i = 0; i <= 4; i++) {
		int slot = (first + (last + 1 - first) * i / 4) * g;

		label(f, 60 + (slot / g - first) * width, 220,
		      i == 4 ? "end" : i ? "middle" : "start",
		      human_ns(hist_low(slot), text, sizeof(text)));
	}
	snprintf(text, sizeof(text), "%s: share of all, both sides, one axis", o->c->measures);
	label(f, 350, 245, "middle", text);
	fputs("</svg>\n", f);
}

/* Both curves over one axis of time, of the last pair. */
static void draw_curves(FILE *f, const struct outcome *o)
{
	double most = 0, end = 0;
	const struct curve *c;
	char text[128];
	int i, s;

	for (c = o->curve; c < o->curve + 2; c++) {
		for (i = 0; i < c->points; i++) {
			most = fmax(most, c->value[i]);
			end = fmax(end, c->at[i]);
		}
	}
	if (most <= 0 || end <= 0)
		return;
	fprintf(f, "<svg viewBox=\"0 0 700 252\" role=\"img\" aria-label=\"%s\">\n",
		o->c->follows);
	rule(f, 60, 680, 200, 200, "var(--line)", 1);
	label(f, 60, 16, "start", human_ns(most, text, sizeof(text)));
	label(f, 52, 204, "end", "0");
	for (s = 0; s < 2; s++) {
		c = &o->curve[s];
		fprintf(f, "<path fill=\"none\" stroke=\"var(--%c)\" stroke-width=\"1.5\"",
			'a' + s);
		for (i = 0; i < c->points; i++)
			fprintf(f, "%s%.1f %.1f", i ? "L" : " d=\"M",
				60 + 620 * c->at[i] / end, 200 - 180 * c->value[i] / most);
		fputs(c->points ? "\"/>\n" : "/>\n", f);
	}
	label(f, 60, 220, "start", "0");
	label(f, 370, 220, "middle", human_ns(end / 2, text, sizeof(text)));
	label(f, 680, 220, "end", human_ns(end, text, sizeof(text)));
	snprintf(text, sizeof(text), "%s, over time, in the last pair", o->c->follows);
	label(f, 350, 245, "middle", text);
	fputs("</svg>\n", f);
}

static void one_comparison(FILE *f, const struct outcome *o, bool icount)
{
	const struct comparison *c = o->c;
	char a[32], b[32];
	int m, s;

	fprintf(f, "<section id=\"%s\"><h2>", c->name);
	text(f, c->title);
	fputs("</h2><p>", f);
	text(f, c->workload);
	fprintf(f, "</p><p class=\"dim\">%d pairs in turn, %.1f s; interval %.1f %% sure</p>\n",
		o->pairs, o->seconds, o->confidence * 100);
	fputs("<div class=\"wide\"><table><thead><tr><th>metric</th>", f);
	fprintf(f, "<th class=\"a\">%s</th><th class=\"b\">%s</th>", c->side[0], c->side[1]);
	fputs("<th>ratio</th><th>interval</th><th>verdict</th></tr></thead><tbody>\n", f);
	for (m = 0; m < METRICS && c->metrics[m].name; m++) {
		const struct verdict *v = &o->verdict[m];
		bool instr = icount && !strcmp(c->metrics[m].unit, "ns");
		const char *unit = instr ? "instr" : c->metrics[m].unit;
		double scale = instr ? 0.5 : 1;

		if (!o->given[m])
			continue;
		fprintf(f, "<tr data-metric=\"%s\"><td>%s</td>", c->metrics[m].name,
			c->metrics[m].name);
		for (s = 0; s < 2; s++) {
			fprintf(f, "<td data-of=\"%s\"%s><data value=\"%.9g\">%s</data>",
				c->side[s], v->better == s ? " class=\"won\"" : "", v->median[s],
				human(v->median[s] * scale, unit, a, sizeof(a)));
			fprintf(f, " <span class=\"dim\">±%s</span></td>",
				human(v->spread[s] * scale, unit, b, sizeof(b)));
		}
		fprintf(f, "<td data-of=\"ratio\"><data value=\"%.6g\">%.3f</data></td>",
			v->ratio, v->ratio);
		fprintf(f, "<td data-of=\"interval\">%.3f .. %.3f</td>", v->low, v->high);
		fprintf(f, "<td data-of=\"verdict\" class=\"%s\">%s</td></tr>\n",
			v->better < 0 ? "dim" : v->better ? "b" : "a",
			v->better < 0 ? "no difference seen" : c->side[v->better]);
	}
	fputs("</tbody></table></div>\n", f);
	draw_ratios(f, o);
	if (c->measures && o->hist[0].count && o->hist[1].count)
		draw_hist(f, o);
	if (c->follows)
		draw_curves(f, o);
	fputs("</section>\n", f);
}

int write_report(const char *path, const struct outcome *o, int n, bool icount)
{
	FILE *f = fopen(path, "we");
	char when[64];
	time_t now = time(NULL);
	int i, bad;

	if (!f) {
		complain("cannot write %s: %s", path, strerror(errno));
		return FAILED;
	}
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M UTC", gmtime(&now));
	lines(f, top, ARRAY_SIZE(top));
	fprintf(f, "<h1>Two implementations, side by side</h1><p class=\"dim\">%s<br>", when);
	machine_line(f, false);
	if (icount)
		fputs("<br>the clock counted instructions, not time", f);
	fputs("</p>\n", f);
	for (i = 0; i < n; i++)
		one_comparison(f, &o[i], icount);
	lines(f, bottom, ARRAY_SIZE(bottom));
	bad = ferror(f);
	if (fclose(f) || bad) {
		complain("cannot write %s: %s", path, strerror(errno));
		return FAILED;
	}
	return DONE;
}
