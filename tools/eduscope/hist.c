// SPDX-License-Identifier: GPL-2.0
/* Histograms: the user's side of bpf/edu.bpf.h's edu_slot() and edu_record(). */
#include <string.h>
#include "eduscope.h"

/* The smallest value of a slot; the next slot's is where it ends. */
uint64_t hist_low(unsigned int slot)
{
	unsigned int sub = 1 << EDU_HIST_SUB;

	if (slot < sub)
		return slot;
	return (uint64_t)(sub + slot % sub) << (slot / sub - 1);
}

static unsigned int slot_of(uint64_t v)
{
	unsigned int e, slot, sub = 1 << EDU_HIST_SUB;

	if (v < sub)
		return v;
	e = 63 - __builtin_clzll(v);
	slot = (e - EDU_HIST_SUB + 1) * sub + ((v >> (e - EDU_HIST_SUB)) & (sub - 1));
	return slot < EDU_HIST_SLOTS ? slot : EDU_HIST_SLOTS - 1;
}

void hist_add(struct edu_hist *h, uint64_t value)
{
	h->count++;
	h->sum += value;
	if (value > h->max)
		h->max = value;
	h->slot[slot_of(value)]++;
}

void hist_merge(struct edu_hist *to, const struct edu_hist *from)
{
	int i;

	to->count += from->count;
	to->sum += from->sum;
	if (from->max > to->max)
		to->max = from->max;
	for (i = 0; i < EDU_HIST_SLOTS; i++)
		to->slot[i] += from->slot[i];
}

/* What came since: the maximum cannot be taken back and stays. */
void hist_subtract(struct edu_hist *from, const struct edu_hist *what)
{
	int i;

	from->count -= what->count;
	from->sum -= what->sum;
	for (i = 0; i < EDU_HIST_SLOTS; i++)
		from->slot[i] -= what->slot[i];
}

/**
 * hist_percentile() - the value that a share of all values does not exceed
 * @h: a histogram
 * @p: the share, 0 to 1
 *
 * Between the ends of the slot that holds it the value is interpolated; it is
 * never above the largest value seen.
 */
double hist_percentile(const struct edu_hist *h, double p)
{
	uint64_t total = 0, seen = 0;
	double wanted, low, high;
	int i;

	for (i = 0; i < EDU_HIST_SLOTS; i++)
		total += h->slot[i];
	if (!total)
		return 0;
	wanted = p * total;
	for (i = 0; i < EDU_HIST_SLOTS; i++) {
		if (!h->slot[i] || seen + h->slot[i] < wanted) {
			seen += h->slot[i];
			continue;
		}
		low = hist_low(i);
		high = i + 1 < EDU_HIST_SLOTS ? hist_low(i + 1) : h->max;
		low += (high - low) * (wanted - seen) / h->slot[i];
		return low < h->max ? low : h->max;
	}
	return h->max;
}

/* One line for each power of two. */
void hist_print(FILE *f, const struct edu_hist *h, const char *unit)
{
	uint64_t row[EDU_HIST_SLOTS >> EDU_HIST_SUB] = {}, most = 0;
	int n = ARRAY_SIZE(row), first = n, last = -1, i;
	char a[32], b[32];

	for (i = 0; i < EDU_HIST_SLOTS; i++)
		row[i >> EDU_HIST_SUB] += h->slot[i];
	for (i = 0; i < n; i++) {
		if (!row[i])
			continue;
		if (first > i)
			first = i;
		last = i;
		if (row[i] > most)
			most = row[i];
	}
	for (i = first; i <= last; i++) {
		fprintf(f, "  %10s .. %-10s %9llu ",
			human(hist_low(i << EDU_HIST_SUB), unit, a, sizeof(a)),
			human(hist_low((i + 1) << EDU_HIST_SUB), unit, b, sizeof(b)),
			(unsigned long long)row[i]);
		text_bar(f, (double)row[i] / most, 36);
		fputc('\n', f);
	}
}

void hist_json(FILE *f, const struct edu_hist *h)
{
	bool first = true;
	int i;

	fprintf(f, "{\"count\":%llu,\"sum\":%llu,\"max\":%llu",
		(unsigned long long)h->count, (unsigned long long)h->sum,
		(unsigned long long)h->max);
	fprintf(f, ",\"p50\":%.0f,\"p90\":%.0f,\"p99\":%.0f,\"p99.9\":%.0f,\"slots\":[",
		hist_percentile(h, 0.5), hist_percentile(h, 0.9),
		hist_percentile(h, 0.99), hist_percentile(h, 0.999));
	for (i = 0; i < EDU_HIST_SLOTS; i++) {
		if (!h->slot[i])
			continue;
		fprintf(f, "%s[%llu,%u]", first ? "" : ",",
			(unsigned long long)hist_low(i), h->slot[i]);
		first = false;
	}
	fputs("]}", f);
}
