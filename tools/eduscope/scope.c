// SPDX-License-Identifier: GPL-2.0
/*
 * A probe in the kernel: load, attach, read its rows, pin, detach.
 *
 * What is attached hangs on file descriptors: it ends with this process, even
 * with kill -9, unless it was pinned.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "driver.h"

struct scope {
	const struct probe *probe;
	struct bpf_object_skeleton *skeleton;
	void *skel;
	enum edu_side side;
	int rows;
};

static char last_warning[256];

static int keep_warning(enum libbpf_print_level level, const char *fmt, va_list args)
{
	if (getenv("EDUSCOPE_DEBUG"))
		return vfprintf(stderr, fmt, args);
	if (level == LIBBPF_WARN && !last_warning[0]) {
		vsnprintf(last_warning, sizeof(last_warning), fmt, args);
		last_warning[strcspn(last_warning, "\n")] = 0;
	}
	return 0;
}

/* What libbpf says is for us alone, unless EDUSCOPE_DEBUG is set. */
void hush_libbpf(void)
{
	libbpf_set_print(keep_warning);
	last_warning[0] = 0;
}

static const struct hook *hook_of(const struct probe *probe, const struct bpf_program *prog)
{
	int i;

	for (i = 0; i < probe->n_hooks; i++)
		if (!strcmp(probe->hooks[i].program, bpf_program__name(prog)))
			return &probe->hooks[i];
	return NULL;
}

static bool is_event(const struct bpf_program *prog)
{
	return !strncmp(bpf_program__section_name(prog), "raw_tp/", 7);
}

/* The event or function that a program watches on this side; NULL if none. */
static const char *watched(const struct scope *s, const struct bpf_program *prog)
{
	const char *section = strchr(bpf_program__section_name(prog), '/');
	const struct hook *hook = hook_of(s->probe, prog);

	/* Besides what both have, what the twin says of itself: if it is there to say it. */
	if (s->probe->shared)
		return hook && (s->side == EDU_SIDE_KERNEL || !module_loaded(s->probe->twin)) ?
			NULL : section + 1;
	if (s->side == EDU_SIDE_TWIN)
		return hook ? hook->twin : NULL;
	if (!section || (hook && is_event(prog) && !strcmp(hook->twin, section + 1)))
		return NULL;
	return section + 1;
}

/*
 * Functions come and go with kernels and compilers: leave out the programs
 * whose function this kernel does not have, and tell of them. Those of the
 * other side are left out, too.
 */
static void choose_programs(struct scope *s, bool quiet)
{
	struct btf *btf = btf__load_vmlinux_btf();
	struct bpf_program *prog;
	const char *target;
	bool there;

	bpf_object__for_each_program(prog, *s->skeleton->obj) {
		const char *section = bpf_program__section_name(prog);

		target = watched(s, prog);
		bpf_program__set_autoload(prog, target);
		if (!target)
			continue;
		if (is_event(prog)) {
			bpf_program__set_autoattach(prog, false);
			continue;
		}
		if (strncmp(section, "fentry/", 7) && strncmp(section, "fexit/", 6))
			continue;
		if (strchr(target, ':'))
			there = !bpf_program__set_attach_target(prog, 0, target);
		else
			there = !btf || btf__find_by_name_kind(btf, target, BTF_KIND_FUNC) > 0;
		bpf_program__set_autoload(prog, there);
		if (!there && !quiet)
			complain("no function %s in this kernel: what it would tell is missing",
				 target);
	}
	btf__free(btf);
}

static struct bpf_prog_skeleton *program(const struct bpf_object_skeleton *sk, int i)
{
	return (void *)sk->progs + i * sk->prog_skel_sz;
}

/*
 * The events, after all is loaded; their links go with the skeleton's. The last
 * in the file comes first: what begins is watched only when its end is, too.
 */
static int attach_events(struct scope *s, bool quiet)
{
	struct bpf_object_skeleton *sk = s->skeleton;
	int i;

	for (i = sk->prog_cnt - 1; i >= 0; i--) {
		struct bpf_prog_skeleton *p = program(sk, i);

		if (!is_event(*p->prog) || !bpf_program__autoload(*p->prog))
			continue;
		*p->link = bpf_program__attach_raw_tracepoint(*p->prog, watched(s, *p->prog));
		if (*p->link)
			continue;
		if (errno != ENOENT)
			return -errno;
		if (!quiet)
			complain("no event %s in this kernel: what it would tell is missing",
				 watched(s, *p->prog));
	}
	return 0;
}

static bool twin_loaded(const struct probe *probe)
{
	if (module_loaded(probe->twin))
		return true;
	complain("%s is not loaded: insmod %s.ko, or ask for --side kernel", probe->twin,
		 probe->twin);
	return false;
}

struct scope *scope_open(const struct probe *probe, const struct edu_filter *filter, bool quiet)
{
	const char *obstacle = probe_obstacle();
	struct bpf_map *stacks;
	struct scope *s;
	int err;

	if (obstacle) {
		complain("%s", obstacle);
		return NULL;
	}
	if (filter->side == EDU_SIDE_TWIN && !twin_loaded(probe))
		return NULL;
	if (probe->there && access(probe->there, F_OK)) {
		complain("%s", probe->absent);
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->side = filter->side;
	hush_libbpf();
	s->probe = probe;
	s->skel = probe->open(filter, &s->skeleton);
	if (!s->skel) {
		complain("%s: %s", probe->name, strerror(errno));
		free(s);
		return NULL;
	}
	choose_programs(s, quiet);
	stacks = bpf_object__find_map_by_name(*s->skeleton->obj, "stacks");
	if (stacks && !filter->stacks)
		bpf_map__set_max_entries(stacks, 1);
	err = bpf_object__load_skeleton(s->skeleton);
	if (!err)
		err = attach_events(s, quiet);
	if (!err)
		err = bpf_object__attach_skeleton(s->skeleton);
	if (err) {
		complain("%s does not work on this kernel: %s%s%s", probe->name, strerror(-err),
			 last_warning[0] ? ": " : "", last_warning);
		scope_close(s);
		return NULL;
	}
	s->rows = bpf_object__find_map_fd_by_name(*s->skeleton->obj, "rows");
	return s;
}

int scope_ring(struct scope *s)
{
	return bpf_object__find_map_fd_by_name(*s->skeleton->obj, "events");
}

int scope_stacks(struct scope *s)
{
	return bpf_object__find_map_fd_by_name(*s->skeleton->obj, "stacks");
}

/* Name the processes that have a row by stack; each may come several times. */
void scope_processes(struct scope *s, void (*tell)(uint32_t pid))
{
	struct edu_key key, *last = NULL;
	int n;

	for (n = 0; n < EDU_ROWS && !bpf_map_get_next_key(s->rows, last, &key); n++) {
		if (key.table == EDU_FOLDED)
			tell(key.aux);
		last = &key;
	}
}

void scope_close(struct scope *s)
{
	if (!s)
		return;
	s->probe->destroy(s->skel);
	free(s);
}

/* Nothing new comes any more; rows and ring can still be read. */
void scope_detach(struct scope *s)
{
	bpf_object__detach_skeleton(s->skeleton);
}

/* What was lost so far, of each kind. */
void read_lost(struct bpf_object *obj, uint64_t lost[EDU_LOST_KINDS])
{
	int fd = bpf_object__find_map_fd_by_name(obj, "lost");
	struct bpf_program *prog;
	uint32_t kind;

	for (kind = 0; kind < EDU_LOST_KINDS; kind++)
		if (bpf_map_lookup_elem(fd, &kind, &lost[kind]))
			lost[kind] = 0;
	bpf_object__for_each_program(prog, obj) {
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);

		if (!bpf_prog_get_info_by_fd(bpf_program__fd(prog), &info, &size))
			lost[EDU_LOST_MISSED] += info.recursion_misses;
	}
}

void scope_lost(struct scope *s, uint64_t lost[EDU_LOST_KINDS])
{
	read_lost(*s->skeleton->obj, lost);
}

struct named {
	struct edu_key key;
	struct edu_row row;
};

static int by_key(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct edu_key));
}

/* The table that adds up by CPU the rows of table @of, or 0. */
static int table_of_cpus(const struct probe *probe, int of)
{
	int i;

	for (i = probe->n_tables - 1; i > 0; i--)
		if (of && probe->tables[i].cpus_of == of)
			break;
	return i;
}

/**
 * scope_rows() - all rows of a probe, those of several CPUs added up
 * @s: an attached probe
 * @keys: gets a new array, ordered by bytes, with every cpu 0, and the side
 * @rows: gets a new array, to the same order
 *
 * Return: how many, or -1 with errno.
 */
int scope_rows(struct scope *s, struct edu_key **keys, struct edu_row **rows)
{
	struct named *all = malloc(SCOPE_ROWS * sizeof(*all));
	struct edu_key key, *last = NULL;
	int n = 0, out = 0, i, j, to;

	*keys = calloc(SCOPE_ROWS, sizeof(**keys));
	*rows = calloc(SCOPE_ROWS, sizeof(**rows));
	if (!all || !*keys || !*rows)
		goto fail;
	while (n < SCOPE_ROWS - 1 && !bpf_map_get_next_key(s->rows, last, &key)) {
		all[n].key = key;
		last = &key;
		if (bpf_map_lookup_elem(s->rows, &key, &all[n].row))
			continue;
		all[n].key.side = s->side;
		all[n++].key.cpu = 0;
		to = table_of_cpus(s->probe, key.table);
		if (to) {
			all[n] = all[n - 1];
			all[n].key.table = to;
			all[n++].key.id = key.cpu;
		}
	}
	qsort(all, n, sizeof(*all), by_key);
	for (i = 0; i < n; i++) {
		if (out && !memcmp(&(*keys)[out - 1], &all[i].key, sizeof(key))) {
			/* the last counter is a size, the same on all */
			for (j = 0; j < EDU_COUNTERS - 1; j++)
				(*rows)[out - 1].n[j] += all[i].row.n[j];
			hist_merge(&(*rows)[out - 1].hist, &all[i].row.hist);
		} else {
			(*keys)[out] = all[i].key;
			(*rows)[out++] = all[i].row;
		}
	}
	free(all);
	return out;
fail:
	free(all);
	free(*keys);
	free(*rows);
	errno = ENOMEM;
	return -1;
}

static void pins_of(const struct scope *s, char *dir, size_t size)
{
	snprintf(dir, size, PINS "/%s%s", s->probe->name,
		 s->side == EDU_SIDE_TWIN ? "-edu" : "");
}

/* Take away what scope_pin() has left, if anything. */
void scope_unpin(struct scope *s)
{
	struct bpf_object_skeleton *sk = s->skeleton;
	struct bpf_map *map;
	char dir[64];
	int i;

	bpf_object__for_each_map(map, *sk->obj)
		if (bpf_map__is_pinned(map))
			bpf_map__unpin(map, NULL);
	for (i = 0; i < sk->prog_cnt; i++)
		if (*program(sk, i)->link && bpf_link__pin_path(*program(sk, i)->link))
			bpf_link__unpin(*program(sk, i)->link);
	pins_of(s, dir, sizeof(dir));
	rmdir(dir);
}

/* Keep links and maps for bpftool, under PINS/PROBE. Half of them stay if that fails. */
int scope_pin(struct scope *s)
{
	struct bpf_object_skeleton *sk = s->skeleton;
	char dir[64], path[256];
	struct bpf_map *map;
	int i, err = 0;

	mkdir(PINS, 0700);
	pins_of(s, dir, sizeof(dir));
	if (mkdir(dir, 0700)) {
		complain("cannot make %s: %s%s", dir, strerror(errno),
			 errno == EEXIST ? " (an earlier --pin: remove it to detach)" : "");
		return FAILED;
	}
	bpf_object__for_each_map(map, *sk->obj) {
		if (err || bpf_map__is_internal(map))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, bpf_map__name(map));
		err = bpf_map__pin(map, path);
	}
	for (i = 0; i < sk->prog_cnt && !err; i++) {
		if (!*program(sk, i)->link)
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, program(sk, i)->name);
		err = bpf_link__pin(*program(sk, i)->link, path);
	}
	if (err) {
		complain("cannot pin %s: %s", path, strerror(-err));
		return FAILED;
	}
	printf("%s is attached until you remove %s\n", s->probe->name, dir);
	return flush_output();
}
