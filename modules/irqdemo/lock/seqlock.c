// SPDX-License-Identifier: GPL-2.0
/*
 * The sequence lock: writers exclude each other, readers nobody.
 *
 * The rules, the kernel book 10.8:
 *  1. A writer makes the number odd, writes, and makes it even again.
 *  2. A reader waits for an even number, copies, and looks again: if the number
 *     has changed, what it copied may be half old and half new, and it starts
 *     anew. So a reader must not act on what it has before it looked again.
 */
#include <linux/export.h>

#include <edu/lock.h>

/**
 * edu_read_seqbegin - begin to copy
 * @sl: which
 *
 * Return: what edu_read_seqretry() wants.
 */
unsigned int edu_read_seqbegin(struct edu_seqlock *sl)
{
	/*
	 * Acquire: no read of the data before this. Pairs with the smp_wmb()
	 * in edu_write_sequnlock(): an even number seen, the data is seen.
	 */
	return smp_cond_load_acquire(&sl->sequence, !(VAL & 1));
}
EXPORT_SYMBOL_GPL(edu_read_seqbegin);

/**
 * edu_read_seqretry - was it all of one time?
 * @sl: which
 * @start: what edu_read_seqbegin() returned
 *
 * Return: true if the copy must be made again.
 */
bool edu_read_seqretry(struct edu_seqlock *sl, unsigned int start)
{
	/*
	 * No read of the data after the number is read again. Pairs with the
	 * smp_wmb() in edu_write_seqlock(): any new data seen, the odd number
	 * is seen, too.
	 */
	smp_rmb();
	if (likely(READ_ONCE(sl->sequence) == start))
		return false;
	edu_lock_count(&sl->stat, LOCK_RETRIES);
	return true;
}
EXPORT_SYMBOL_GPL(edu_read_seqretry);

/**
 * edu_write_seqlock - begin to write
 * @sl: which
 */
void edu_write_seqlock(struct edu_seqlock *sl)
{
	edu_ticket_lock(&sl->lock);
	WRITE_ONCE(sl->sequence, sl->sequence + 1);
	/* Pairs with the smp_rmb() in edu_read_seqretry(). */
	smp_wmb();
	edu_lock_count_held(&sl->stat, LOCK_ACQUIRED);
}
EXPORT_SYMBOL_GPL(edu_write_seqlock);

/**
 * edu_write_sequnlock - what was written is whole
 * @sl: which
 */
void edu_write_sequnlock(struct edu_seqlock *sl)
{
	/* Pairs with the acquire in edu_read_seqbegin(). */
	smp_wmb();
	WRITE_ONCE(sl->sequence, sl->sequence + 1);
	edu_ticket_unlock(&sl->lock);
}
EXPORT_SYMBOL_GPL(edu_write_sequnlock);
