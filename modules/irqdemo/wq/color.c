// SPDX-License-Identifier: GPL-2.0
/*
 * Flushing by colours: how to wait for all works that are there now, and for
 * none that comes later, without looking at any work.
 *
 * The rules (the kernel book's kernel, 6.12; the documents name the fields in
 * 12.1 and show the end of it in 12.7, but have no flush):
 *  1. New works have the queue's work_color. Who wants to flush takes that
 *     colour as his, and moves work_color on: later works are in another one.
 *  2. The oldest flusher is the first flusher. Each pwq that has works of his
 *     colour reports when they are gone; the last report wakes him.
 *  3. He wakes all of his colour, moves flush_color on and makes the next
 *     flusher the first, as long as there is one whose colour has works.
 *  4. One colour always stays free, to tell full from empty. When no other is
 *     free, flushers wait in flusher_overflow, all for the same next colour.
 *
 * Under wq->mutex; the pools' locks are taken inside.
 */
#include <kunit/visibility.h>
#include <linux/export.h>

#include "wq/wq.h"

/**
 * edu_next_color - the colour after this one
 * @color: 0 to EDU_WORK_NR_COLORS - 1
 *
 * Return: the next, 0 after the last.
 */
int edu_next_color(int color)
{
	return (color + 1) % EDU_WORK_NR_COLORS;
}
EXPORT_SYMBOL_IF_KUNIT(edu_next_color);

/* New works get this colour from now on. */
static void paint(struct edu_workqueue *wq, int color)
{
	struct edu_pwq *pwq;

	wq->work_color = color;
	list_for_each_entry(pwq, &wq->pwqs, pwqs_node) {
		raw_spin_lock_irq(&pwq->pool->lock);
		pwq->work_color = color;
		raw_spin_unlock_irq(&pwq->pool->lock);
	}
}

/* Ask each pwq to report when flush_color is gone; is there any of it? */
static bool watch(struct edu_workqueue *wq)
{
	struct edu_pwq *pwq;
	bool any = false;

	/* One for ourselves: nobody is last before all were asked. */
	atomic_set(&wq->nr_pwqs_to_flush, 1);
	list_for_each_entry(pwq, &wq->pwqs, pwqs_node) {
		raw_spin_lock_irq(&pwq->pool->lock);
		WARN_ON_ONCE(pwq->flush_color != -1);
		if (pwq->nr_in_flight[wq->flush_color]) {
			pwq->flush_color = wq->flush_color;
			atomic_inc(&wq->nr_pwqs_to_flush);
			any = true;
		}
		raw_spin_unlock_irq(&pwq->pool->lock);
	}
	if (atomic_dec_and_test(&wq->nr_pwqs_to_flush))
		complete(&wq->first_flusher->done);
	return any;
}

/**
 * edu_flush_start - begin to wait for all works that are queued now
 * @wq: the queue, its mutex held
 * @flusher: the caller's; its completion is initialised
 *
 * Return: true if @flusher->done is to be waited for, without the mutex, and
 * then edu_flush_cascade() called; false if there is nothing to wait for.
 */
bool edu_flush_start(struct edu_workqueue *wq, struct edu_flusher *flusher)
{
	int next = edu_next_color(wq->work_color);

	wq->flushes++;
	flusher->flush_color = -1;
	INIT_LIST_HEAD(&flusher->list);
	if (next == wq->flush_color) {
		wq->overflows++;
		list_add_tail(&flusher->list, &wq->flusher_overflow);
		return true;
	}
	flusher->flush_color = wq->work_color;
	if (wq->first_flusher) {
		list_add_tail(&flusher->list, &wq->flusher_queue);
		paint(wq, next);
		return true;
	}
	wq->first_flusher = flusher;
	/* The colour changes first: what comes while we ask is not ours. */
	paint(wq, next);
	if (watch(wq))
		return true;
	wq->flush_color = next;
	wq->first_flusher = NULL;
	return false;
}
EXPORT_SYMBOL_IF_KUNIT(edu_flush_start);

/* A colour is free again: all who waited for one share it. */
static void admit_overflow(struct edu_workqueue *wq)
{
	struct edu_flusher *flusher;

	if (list_empty(&wq->flusher_overflow))
		return;
	list_for_each_entry(flusher, &wq->flusher_overflow, list)
		flusher->flush_color = wq->work_color;
	list_splice_tail_init(&wq->flusher_overflow, &wq->flusher_queue);
	paint(wq, edu_next_color(wq->work_color));
}

/**
 * edu_flush_cascade - the wait is over; who is next?
 * @wq: the queue, its mutex held
 * @first: the caller's; nothing happens unless he is the first flusher
 */
void edu_flush_cascade(struct edu_workqueue *wq, struct edu_flusher *first)
{
	struct edu_flusher *flusher, *tmp;

	if (wq->first_flusher != first)
		return;
	for (;;) {
		wq->first_flusher = NULL;
		list_for_each_entry_safe(flusher, tmp, &wq->flusher_queue, list) {
			if (flusher->flush_color != wq->flush_color)
				break;
			list_del_init(&flusher->list);
			complete(&flusher->done);
		}
		wq->flush_color = edu_next_color(wq->flush_color);
		admit_overflow(wq);
		flusher = list_first_entry_or_null(&wq->flusher_queue,
						   struct edu_flusher, list);
		if (!flusher)
			return;
		list_del_init(&flusher->list);
		wq->first_flusher = flusher;
		/*
		 * If his colour has no works, he was completed just now, and
		 * those of the same colour are completed in the next round.
		 */
		if (watch(wq))
			return;
	}
}
EXPORT_SYMBOL_IF_KUNIT(edu_flush_cascade);

/**
 * edu_wq_drained - is nothing queued and nothing running?
 * @wq: the queue, its mutex held
 *
 * Return: true if so, just now.
 */
bool edu_wq_drained(struct edu_workqueue *wq)
{
	struct edu_pwq *pwq;
	bool drained = true;

	list_for_each_entry(pwq, &wq->pwqs, pwqs_node) {
		raw_spin_lock_irq(&pwq->pool->lock);
		if (pwq->nr_active || pwq->nr_barriers ||
		    !list_empty(&pwq->inactive_works))
			drained = false;
		raw_spin_unlock_irq(&pwq->pool->lock);
	}
	return drained;
}
EXPORT_SYMBOL_IF_KUNIT(edu_wq_drained);
