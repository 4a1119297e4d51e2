/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SCHED_EDU_GLUE_H
#define _SCHED_EDU_GLUE_H

#include "class.h"

struct seq_file;

/* The machine whose processors are the real ones; lives as long as we do. */
extern struct edu_sched *edu_machine;

#if defined(CONFIG_SCHED_CLASS_EXT) && defined(CONFIG_DEBUG_INFO_BTF_MODULES)
/* A policy that is broken on purpose, to see the kernel take the machine back. */
enum edu_fault {
	EDU_FAULT_NONE,
	EDU_FAULT_STALL,	/* nobody is picked */
	EDU_FAULT_ERROR,	/* a wakeup is answered by an error */
};

extern enum edu_fault edu_fault_now;

static inline bool edu_fault(enum edu_fault fault)
{
	return unlikely(READ_ONCE(edu_fault_now) == fault);
}

static inline void edu_fault_set(enum edu_fault fault)
{
	WRITE_ONCE(edu_fault_now, fault);
}

/* No slice is shorter, for sched_ext or our timer. */
#define EDU_SLICE_MIN	(100 * NSEC_PER_USEC)

static inline bool edu_bad_cpu(int cpu)
{
	return cpu < 0 || cpu >= edu_machine->nr_cpus;
}

int edu_glue_init(void);
void edu_glue_exit(void);
bool edu_glue_active(void);
int edu_glue_start(void);
void edu_glue_stop(u64 kind, const char *reason, size_t reason_size, const char *msg,
		   size_t msg_size);
void edu_exit_show(struct seq_file *m);
void edu_rq_clock(struct edu_rq *rq);
void edu_want_kick(struct edu_rq *rq);
int edu_next_kick(void);
bool edu_may_kick(void);
struct edu_rq *edu_rq_lock(int cpu, unsigned long *flags);
void edu_rq_unlock(struct edu_rq *rq, unsigned long flags);
void edu_arm_timer(struct edu_rq *rq);

/* kfunc_set.c */
int edu_kfuncs_register(void);

/* cgroups.c */
struct edu_group *edu_group_lookup(u64 id);
void edu_groups_show(struct seq_file *m);

/* tasks.c */
struct edu_task *edu_task_lookup(struct task_struct *p);
int edu_task_home(const struct edu_task *t);
struct edu_task *edu_task_add(struct task_struct *p, bool fork, u64 cgroup);
void edu_task_remove(struct edu_task *t);
struct edu_rq *edu_task_lock(struct edu_task *t, unsigned long *flags);
void edu_tasks_exit(void);
void edu_tasks_show(struct seq_file *m);
void edu_tasks_leave(struct edu_group *g);
int edu_tasks_set(int pid, enum edu_policy policy, bool reset_on_fork,
		  const u64 *args, int nargs);
#else
static inline int edu_glue_init(void) { return 0; }
static inline void edu_glue_exit(void) {}
static inline bool edu_glue_active(void) { return false; }
static inline void edu_exit_show(struct seq_file *m) {}
static inline void edu_tasks_show(struct seq_file *m) {}
static inline void edu_groups_show(struct seq_file *m) {}
static inline int edu_tasks_set(int pid, enum edu_policy policy,
				bool reset_on_fork, const u64 *args, int nargs)
{
	return -EOPNOTSUPP;
}
#endif

/* balance.c */
void edu_double_lock(struct edu_rq *this, struct edu_rq *other);

/* bench.c */
void edu_bench_show(struct seq_file *m);

/* debugfs.c */
const char *edu_policy_name(enum edu_policy policy);
void edu_debugfs_init(void);
void edu_debugfs_exit(void);

#endif /* _SCHED_EDU_GLUE_H */
