// SPDX-License-Identifier: GPL-2.0
/*
 * Which processors do the least important work, found without a lock.
 *
 * The rules:
 *  1. A processor has the level of the most important task on its queue: idle,
 *     normal, real-time 1 to 99, higher (deadline, stop). One that is offline
 *     has none.
 *  2. Each level has a mask of its processors and their number. A processor
 *     that changes is entered before it is taken out, so it may be found twice,
 *     but is never missed.
 *  3. A search goes from the idle level up, to below the task's own. In two
 *     steps: a level without processors is passed over by its number, then the
 *     mask is looked through for one that the task may use.
 *  4. Within a level the task's last processor is best (its cache is warm), then
 *     the one that searches, then any.
 *  5. A processor is overloaded while a real-time task waits there.
 *
 * Document B 5.1, 5.6, 5.8. There is no level for idle in today's kernel, and
 * rule 4 has domains there.
 */
#include <kunit/visibility.h>
#include <linux/bitmap.h>
#include <linux/export.h>
#include <linux/slab.h>

#include "class.h"

/**
 * edu_cpupri_init - nobody is entered yet
 * @s: the machine
 *
 * May sleep. Return: 0 or -ENOMEM.
 */
int edu_cpupri_init(struct edu_sched *s)
{
	struct edu_cpupri *p = &s->cpupri;

	p->mask = kvcalloc(EDU_NR_PRI + 1, BITS_TO_LONGS(s->nr_cpus) * sizeof(long),
			   GFP_KERNEL);
	if (!p->mask)
		return -ENOMEM;
	p->overloaded = p->mask + EDU_NR_PRI * BITS_TO_LONGS(s->nr_cpus);
	return 0;
}

/**
 * edu_cpupri_free - not needed any more
 * @s: the machine
 */
void edu_cpupri_free(struct edu_sched *s)
{
	kvfree(s->cpupri.mask);
}

static unsigned long *mask_of(struct edu_sched *s, int pri)
{
	return s->cpupri.mask + pri * BITS_TO_LONGS(s->nr_cpus);
}

/* Rule 1. */
static int level(const struct edu_rq *rq)
{
	if (!rq->online)
		return EDU_PRI_NONE;
	if (!list_empty(&rq->stop) || rq->dl.nr_running)
		return EDU_PRI_HIGHER;
	if (rq->rt.nr_running && !rq->rt.throttled)
		return EDU_RT_QUEUES - find_first_bit(rq->rt.bitmap, EDU_RT_QUEUES);
	return rq->idle && !rq->nr_running ? EDU_PRI_IDLE : EDU_PRI_NORMAL;
}

/**
 * edu_cpupri_update - enter a processor where it belongs now
 * @rq: its queue, locked
 */
void edu_cpupri_update(struct edu_rq *rq)
{
	struct edu_sched *s = rq->sched;
	int pri, old = rq->pri;
	bool waits;

	/* Mostly only fair tasks are here, as before. */
	if (old == EDU_PRI_NORMAL && rq->online && rq->nr_running && !rq->rt.nr_running &&
	    !rq->overloaded && rq->nr_running == rq->cfs.h_nr_running)
		return;
	pri = level(rq);
	waits = rq->rt.nr_running > (pri != EDU_PRI_HIGHER);
	if (pri != old) {
		if (pri != EDU_PRI_NONE) {
			set_bit(rq->cpu, mask_of(s, pri));
			smp_mb__before_atomic();	/* rule 2: the mask first */
			atomic_inc(&s->cpupri.count[pri]);
			smp_mb__after_atomic();		/* and both before it leaves */
		}
		if (old != EDU_PRI_NONE) {
			atomic_dec(&s->cpupri.count[old]);
			smp_mb__after_atomic();		/* the number first */
			clear_bit(rq->cpu, mask_of(s, old));
		}
		WRITE_ONCE(rq->pri, pri);
	}
	if (waits != rq->overloaded) {
		WRITE_ONCE(rq->overloaded, waits);
		assign_bit(rq->cpu, s->cpupri.overloaded, waits);
		atomic_add(waits ? 1 : -1, &s->cpupri.nr_overloaded);
	}
}
EXPORT_SYMBOL_IF_KUNIT(edu_cpupri_update);

static bool usable(struct edu_sched *s, const struct edu_task *t, int cpu,
		   const unsigned long *mask)
{
	return cpu >= 0 && cpu < s->nr_cpus && test_bit(cpu, mask) &&
	       READ_ONCE(s->rq[cpu].online) && edu_allowed(t, cpu);
}

/**
 * edu_cpupri_at - a processor of a level
 * @s: the machine
 * @pri: the level
 * @t: who shall go there
 * @prev: its last processor
 * @this: the one that searches
 *
 * Rules 3 and 4. Needs no lock, so the answer may be old.
 *
 * Return: a processor, or -1.
 */
int edu_cpupri_at(struct edu_sched *s, int pri, const struct edu_task *t, int prev,
		  int this)
{
	const unsigned long *mask = mask_of(s, pri);
	int cpu;

	if (!atomic_read(&s->cpupri.count[pri]))
		return -1;
	smp_rmb();	/* pairs with edu_cpupri_update(): who is counted is in the mask */
	if (usable(s, t, prev, mask))
		return prev;
	if (usable(s, t, this, mask))
		return this;
	for_each_set_bit_wrap(cpu, mask, s->nr_cpus, clamp(prev, 0, s->nr_cpus - 1))
		if (usable(s, t, cpu, mask))
			return cpu;
	return -1;
}

/**
 * edu_cpupri_find - where less important work is done than a task's, the least
 * @s: the machine
 * @t: a real-time task
 * @prev: its last processor
 * @this: the one that searches
 *
 * Return: a processor, or -1.
 */
int edu_cpupri_find(struct edu_sched *s, const struct edu_task *t, int prev, int this)
{
	int pri, cpu;

	for (pri = 0; pri < EDU_PRI_RT(t->rt_priority); pri++) {
		cpu = edu_cpupri_at(s, pri, t, prev, this);
		if (cpu >= 0)
			return cpu;
	}
	return -1;
}
EXPORT_SYMBOL_IF_KUNIT(edu_cpupri_find);
