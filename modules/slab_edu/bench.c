// SPDX-License-Identifier: GPL-2.0
/*
 * The same work on the kernel's allocator and ours, side by side.
 *
 * One line written to /sys/kernel/debug/slab_edu/bench runs it, words in any
 * order, all but test optional:
 *   test=reuse|hold|random|bulk|remote|kmalloc|rbtree|fill|stress
 *				see bench_loops.c and stress.c
 *   side=kernel,edu,sheaf	which, in this order (default all three;
 *				fill: one)
 *   size=64			bytes of an object (rbtree from 32, stress from 16)
 *   n=100000			objects that each CPU allocates and frees
 *   batch=64			hold, random: objects outstanding; bulk, remote:
 *				objects at a time
 *   cpus=1			CPUs that run it at once, from 0 (remote: 2; fill: 1;
 *				stress: tasks, on any CPU)
 *   rounds=3			A B C A B C ...
 * Reading gives one line for each run, in the order they ran:
 *   side=S test=T size=B n=N batch=K cpus=C round=R ns=TOTAL objects=O
 * ns is the time of the slowest CPU (remote: of both together); ns over
 * (objects / cpus) is the price of one allocation with its free. Behind it, for
 * stress, refused=R bad=B: allocations that failed, and objects that were
 * found spoilt; and on our sides path=COUNT for each path that was taken. Where
 * perf can count instructions there is instructions=I; under tools/vm/run
 * --icount time is instructions.
 *
 * What fill allocates stays until the next line is written, so that slabinfo
 * and /proc/slabinfo show what so many objects take ("bench" and
 * "slab_edu_bench"). Caches are made for the run: SLAB_NO_MERGE on the kernel's
 * side, so that nobody else's objects are in it.
 */
#include <linux/debugfs.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/perf_event.h>
#include <linux/random.h>
#include <linux/seq_buf.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "bench.h"

#define MAX_BATCH 65536U
#define MAX_CPUS 64U
#define RESULT_SIZE (256 * 1024)

static const char * const test_names[] = {
	"reuse", "hold", "random", "bulk", "remote", "kmalloc", "rbtree", "fill", "stress",
	NULL
};

static const char * const side_names[] = { "kernel", "edu", "sheaf", NULL };

static struct dentry *bench_file;
/* guards the rest */
static DEFINE_MUTEX(bench_lock);
static struct bench *kept;
static char *result;
static struct seq_buf results;

#ifdef CONFIG_PERF_EVENTS
static struct perf_event *count_instructions(void)
{
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
}

static u64 instructions_until_now(struct perf_event *event)
{
	u64 enabled, running;

	return event ? perf_event_read_value(event, &enabled, &running) : 0;
}

static void count_end(struct perf_event *event)
{
	if (event)
		perf_event_release_kernel(event);
}
#else
static struct perf_event *count_instructions(void)
{
	return NULL;
}

static u64 instructions_until_now(struct perf_event *event)
{
	return 0;
}

static void count_end(struct perf_event *event)
{
}
#endif

static atomic64_t instructions;

static int work(void *data)
{
	struct bench_worker *w = data;
	struct bench *b = w->b;
	/* Those of remote run in turns, and those of stress on any CPU. */
	bool alone = b->test != BENCH_REMOTE && b->test != BENCH_STRESS;
	struct perf_event *event = alone ? count_instructions() : NULL;

	/* All begin together. */
	atomic_inc(&b->ready);
	while (atomic_read(&b->ready) < b->cpus)
		cond_resched();
	atomic64_sub(instructions_until_now(event), &instructions);
	if (b->test != BENCH_REMOTE)
		bench_start(w);
	if (!bench_loop(w))
		atomic_set(&b->failed, 1);
	if (b->test != BENCH_REMOTE)
		bench_stop(w);
	atomic64_add(instructions_until_now(event), &instructions);
	count_end(event);
	/* Not a return to us: we may be unloaded as soon as this is known. */
	kthread_complete_and_exit(&w->done, 0);
}

static void free_workers(struct bench *b)
{
	unsigned int i;

	for (i = 0; b->worker && i < b->cpus; i++) {
		vfree(b->worker[i].objects);
		vfree(b->worker[i].order);
	}
	kfree(b->worker);
	b->worker = NULL;
}

static int make_workers(struct bench *b)
{
	/* stress keeps 64 and has bulks of 64; kmalloc has 16 */
	unsigned int room = max(b->test == BENCH_FILL ? b->n : b->batch, 128U);
	unsigned int i, k;

	b->worker = kcalloc(b->cpus, sizeof(*b->worker), GFP_KERNEL);
	if (!b->worker)
		return -ENOMEM;
	for (i = 0; i < b->cpus; i++) {
		struct bench_worker *w = &b->worker[i];

		w->b = b;
		w->index = i;
		init_completion(&w->turn);
		init_completion(&w->done);
		w->objects = vmalloc_array(room, sizeof(*w->objects));
		if (!w->objects)
			return -ENOMEM;
		if (b->test != BENCH_RANDOM)
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

static int run_workers(struct bench *b)
{
	unsigned int i, started;
	int err = 0;

	for (started = 0; started < b->cpus; started++) {
		struct task_struct *task;

		task = kthread_create_on_node(work, &b->worker[started], NUMA_NO_NODE,
					      "slab_bench/%u", started);
		if (IS_ERR(task)) {
			err = PTR_ERR(task);
			break;
		}
		if (b->test != BENCH_STRESS)
			kthread_bind(task, started);
		wake_up_process(task);
	}
	if (err) {
		/* Those that run wait for one that will not come. */
		atomic_set(&b->failed, 1);
		for (i = 0; i < started; i++)
			complete(&b->worker[i].turn);
		atomic_add(b->cpus, &b->ready);
	}
	for (i = 0; i < started; i++)
		wait_for_completion(&b->worker[i].done);
	if (!err && atomic_read(&b->failed))
		err = -ENOMEM;
	if (!err && atomic_read(&b->bad))
		err = -EUCLEAN;
	return err;
}

static void print_result(struct bench *b, unsigned int round, const unsigned long *before)
{
	u64 ns = 0;
	unsigned int i;

	for (i = 0; i < b->cpus; i++)
		ns = b->test == BENCH_REMOTE ? ns + b->worker[i].ns : max(ns, b->worker[i].ns);
	seq_buf_printf(&results, "side=%s test=%s size=%u n=%u batch=%u cpus=%u round=%u",
		       side_names[b->side], test_names[b->test], b->size, b->n,
		       b->batch, b->cpus, round);
	seq_buf_printf(&results, " ns=%llu objects=%llu", ns,
		       (u64)b->n * (b->test == BENCH_REMOTE ? 1 : b->cpus));
	if (b->test == BENCH_STRESS)
		seq_buf_printf(&results, " refused=%u bad=%u", atomic_read(&b->refused),
			       atomic_read(&b->bad));
	if (atomic64_read(&instructions))
		seq_buf_printf(&results, " instructions=%lld", atomic64_read(&instructions));
	for (i = 0; b->side != BENCH_KERNEL && i < EDU_NR_STATS; i++) {
		unsigned long n = cache_stat(b->edu, i) - before[i];

		if (n)
			seq_buf_printf(&results, " %s=%lu", edu_stat_names[i], n);
	}
	seq_buf_puts(&results, "\n");
}

static int run(struct bench *b, unsigned int round)
{
	unsigned long before[EDU_NR_STATS];
	unsigned int i;
	int err;

	err = make_workers(b);
	if (err)
		goto out;
	atomic_set(&b->ready, 0);
	atomic_set(&b->failed, 0);
	atomic_set(&b->refused, 0);
	atomic_set(&b->bad, 0);
	atomic64_set(&instructions, 0);
	for (i = 0; i < EDU_NR_STATS; i++)
		before[i] = cache_stat(b->edu, i);
	if (b->test == BENCH_STRESS)
		stress_interrupts(b, true);
	err = run_workers(b);
	if (b->test == BENCH_STRESS) {
		stress_interrupts(b, false);
		stress_end(b);
		if (!err && atomic_read(&b->bad))
			err = -EUCLEAN;
	}
	if (!err || err == -EUCLEAN)
		print_result(b, round, before);
	if (!err && b->test == BENCH_FILL)
		return 0;
out:
	free_workers(b);
	return err;
}

/* Free a bench and whatever it still holds. */
static void bench_end(struct bench *b)
{
	if (!b)
		return;
	if (b->worker)
		bench_release(&b->worker[0], b->n);
	free_workers(b);
	kvfree(b->shared);
	edu_cache_destroy(b->edu);
	kmem_cache_destroy(b->kernel);
	kfree(b);
}

static int run_all(struct bench *b)
{
	unsigned int round, i;
	int err = 0;

	b->kernel = kmem_cache_create("slab_edu_bench", b->size, 0, SLAB_NO_MERGE, NULL);
	b->edu = edu_cache_create("bench", b->size, 0, 0, NULL);
	b->shared = kvcalloc(BENCH_SHARED, sizeof(*b->shared), GFP_KERNEL);
	if (!b->kernel || !b->edu || !b->shared)
		return -ENOMEM;
	for (round = 0; round < b->rounds && !err; round++) {
		for (i = 0; i < b->nr_sides && !err; i++) {
			b->side = b->sides[i];
			if (b->side != BENCH_KERNEL)
				cache_set_front(b->edu, b->side == BENCH_SHEAF);
			err = run(b, round);
		}
	}
	return err;
}

static int parse_sides(struct bench *b, char *value)
{
	char *word;

	b->nr_sides = 0;
	while ((word = strsep(&value, ","))) {
		int side = match_string(side_names, BENCH_NR_SIDES, word);

		if (side < 0 || b->nr_sides == BENCH_NR_SIDES)
			return -EINVAL;
		b->sides[b->nr_sides++] = side;
	}
	return 0;
}

/* What one test asks of the line beyond the ranges. */
static int check(struct bench *b)
{
	if (b->test == BENCH_REMOTE)
		b->cpus = 2;
	if (b->cpus > num_online_cpus() && b->test != BENCH_STRESS)
		return -EINVAL;
	switch (b->test) {
	case BENCH_FILL:
		return b->nr_sides == 1 && b->cpus == 1 && b->rounds == 1 ? 0 : -EINVAL;
	case BENCH_RBTREE:
		b->size = max(b->size, 32U);
		return 0;
	case BENCH_STRESS:
		b->size = max(b->size, 16U);
		return 0;
	default:
		return 0;
	}
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
		{ "cpus", &b->cpus, 1, MAX_CPUS },
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
			test = match_string(test_names, BENCH_NR_TESTS, value);
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
	return check(b);
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
	*b = (struct bench){ .size = 64, .n = 100000, .batch = 64, .cpus = 1, .rounds = 3,
			     .nr_sides = BENCH_NR_SIDES,
			     .sides = { BENCH_KERNEL, BENCH_EDU, BENCH_SHEAF } };
	err = parse(b, line);
	kfree(line);
	mutex_lock(&bench_lock);
	bench_end(kept);
	kept = NULL;
	if (!err && !result)
		result = kvzalloc(RESULT_SIZE, GFP_KERNEL);
	if (!err && !result)
		err = -ENOMEM;
	if (!err) {
		seq_buf_init(&results, result, RESULT_SIZE);
		err = run_all(b);
	}
	if (!err && b->test == BENCH_FILL)
		kept = b;
	else
		bench_end(b);
	mutex_unlock(&bench_lock);
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
	bench_file = debugfs_create_file("bench", 0600, folder, NULL, &bench_fops);
}

/**
 * bench_exit - remove the file, free what fill left and the last results
 */
void bench_exit(void)
{
	debugfs_remove(bench_file);
	bench_end(kept);
	kvfree(result);
}
