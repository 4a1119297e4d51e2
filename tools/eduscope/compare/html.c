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

static void head(FILE *f)
{
	fputs("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
	      "<title>eduscope: two implementations, side by side</title>\n<style>\n"
	      ":root{color-scheme:light dark;--bg:#fdfdfb;--fg:#1c1e21;--dim:#5c6370;--line:#d9dbe0;"
	      "--a:#2563a8;--b:#c2571a;--card:#fff}\n"
	      "@media(prefers-color-scheme:dark){:root{--bg:#15171a;--fg:#e7e8ea;--dim:#9aa1ad;"
	      "--line:#343840;--a:#6cb0f5;--b:#f2a065;--card:#1c1f23}}\n"
	      "*{box-sizing:border-box}body{margin:0 auto;max-width:60rem;padding:1.5rem 1rem;"
	      "background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif}\n"
	      "h1{font-size:1.5rem;margin:0 0 .2rem}h2{font-size:1.2rem;margin:0}\n"
	      "p{margin:.3rem 0}.dim{color:var(--dim);font-size:.9rem}\n"
	      "section{background:var(--card);border:1px solid var(--line);border-radius:8px;"
	      "padding:1rem;margin:1.2rem 0;break-inside:avoid}\n"
	      ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%;"
	      "font-variant-numeric:tabular-nums}\n"
	      "th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:right;"
	      "white-space:nowrap}th:first-child,td:first-child,td:last-child,th:last-child"
	      "{text-align:left}th{font-weight:600;color:var(--dim)}\n"
	      ".a{color:var(--a)}.b{color:var(--b)}.won{font-weight:600}\n"
	      "svg{width:100%;height:auto;display:block;margin-top:.6rem}"
	      "svg text{fill:var(--dim);font:12px system-ui,sans-serif}\n"
	      "@media print{body{max-width:none;font-size:11pt}section{border-color:#999}}\n"
	      "</style></head><body>\n", f);
}

/* The ratio's interval of every metric on one logarithmic axis around 1. */
static void draw_ratios(FILE *f, const struct outcome *o)
{
	double most = 1.2, x;
	int m, rows = 0, y = 34;
	char label[3][16];

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
#define AT(r) (150 + 530 * (0.5 + 0.5 * log((r) > 1 / most ? (r) : 1 / most) / log(most)))
	fprintf(f, "<svg viewBox=\"0 0 700 %d\" role=\"img\" aria-label=\"ratio of %s to %s\">\n",
		rows * 26 + 44, o->c->side[1], o->c->side[0]);
	snprintf(label[0], sizeof(label[0]), "%.2g", 1 / most);
	snprintf(label[1], sizeof(label[1]), "1");
	snprintf(label[2], sizeof(label[2]), "%.3g", most);
	for (m = 0; m < 3; m++) {
		x = 150 + 265 * m;
		fprintf(f, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"20\" y2=\"%d\" stroke=\"var(--line)\"/>"
			"<text x=\"%.1f\" y=\"14\" text-anchor=\"middle\">%s</text>\n",
			x, x, rows * 26 + 22, x, label[m]);
	}
	for (m = 0; m < METRICS && o->c->metrics[m].name; m++) {
		const struct verdict *v = &o->verdict[m];
		const char *colour = v->better < 0 ? "var(--dim)" : v->better ? "var(--b)" : "var(--a)";

		if (!o->given[m])
			continue;
		fprintf(f, "<text x=\"140\" y=\"%d\" text-anchor=\"end\">%s</text>"
			"<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"3\" stroke-linecap=\"round\"/>"
			"<circle cx=\"%.1f\" cy=\"%d\" r=\"5\" fill=\"%s\"/>\n",
			y + 4, o->c->metrics[m].name, AT(v->low), AT(isfinite(v->high) ? v->high : most),
			y, y, colour, AT(v->ratio), y, colour);
		y += 26;
	}
	fprintf(f, "<text x=\"415\" y=\"%d\" text-anchor=\"middle\">%s over %s: median of the pairs and its interval</text></svg>\n",
		rows * 26 + 40, o->c->side[1], o->c->side[0]);
#undef AT
}

/* Both histograms as steps over one logarithmic axis, as shares of their own. */
static void draw_hist(FILE *f, const struct outcome *o)
{
	int first = EDU_HIST_SLOTS, last = 0, i, s, g = 2;
	double share[2][EDU_HIST_SLOTS] = {}, top = 0, width;
	char buf[32];

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
			top = share[s][i] > top ? share[s][i] : top;
	width = 620.0 / (last - first + 1);
	fprintf(f, "<svg viewBox=\"0 0 700 240\" role=\"img\" aria-label=\"%s\">\n"
		"<line x1=\"60\" x2=\"680\" y1=\"200\" y2=\"200\" stroke=\"var(--line)\"/>"
		"<text x=\"52\" y=\"26\" text-anchor=\"end\">%.0f %%</text>"
		"<text x=\"52\" y=\"204\" text-anchor=\"end\">0</text>\n",
		o->c->measures, top * 100);
	for (s = 0; s < 2; s++) {
		fprintf(f, "<path fill=\"var(--%c)\" fill-opacity=\".25\" stroke=\"var(--%c)\" stroke-width=\"1.5\" d=\"M60 200",
			'a' + s, 'a' + s);
		for (i = first; i <= last; i++)
			fprintf(f, "V%.1fH%.1f", 200 - 180 * share[s][i] / top,
				60 + (i - first + 1) * width);
		fputs("V200Z\"/>\n", f);
	}
	for (i = 0; i <= 4; i++) {
		int slot = (first + (last + 1 - first) * i / 4) * g;

		fprintf(f, "<text x=\"%.1f\" y=\"218\" text-anchor=\"middle\">%s</text>\n",
			60 + (slot / g - first) * width,
			human_ns(hist_low(slot), buf, sizeof(buf)));
	}
	fprintf(f, "<text x=\"370\" y=\"236\" text-anchor=\"middle\">%s: share of all, both sides, one axis</text></svg>\n",
		o->c->measures);
}

static void section(FILE *f, const struct outcome *o, bool icount)
{
	const struct comparison *c = o->c;
	char a[32], b[32];
	int m, s;

	fprintf(f, "<section id=\"%s\"><h2>", c->name);
	text(f, c->title);
	fputs("</h2><p>", f);
	text(f, c->workload);
	fprintf(f, "</p><p class=\"dim\">%d pairs in turn, %.1f s; interval %.1f %% sure</p>\n",
		o->pairs, o->seconds, o->verdict[0].confidence * 100);
	fprintf(f, "<div class=\"wide\"><table><thead><tr><th>metric</th><th class=\"a\">%s</th><th class=\"b\">%s</th><th>ratio</th><th>interval</th><th>verdict</th></tr></thead><tbody>\n",
		c->side[0], c->side[1]);
	for (m = 0; m < METRICS && c->metrics[m].name; m++) {
		const struct verdict *v = &o->verdict[m];
		bool instr = icount && !strcmp(c->metrics[m].unit, "ns");
		const char *unit = instr ? "instr" : c->metrics[m].unit;
		double scale = instr ? 0.5 : 1;

		if (!o->given[m])
			continue;
		fprintf(f, "<tr data-metric=\"%s\"><td>%s</td>", c->metrics[m].name,
			c->metrics[m].name);
		for (s = 0; s < 2; s++)
			fprintf(f, "<td%s><data value=\"%.9g\">%s</data> <span class=\"dim\">±%s</span></td>",
				v->better == s ? " class=\"won\"" : "", v->median[s],
				human(v->median[s] * scale, unit, a, sizeof(a)),
				human(v->spread[s] * scale, unit, b, sizeof(b)));
		fprintf(f, "<td><data value=\"%.6g\">%.3f</data></td><td>%.3f .. %.3f</td><td class=\"%s\">%s</td></tr>\n",
			v->ratio, v->ratio, v->low, v->high,
			v->better < 0 ? "dim" : v->better ? "b" : "a",
			v->better < 0 ? "no difference seen" : c->side[v->better]);
	}
	fputs("</tbody></table></div>\n", f);
	draw_ratios(f, o);
	if (c->measures && o->hist[0].count && o->hist[1].count)
		draw_hist(f, o);
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
	head(f);
	fprintf(f, "<h1>Two implementations, side by side</h1><p class=\"dim\">%s<br>", when);
	machine_line(f, false);
	if (icount)
		fputs("<br>the clock counted instructions, not time", f);
	fputs("</p>\n", f);
	for (i = 0; i < n; i++)
		section(f, &o[i], icount);
	fputs("<p class=\"dim\">Each side ran in turn, the first one changing with every pair. "
	      "The ratio is the median over the pairs; a verdict is given only when its whole "
	      "interval lies on one side of 1.</p></body></html>\n", f);
	bad = ferror(f);
	if (fclose(f) || bad) {
		complain("cannot write %s: %s", path, strerror(errno));
		return FAILED;
	}
	return DONE;
}
