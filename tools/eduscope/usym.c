// SPDX-License-Identifier: GPL-2.0
/*
 * Names for addresses in user programs: from /proc/PID/maps, read while the
 * process lived, and the symbol tables of its files. A file that was stripped
 * gives its own name in brackets, an unknown place [unknown].
 */
#include <fcntl.h>
#include <linux/elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "eduscope.h"

#define PROCESSES 512

struct symbol {
	uint64_t at;
	uint64_t size;
	char *name;
};

struct file {
	struct file *next;
	char *key;		/* device, inode and path, as in maps */
	char *label;
	struct symbol *symbols;
	int n;
	struct elf64_phdr load[16];
	int n_load;
};

struct mapping {
	uint64_t start, end, offset;
	struct file *file;
};

static struct process {
	uint32_t pid;
	struct mapping *map;
	int n;
	double when;		/* it was read */
} processes[PROCESSES];

static struct file *files;

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* A file in memory; nothing in it is believed. */
struct image {
	const char *data;
	uint64_t size;
};

/* @n things of @each bytes at @offset, or NULL if they are not all there. */
static const void *part(const struct image *image, uint64_t offset, uint64_t n, uint64_t each)
{
	if (offset > image->size || (n && (image->size - offset) / n < each))
		return NULL;
	return image->data + offset;
}

static void add_symbols(struct file *f, const struct image *image,
			const struct elf64_shdr *table, const struct elf64_shdr *names)
{
	uint64_t n = table->sh_size / sizeof(struct elf64_sym), i;
	const struct elf64_sym *sym = part(image, table->sh_offset, n, sizeof(*sym));
	const char *text = part(image, names->sh_offset, names->sh_size, 1);
	struct symbol *more;

	if (!sym || !text || !names->sh_size || text[names->sh_size - 1])
		return;
	more = realloc(f->symbols, (f->n + n) * sizeof(*more));
	if (!more)
		return;
	f->symbols = more;
	for (i = 0; i < n; i++) {
		char *name = NULL;

		if (ELF_ST_TYPE(sym[i].st_info) == STT_FUNC && sym[i].st_value &&
		    sym[i].st_name && sym[i].st_name < names->sh_size)
			name = strdup(text + sym[i].st_name);
		if (name)
			f->symbols[f->n++] = (struct symbol){ sym[i].st_value, sym[i].st_size,
							      name };
	}
}

static void read_image(struct file *f, const struct image *image)
{
	const struct elf64_hdr *head = part(image, 0, 1, sizeof(*head));
	const struct elf64_phdr *load;
	const struct elf64_shdr *section;
	int i;

	if (!head || memcmp(head->e_ident, "\177ELF\2\1", 6))
		return;
	load = part(image, head->e_phoff, head->e_phnum, sizeof(*load));
	section = part(image, head->e_shoff, head->e_shnum, sizeof(*section));
	for (i = 0; load && i < head->e_phnum && f->n_load < (int)ARRAY_SIZE(f->load); i++)
		if (load[i].p_type == PT_LOAD)
			f->load[f->n_load++] = load[i];
	for (i = 0; section && i < head->e_shnum; i++)
		if ((section[i].sh_type == SHT_SYMTAB || section[i].sh_type == SHT_DYNSYM) &&
		    section[i].sh_link < head->e_shnum)
			add_symbols(f, image, &section[i], &section[section[i].sh_link]);
	if (f->n)
		qsort(f->symbols, f->n, sizeof(*f->symbols), by_address);
}

static void read_file(struct file *f, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct image image;
	struct stat st;
	void *data;

	if (fd < 0)
		return;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0) {
		data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (data != MAP_FAILED) {
			image = (struct image){ data, st.st_size };
			read_image(f, &image);
			munmap(data, st.st_size);
		}
	}
	close(fd);
}

/* @open: how to reach the file through the process, whatever its root is */
static struct file *file_of(const char *key, const char *path, const char *open)
{
	const char *base = strrchr(path, '/');
	struct file *f;

	for (f = files; f; f = f->next)
		if (!strcmp(f->key, key))
			return f;
	f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	f->key = strdup(key);
	/* the kernel's own, such as [vdso], have brackets already */
	if (!f->key || asprintf(&f->label, base ? "[%s]" : "%s", base ? base + 1 : path) < 0) {
		free(f->key);
		free(f);
		return NULL;
	}
	if (path[0] == '/')
		read_file(f, open);
	f->next = files;
	files = f;
	return f;
}

static struct process *process_of(uint32_t pid)
{
	struct process *p = &processes[pid % PROCESSES];

	return p->pid == pid ? p : NULL;
}

/* Read where the files of process @pid are; again after a second: it may have more. */
void usym_learn(uint32_t pid)
{
	struct process *p = &processes[pid % PROCESSES];
	char path[64], line[600], name[512], through[600];
	unsigned long long start, end, offset;
	struct mapping *map = NULL, *more;
	int n = 0;
	FILE *f;

	if (p->pid == pid && now_s() < p->when + 1)
		return;
	snprintf(path, sizeof(path), "/proc/%u/maps", pid);
	f = fopen(path, "re");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		char mode[8];
		int key = 0;

		name[0] = 0;
		if (sscanf(line, "%llx-%llx %7s %llx %n%*s %*s %511[^\n]", &start, &end, mode,
			   &offset, &key, name) < 4 || mode[2] != 'x')
			continue;
		more = realloc(map, (n + 1) * sizeof(*map));
		if (!more)
			break;
		map = more;
		snprintf(through, sizeof(through), "/proc/%u/root%s", pid, name);
		map[n++] = (struct mapping){ start, end, offset,
					     name[0] ? file_of(line + key, name, through) : NULL };
	}
	fclose(f);
	if (!n) {	/* it is ending */
		free(map);
		return;
	}
	free(p->map);
	*p = (struct process){ pid, map, n, now_s() };
}

/* The function of process @pid at @address. */
const char *usym(uint32_t pid, uint64_t address)
{
	struct process *p = process_of(pid);
	struct mapping *m = NULL;
	struct file *f;
	int i, low = 0, high;
	uint64_t at;

	if (!p) {
		usym_learn(pid);
		p = process_of(pid);
	}
	for (i = 0; p && i < p->n && !m; i++)
		if (address >= p->map[i].start && address < p->map[i].end)
			m = &p->map[i];
	f = m ? m->file : NULL;
	if (!f)
		return "[unknown]";
	at = address - m->start + m->offset;
	for (i = 0; i < f->n_load; i++)
		if (at >= f->load[i].p_offset && at < f->load[i].p_offset + f->load[i].p_filesz)
			break;
	if (i == f->n_load)
		return f->label;
	at += f->load[i].p_vaddr - f->load[i].p_offset;
	high = f->n;
	while (low < high) {
		int middle = (low + high) / 2;

		if (f->symbols[middle].at <= at)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || (f->symbols[low - 1].size &&
		     at >= f->symbols[low - 1].at + f->symbols[low - 1].size))
		return f->label;
	return f->symbols[low - 1].name;
}
