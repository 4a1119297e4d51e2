// SPDX-License-Identifier: GPL-2.0
/*
 * judge PAIRS TRIALS: as often as TRIALS says, PAIRS measurements of two sides that do
 * not differ at all are given to eduscope's judge(); prints of how many hundred it
 * saw a difference, and how sure it said that it was, %. One side is then made 1.5 times
 * as slow: how often, of a hundred, it named the right one.
 */
#include <stdio.h>
#include "../../tools/eduscope/compare/stats.c"

static double noise(void)
{
	return 90 + 20 * drand48();
}

int main(int argc, char **argv)
{
	int pairs = argc > 1 ? atoi(argv[1]) : 6, trials = argc > 2 ? atoi(argv[2]) : 1000;
	double *a = calloc(pairs, sizeof(*a)), *b = calloc(pairs, sizeof(*b));
	int i, t, wrong = 0, right = 0;
	struct verdict v = {};

	srand48(1);
	for (t = 0; t < trials; t++) {
		for (i = 0; i < pairs; i++) {
			a[i] = noise();
			b[i] = noise();
		}
		judge(a, b, pairs, true, &v);
		wrong += v.better >= 0;
		for (i = 0; i < pairs; i++)
			b[i] *= 1.5;
		judge(a, b, pairs, true, &v);
		right += v.better == 0;
	}
	printf("%.1f %.1f %.1f\n", 100.0 * wrong / trials, 100 * v.confidence,
	       100.0 * right / trials);
	free(a);
	free(b);
	return 0;
}
