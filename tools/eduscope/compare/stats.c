// SPDX-License-Identifier: GPL-2.0
/*
 * What two series of paired measurements allow one to say.
 *
 * A and B are measured in turn, so run i of both saw the same weather: what
 * counts is the ratio B/A of each pair. Its median is the answer. The interval
 * is that of order statistics: the median of whatever distribution the ratios
 * come from lies between the k-th smallest and the k-th largest with a
 * probability that is a sum of binomials, with no assumption about its shape.
 * k is the largest for which that is at least 95 %; with five pairs even the
 * extremes give only 93.75 %, and that is what is then printed.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "compare/compare.h"

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(const double *sorted, int n, double p)
{
	double at = p * (n - 1);
	int low = at;

	if (low + 1 >= n)
		return sorted[n - 1];
	if (sorted[low] == sorted[low + 1])	/* also if both are infinite */
		return sorted[low];
	return sorted[low] + (at - low) * (sorted[low + 1] - sorted[low]);
}

/* The chance that just i of n values are below the median. */
static double chance(int n, int i)
{
	return exp(lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) - n * M_LN2);
}

/* k, and the chance that the median is between the k-th value from either end. */
static int rank_of(int n, double *sure)
{
	double tail = chance(n, 0), more;
	int k;

	for (k = 1; 2 * (k + 1) <= n; k++) {
		more = chance(n, k);
		if (1 - 2 * (tail + more) < 0.95)
			break;
		tail += more;
	}
	*sure = 1 - 2 * tail;
	return k;
}

void judge(const double *a, const double *b, int pairs, bool lower, struct verdict *v)
{
	const double *series[2] = { a, b };
	double *sorted = calloc(pairs, sizeof(double));
	int i, k;

	memset(v, 0, sizeof(*v));
	v->better = -1;
	if (!sorted)
		return;
	for (i = 0; i < 2; i++) {
		memcpy(sorted, series[i], pairs * sizeof(double));
		qsort(sorted, pairs, sizeof(double), by_value);
		v->median[i] = quantile(sorted, pairs, 0.5);
		v->spread[i] = (quantile(sorted, pairs, 0.75) - quantile(sorted, pairs, 0.25)) / 2;
	}
	for (i = 0; i < pairs; i++)
		sorted[i] = a[i] > 0 ? b[i] / a[i] : b[i] > 0 ? INFINITY : 1;
	qsort(sorted, pairs, sizeof(double), by_value);
	k = rank_of(pairs, &v->confidence);
	v->ratio = quantile(sorted, pairs, 0.5);
	v->low = sorted[k - 1];
	v->high = sorted[pairs - k];
	if (pairs >= 5 && v->low > 1)
		v->better = lower ? 0 : 1;
	else if (pairs >= 5 && v->high < 1)
		v->better = lower ? 1 : 0;
	free(sorted);
}
