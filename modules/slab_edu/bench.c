// SPDX-License-Identifier: GPL-2.0
/*
 * The same loop over the kernel's allocator and ours, side by side.
 *
 * One line written to /sys/kernel/debug/slab_edu/bench runs it, words in any
 * order, all but test optional:
 *   test=reuse|hold|bulk|remote|random|kmalloc
 *   side=kernel,edu,sheaf	which, in this order (default all three)
 *   size=64			bytes of an object
 *   n=100000			objects that each CPU allocates and frees
 *   batch=64			hold, random: objects outstanding; bulk, remote:
 *				objects at a time
 *   cpus=1			CPUs that run it at once, from 0 (remote: 2)
 *   rounds=3			A B C A B C ...
 * Reading gives one line for each run, in the order they ran:
 *   side=S test=T size=B n=N batch=K cpus=C round=R ns=TOTAL objects=O
 *   pages=P live=L
 * ns is the time of the slowest CPU; ns over (objects / cpus) is the price of
 * one allocation with its free. pages, on our sides, are those that slabs still
 * hold after all objects were freed (what the cache keeps, not its peak); live is
 * the bytes that were in use at most. Where perf can count instructions there
 * is instructions=I; under tools/vm/run --icount time is instructions.
 *
 * Caches are made for the run: SLAB_NO_MERGE on the kernel's side, so that
 * nobody else's objects are in it.
 */
#include <linux/completion.h>
#include <linux/debugfs.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/perf_event.h>
#include <linux/random.h>
#include <linux/seq_buf.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "slab.h"

#define MAX_BATCH 65536U
#define MAX_CPUS 64U
#define RESULT_SIZE (64 * 1024)

enum bench_test { REUSE, HOLD, BULK, REMOTE, RANDOM, KMALLOC, NR_TESTS };
enum bench_side { KERNEL, EDU, SHEAF, NR_SIDES };

static const char * const test_names[] = {
	"reuse", "hold", "bulk", "remote", "random", "kmalloc", NULL
};

static const char * const side_names[] = { "kernel", "edu", "sheaf", NULL };

struct bench {
	enum bench_test test;
	enum bench_side side;
	unsigned int size, n, batch, cpus, rounds;
	unsigned int nr_sides;
	enum bench_side sides[NR_SIDES];
	struct kmem_cache *kernel;
	struct edu_cache *edu;
	atomic_t ready;
	atomic_t failed;
	u64 ns[MAX_CPUS];
	u64 instructions[MAX_CPUS];
	/* remote: the producer's ring to the consumer */
	void **ring;
	unsigned int head ____cacheline_aligned;
	unsigned int tail ____cacheline_aligned;
};

struct worker {
	struct bench *b;
	unsigned int index;
	void **objects;
	u16 *order;
	struct completion done;
};

static DEFINE_MUTEX(bench_lock);
static char *result;
static struct seq_buf results;

/*
 * The loops are written once and compiled for each side: @edu is a constant
 * where they are inlined, so that a call is a call and nothing else stands
 * between.
 */
static __always_inline void *one_alloc(struct bench *b, bool edu)
{
	if (edu)
		return edu_cache_alloc(b->edu, GFP_KERNEL);
	return kmem_cache_alloc(b->kernel, GFP_KERNEL);
}

static __always_inline void one_free(struct bench *b, void *p, bool edu)
{
	if (edu)
		edu_cache_free(b->edu, p);
	else
		kmem_cache_free(b->kernel, p);
}

static __always_inline bool loop_reuse(struct bench *b, struct worker *w, bool edu)
{
	unsigned int i;

	for (i = 0; i < b->n; i++) {
		void *p = one_alloc(b, edu);

		if (!p)
			return false;
		/* The compiler must not see that nobody uses it. */
		barrier_data(p);
		one_free(b, p, edu);
	}
	return true;
}

static __always_inline bool loop_hold(struct bench *b, struct worker *w, bool edu)
{
	unsigned int i, k, got;

	for (i = 0; i < b->n; i += b->batch) {
		for (got = 0; got < b->batch; got++) {
			w->objects[got] = one_alloc(b, edu);
			if (!w->objects[got])
				break;
		}
		for (k = 0; k < got; k++)
			one_free(b, w->objects[w->order ? w->order[k] : k], edu);
		if (got < b->batch)
			return false;
	}
	return true;
}

static __always_inline bool loop_bulk(struct bench *b, struct worker *w, bool edu)
{
	unsigned int i;

	for (i = 0; i < b->n; i += b->batch) {
		if (edu) {
			if (!edu_cache_alloc_bulk(b->edu, GFP_KERNEL, b->batch, w->objects))
				return false;
			edu_cache_free_bulk(b->edu, b->batch, w->objects);
		} else {
			if (!kmem_cache_alloc_bulk(b->kernel, GFP_KERNEL, b->batch, w->objects))
				return false;
			kmem_cache_free_bulk(b->kernel, b->batch, w->objects);
		}
	}
	return true;
}

static __always_inline bool loop_kmalloc(struct bench *b, struct worker *w, bool edu)
{
	unsigned int i, k;

	for (i = 0; i < b->n; i += 16) {
		for (k = 0; k < 16; k++)
			if (edu)
				w->objects[k] = edu_kmalloc(8U << (k % 10), GFP_KERNEL);
			else
				w->objects[k] = kmalloc(8U << (k % 10), GFP_KERNEL);
		for (k = 0; k < 16; k++)
			if (edu)
				edu_kfree(w->objects[k]);
			else
				kfree(w->objects[k]);
	}
	return true;
}

static __always_inline bool loop_remote(struct bench *b, struct worker *w, bool edu)
{
	unsigned int i;
	void *p;

	for (i = 0; i < b->n; i++) {
		if (!w->index) {
			/* Pairs with the consumer's release: its slot is read. */
			while (i - smp_load_acquire(&b->tail) >= b->batch) {
				if (atomic_read(&b->failed))
					return false;
				cond_resched();
			}
			p = one_alloc(b, edu);
			b->ring[i % b->batch] = p;
			/* Pairs with the consumer's acquire: the slot is written. */
			smp_store_release(&b->head, i + 1);
			if (!p)
				return false;
			continue;
		}
		/* Pairs with the producer's release: the slot is written. */
		while (smp_load_acquire(&b->head) == i)
			cond_resched();
		p = b->ring[i % b->batch];
		/* Pairs with the producer's acquire: the slot is read. */
		smp_store_release(&b->tail, i + 1);
		if (!p)
			return false;
		one_free(b, p, edu);
	}
	return true;
}

static __always_inline bool loop(struct bench *b, struct worker *w, bool edu)
{
	switch (b->test) {
	case REUSE:
		return loop_reuse(b, w, edu);
	case HOLD:
	case RANDOM:
		return loop_hold(b, w, edu);
	case BULK:
		return loop_bulk(b, w, edu);
	case REMOTE:
		return loop_remote(b, w, edu);
	case KMALLOC:
		return loop_kmalloc(b, w, edu);
	default:
		return false;
	}
}

static noinline bool kernel_loop(struct bench *b, struct worker *w)
{
	return loop(b, w, false);
}

static noinline bool edu_loop(struct bench *b, struct worker *w)
{
	return loop(b, w, true);
}

static struct perf_event *count_instructions(void)
{
#ifdef CONFIG_PERF_EVENTS
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.config = PERF_COUNT_HW_INSTRUCTIONS,
		.size = sizeof(attr),
		.pinned = 1,
	};
	struct perf_event *event;

	event = perf_event_create_kernel_counter(&attr, raw_smp_processor_id(),
						 NULL, NULL, NULL);
	return IS_ERR(event) ? NULL : event;
#else
	return NULL;
#endif
}

static int work(void *data)
{
	struct worker *w = data;
	struct bench *b = w->b;
	struct perf_event *event = count_instructions();
	u64 start, before = 0, enabled, running;

	/* All begin together. */
	atomic_inc(&b->ready);
	while (atomic_read(&b->ready) < b->cpus)
		cond_resched();
#ifdef CONFIG_PERF_EVENTS
	if (event)
		before = perf_event_read_value(event, &enabled, &running);
#endif
	start = ktime_get_ns();
	if (b->side == KERNEL ? !kernel_loop(b, w) : !edu_loop(b, w))
		atomic_set(&b->failed, 1);
	b->ns[w->index] = ktime_get_ns() - start;
#ifdef CONFIG_PERF_EVENTS
	if (event) {
		b->instructions[w->index] =
			perf_event_read_value(event, &enabled, &running) - before;
		perf_event_release_kernel(event);
	}
#endif
	complete(&w->done);
	return 0;
}

static int make_workers(struct bench *b, struct worker *workers)
{
	unsigned int i, k;

	for (i = 0; i < b->cpus; i++) {
		struct worker *w = &workers[i];

		w->b = b;
		w->index = i;
		init_completion(&w->done);
		w->objects = vmalloc_array(max(b->batch, 16U), sizeof(*w->objects));
		if (!w->objects)
			return -ENOMEM;
		if (b->test != RANDOM)
			continue;
		w->order = vmalloc_array(b->batch, sizeof(*w->order));
		if (!w->order)
			return -ENOMEM;
		for (k = 0; k < b->batch; k++)
			w->order[k] = k;
		for (k = b->batch - 1; k > 0; k--) {
			unsigned int other = get_random_u32_below(k + 1);

			swap(w->order[k], w->order[other]);
		}
	}
	return 0;
}

static void free_workers(struct bench *b, struct worker *workers)
{
	unsigned int i;

	for (i = 0; i < b->cpus; i++) {
		vfree(workers[i].objects);
		vfree(workers[i].order);
	}
	kfree(workers);
}

static unsigned long slab_pages(struct edu_cache *s)
{
	unsigned long slabs = 0;
	int node;

	for (node = 0; node < s->mem->nr_nodes; node++)
		slabs += atomic_long_read(&s->node[node].nr_slabs);
	return slabs << s->oo.order;
}

static int run(struct bench *b, unsigned int round)
{
	struct worker *workers;
	u64 ns = 0, instructions = 0;
	unsigned long pages = 0;
	unsigned int i;
	int err;

	workers = kcalloc(b->cpus, sizeof(*workers), GFP_KERNEL);
	if (!workers)
		return -ENOMEM;
	err = make_workers(b, workers);
	if (err)
		goto out;
	atomic_set(&b->ready, 0);
	atomic_set(&b->failed, 0);
	b->head = 0;
	b->tail = 0;
	for (i = 0; i < b->cpus; i++) {
		struct task_struct *task;

		task = kthread_create_on_node(work, &workers[i], NUMA_NO_NODE,
					      "slab_bench/%u", i);
		if (IS_ERR(task)) {
			/* Those that run wait for one that will not come. */
			atomic_add(b->cpus - i, &b->ready);
			atomic_set(&b->failed, 1);
			while (i--)
				wait_for_completion(&workers[i].done);
			err = PTR_ERR(task);
			goto out;
		}
		kthread_bind(task, i);
		wake_up_process(task);
	}
	for (i = 0; i < b->cpus; i++) {
		wait_for_completion(&workers[i].done);
		ns = max(ns, b->ns[i]);
		instructions += b->instructions[i];
	}
	if (atomic_read(&b->failed)) {
		err = -ENOMEM;
		goto out;
	}
	if (b->side != KERNEL && b->edu)
		pages = slab_pages(b->edu);
	seq_buf_printf(&results, "side=%s test=%s size=%u n=%u batch=%u cpus=%u round=%u",
		       side_names[b->side], test_names[b->test], b->size, b->n,
		       b->batch, b->cpus, round);
	seq_buf_printf(&results, " ns=%llu objects=%llu pages=%lu live=%llu", ns,
		       (u64)b->n * (b->test == REMOTE ? 1 : b->cpus), pages,
		       (u64)b->size * b->cpus * (b->test == REUSE ? 1 : b->batch));
	if (instructions)
		seq_buf_printf(&results, " instructions=%llu", instructions);
	seq_buf_puts(&results, "\n");
out:
	free_workers(b, workers);
	return err;
}

static int run_all(struct bench *b)
{
	unsigned int round, i;
	int err = 0;

	b->kernel = kmem_cache_create("slab_edu_bench", b->size, 0, SLAB_NO_MERGE, NULL);
	b->edu = edu_cache_create("bench", b->size, 0, 0, NULL);
	b->ring = vmalloc_array(b->batch, sizeof(*b->ring));
	if (!b->kernel || !b->edu || !b->ring) {
		err = -ENOMEM;
		goto out;
	}
	for (round = 0; round < b->rounds && !err; round++) {
		for (i = 0; i < b->nr_sides && !err; i++) {
			b->side = b->sides[i];
			if (b->side != KERNEL)
				cache_set_front(b->edu, b->side == SHEAF);
			err = run(b, round);
		}
	}
out:
	vfree(b->ring);
	edu_cache_destroy(b->edu);
	kmem_cache_destroy(b->kernel);
	return err;
}

static int parse_sides(struct bench *b, char *value)
{
	char *word;

	b->nr_sides = 0;
	while ((word = strsep(&value, ","))) {
		int side = match_string(side_names, NR_SIDES, word);

		if (side < 0 || b->nr_sides == NR_SIDES)
			return -EINVAL;
		b->sides[b->nr_sides++] = side;
	}
	return 0;
}

static int parse(struct bench *b, char *line)
{
	const struct {
		const char *name;
		unsigned int *value, lowest, highest;
	} numbers[] = {
		{ "size", &b->size, 1, 8192 },
		{ "n", &b->n, 1, 100000000 },
		{ "batch", &b->batch, 1, MAX_BATCH },
		{ "cpus", &b->cpus, 1, min(num_online_cpus(), MAX_CPUS) },
		{ "rounds", &b->rounds, 1, 100 },
	};
	char *word, *value;
	unsigned int i;
	int test = -1;

	while ((word = strsep(&line, " \t\n"))) {
		if (!*word)
			continue;
		value = strchr(word, '=');
		if (!value)
			return -EINVAL;
		*value++ = 0;
		if (!strcmp(word, "test")) {
			test = match_string(test_names, NR_TESTS, value);
			continue;
		}
		if (!strcmp(word, "side")) {
			if (parse_sides(b, value))
				return -EINVAL;
			continue;
		}
		for (i = 0; i < ARRAY_SIZE(numbers); i++)
			if (!strcmp(word, numbers[i].name))
				break;
		if (i == ARRAY_SIZE(numbers) || kstrtouint(value, 0, numbers[i].value) ||
		    *numbers[i].value < numbers[i].lowest ||
		    *numbers[i].value > numbers[i].highest)
			return -EINVAL;
	}
	if (test < 0)
		return -EINVAL;
	b->test = test;
	if (b->test == REMOTE) {
		b->cpus = 2;
		if (num_online_cpus() < 2)
			return -EINVAL;
	}
	return 0;
}

static ssize_t bench_write(struct file *file, const char __user *from, size_t n,
			   loff_t *at)
{
	struct bench *b;
	char *line;
	int err;

	if (n > 256)
		return -EINVAL;
	line = memdup_user_nul(from, n);
	if (IS_ERR(line))
		return PTR_ERR(line);
	b = kzalloc_obj(*b, GFP_KERNEL);
	if (!b) {
		kfree(line);
		return -ENOMEM;
	}
	b->size = 64;
	b->n = 100000;
	b->batch = 64;
	b->cpus = 1;
	b->rounds = 3;
	b->nr_sides = NR_SIDES;
	b->sides[0] = KERNEL;
	b->sides[1] = EDU;
	b->sides[2] = SHEAF;
	err = parse(b, line);
	if (!err) {
		mutex_lock(&bench_lock);
		if (!result)
			result = kvzalloc(RESULT_SIZE, GFP_KERNEL);
		if (result) {
			seq_buf_init(&results, result, RESULT_SIZE);
			err = run_all(b);
		} else {
			err = -ENOMEM;
		}
		mutex_unlock(&bench_lock);
	}
	kfree(b);
	kfree(line);
	return err ? err : n;
}

static ssize_t bench_read(struct file *file, char __user *to, size_t n, loff_t *at)
{
	ssize_t got = 0;

	mutex_lock(&bench_lock);
	if (result)
		got = simple_read_from_buffer(to, n, at, result, seq_buf_used(&results));
	mutex_unlock(&bench_lock);
	return got;
}

static const struct file_operations bench_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.read = bench_read,
	.write = bench_write,
	.llseek = default_llseek,
};

/**
 * bench_create - make the file bench
 * @folder: of the module
 */
void bench_create(struct dentry *folder)
{
	debugfs_create_file("bench", 0600, folder, NULL, &bench_fops);
}

/**
 * bench_free - forget the last results; the file is gone
 */
void bench_free(void)
{
	kvfree(result);
	result = NULL;
}
