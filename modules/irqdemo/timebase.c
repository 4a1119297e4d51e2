// SPDX-License-Identifier: GPL-2.0
/*
 * Our timers on the kernel's clock: a wheel, a deferrable wheel and a tree for
 * every CPU.
 *
 * The rules:
 *  1. A wheel that holds timers has a tick: a timer of the kernel, pinned to
 *     the wheel's CPU, that is due at once and therefore runs in the softirq of
 *     every jiffy, where the kernel's own wheel is run. An hrtimer of a
 *     jiffy's length would have a phase of its own: our timers would run up to
 *     a whole jiffy after the kernel's. An empty wheel has no tick.
 *  2. The deferrable wheel's tick is a deferrable timer: it does not wake an
 *     idle CPU.
 *  3. The tree has a hard hrtimer of the kernel in place of the clock event
 *     device, and a BH work in place of the softirq.
 *  4. A timer is armed on the CPU that arms it. Of a CPU that goes offline,
 *     the timers of its wheels and trees move to another.
 *  5. A tick is started, and started again, under its wheel's lock, so that it
 *     is pending or not for whoever holds that. The kernel's own timer locks
 *     are taken inside.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <edu/compat.h>

#include "line.h"

struct timebase {
	struct edu_wheel wheel;
	struct edu_wheel deferred;
	struct edu_hr_cpu hr;
	struct timer_list tick;
	struct timer_list deferred_tick;
	struct hrtimer event;
	struct work_struct soft;
};

static struct timebase __percpu *bases;
static int hotplug_state;

/* One jiffy of a wheel, and the next if it holds timers still. */
static void run_tick(struct edu_wheel *wheel, struct timer_list *tick)
{
	unsigned long now = jiffies;

	edu_wheel_run(wheel, now);
	guard(raw_spinlock_irqsave)(&wheel->lock);
	/* Not later than now, so in the coming jiffy, not in the one after. */
	if (wheel->pending)
		mod_timer(tick, now);
}

/* Rule 5: called with the lock. Armed it is on its wheel's CPU already. */
static void start_tick(struct edu_wheel *wheel, struct timer_list *tick)
{
	if (timer_pending(tick))
		return;
	tick->expires = jiffies;
	add_timer_on(tick, wheel->cpu);
}

static void wheel_tick(struct timer_list *timer)
{
	struct timebase *base = timer_container_of(base, timer, tick);

	run_tick(&base->wheel, timer);
}

static void wheel_kick(struct edu_wheel *wheel)
{
	start_tick(wheel, &container_of(wheel, struct timebase, wheel)->tick);
}

static void deferred_tick(struct timer_list *timer)
{
	struct timebase *base = timer_container_of(base, timer, deferred_tick);

	run_tick(&base->deferred, timer);
}

static void deferred_kick(struct edu_wheel *wheel)
{
	start_tick(wheel, &container_of(wheel, struct timebase, deferred)->deferred_tick);
}

/* A pair of bases a clock, hard and soft. */
static void set_offset(struct edu_hr_cpu *cpu, enum edu_hr_clock clock,
		       ktime_t offset)
{
	cpu->base[clock].offset = offset;
	cpu->base[EDU_HR_SOFT + clock].offset = offset;
}

/* How far the clocks are from the monotonic one, looked up at every event. */
static void follow_clocks(struct edu_hr_cpu *cpu)
{
	guard(raw_spinlock_irqsave)(&cpu->lock);
	set_offset(cpu, EDU_HR_REALTIME, ktime_mono_to_any(0, TK_OFFS_REAL));
	set_offset(cpu, EDU_HR_BOOTTIME, ktime_mono_to_any(0, TK_OFFS_BOOT));
	set_offset(cpu, EDU_HR_TAI, ktime_mono_to_any(0, TK_OFFS_TAI));
}

static ktime_t hr_now(struct edu_hr_cpu *cpu)
{
	return ktime_get();
}

static int hr_program(struct edu_hr_cpu *cpu, ktime_t expires, bool force)
{
	struct timebase *base = container_of(cpu, struct timebase, hr);

	if (expires <= ktime_get() && !force)
		return -ETIME;
	/*
	 * Only a cancel comes from another CPU, and can only make the event
	 * later: the early interrupt finds nothing due, and asks again.
	 */
	if (cpu->number != raw_smp_processor_id())
		return 0;
	if (expires == KTIME_MAX)
		hrtimer_try_to_cancel(&base->event);
	else
		hrtimer_start(&base->event, expires, HRTIMER_MODE_ABS_PINNED_HARD);
	return 0;
}

static void hr_raise_soft(struct edu_hr_cpu *cpu)
{
	struct timebase *base = container_of(cpu, struct timebase, hr);

	queue_work_on(cpu->number, system_bh_highpri_wq, &base->soft);
}

static const struct edu_hr_ops hr_ops = {
	.now = hr_now,
	.program = hr_program,
	.raise_soft = hr_raise_soft,
};

static enum hrtimer_restart hr_event(struct hrtimer *hrtimer)
{
	struct edu_hr_cpu *cpu = &container_of(hrtimer, struct timebase, event)->hr;

	follow_clocks(cpu);
	/* It starts the hrtimer anew by itself: see hr_program(). */
	edu_hr_interrupt(cpu);
	return HRTIMER_NORESTART;
}

static void hr_soft(struct work_struct *work)
{
	edu_hr_run_soft(&container_of(work, struct timebase, soft)->hr);
}

/**
 * timebase_wheel - this CPU's wheel
 * @deferrable: the one that does not wake an idle CPU
 *
 * Preemption off, or the caller does not mind which CPU's it is.
 *
 * Return: the wheel.
 */
struct edu_wheel *timebase_wheel(bool deferrable)
{
	struct timebase *base = raw_cpu_ptr(bases);

	return deferrable ? &base->deferred : &base->wheel;
}

/**
 * timebase_hr - this CPU's trees
 *
 * As timebase_wheel().
 *
 * Return: the trees.
 */
struct edu_hr_cpu *timebase_hr(void)
{
	return &raw_cpu_ptr(bases)->hr;
}

static void hr_poke(void *trees)
{
	edu_hr_retrigger(trees);
}

static int timebase_offline(unsigned int cpu)
{
	unsigned int to = cpumask_any_but(cpu_online_mask, cpu);
	struct timebase *from = per_cpu_ptr(bases, cpu);
	struct timebase *heir;

	if (to >= nr_cpu_ids)
		return 0;
	heir = per_cpu_ptr(bases, to);
	timer_delete_sync(&from->tick);
	timer_delete_sync(&from->deferred_tick);
	edu_wheel_migrate(&from->wheel, &heir->wheel, jiffies);
	edu_wheel_migrate(&from->deferred, &heir->deferred, jiffies);
	hrtimer_cancel(&from->event);
	cancel_work_sync(&from->soft);
	edu_hr_migrate(&from->hr, &heir->hr);
	return smp_call_function_single(to, hr_poke, &heir->hr, 1);
}

static const char * const wheel_names[WHEEL_COUNTERS] = {
	[WHEEL_ADDED] = "added",
	[WHEEL_REQUEUED] = "requeued",
	[WHEEL_UNCHANGED] = "unchanged",
	[WHEEL_CANCELLED] = "cancelled",
	[WHEEL_EXPIRED] = "expired",
	[WHEEL_RUNS] = "runs",
	[WHEEL_PREEMPT_LEAKS] = "preempt_leaks",
	[WHEEL_SYNC_WAITS] = "sync_waits",
};

static const char * const hr_names[HR_COUNTERS] = {
	[HR_EVENTS] = "events",
	[HR_RETRIES] = "retries",
	[HR_HANGS] = "hangs",
	[HR_STARTED] = "started",
	[HR_CANCELLED] = "cancelled",
	[HR_EXPIRED] = "expired",
	[HR_REPROGRAMMED] = "reprogrammed",
};

/**
 * timebase_show - print all wheels and trees
 * @m: where
 */
void timebase_show(struct seq_file *m)
{
	unsigned int cpu, i;

	for_each_possible_cpu(cpu) {
		struct timebase *base = per_cpu_ptr(bases, cpu);
		struct edu_wheel *wheel;

		for (wheel = &base->wheel; wheel <= &base->deferred; wheel++) {
			seq_printf(m, "cpu%u %s pending %u clk %lu next %lu", cpu,
				   wheel == &base->wheel ? "wheel" : "deferred",
				   wheel->pending, wheel->clk, wheel->next_expiry);
			for (i = 0; i < WHEEL_COUNTERS; i++)
				seq_printf(m, " %s %llu", wheel_names[i],
					   wheel->count[i]);
			seq_putc(m, '\n');
		}
		seq_printf(m, "cpu%u tree max_hang_ns %llu", cpu,
			   base->hr.max_hang);
		for (i = 0; i < HR_COUNTERS; i++)
			seq_printf(m, " %s %llu", hr_names[i], base->hr.count[i]);
		seq_putc(m, '\n');
	}
}

/**
 * timebase_init - make every CPU's wheels and trees
 *
 * Return: 0, -ENOMEM, or what cpuhp_setup_state() says.
 */
int timebase_init(void)
{
	unsigned int cpu;
	int state;

	bases = alloc_percpu(struct timebase);
	if (!bases)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct timebase *base = per_cpu_ptr(bases, cpu);

		edu_wheel_init(&base->wheel, cpu, jiffies);
		base->wheel.kick = wheel_kick;
		edu_wheel_init(&base->deferred, cpu, jiffies);
		base->deferred.kick = deferred_kick;
		edu_hr_cpu_init(&base->hr, cpu, &hr_ops);
		follow_clocks(&base->hr);
		timer_setup(&base->tick, wheel_tick, TIMER_PINNED);
		timer_setup(&base->deferred_tick, deferred_tick,
			    TIMER_PINNED | TIMER_DEFERRABLE);
		hrtimer_setup(&base->event, hr_event, CLOCK_MONOTONIC,
			      HRTIMER_MODE_ABS_PINNED_HARD);
		INIT_WORK(&base->soft, hr_soft);
	}
	state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "irqdemo:timers",
					  NULL, timebase_offline);
	if (state < 0) {
		free_percpu(bases);
		return state;
	}
	hotplug_state = state;
	return 0;
}

/**
 * timebase_exit - the opposite; no timer is armed any more
 */
void timebase_exit(void)
{
	unsigned int cpu;

	cpuhp_remove_state_nocalls(hotplug_state);
	for_each_possible_cpu(cpu) {
		struct timebase *base = per_cpu_ptr(bases, cpu);

		timer_shutdown_sync(&base->tick);
		timer_shutdown_sync(&base->deferred_tick);
		hrtimer_cancel(&base->event);
		cancel_work_sync(&base->soft);
	}
	free_percpu(bases);
}
