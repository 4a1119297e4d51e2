// SPDX-License-Identifier: GPL-2.0
/*
 * Names for addresses in user programs: from /proc/PID/maps, read while the
 * process lived, and the symbol tables of its files. A file that was stripped
 * gives its own name in brackets, an unknown place [unknown].
 */
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "eduscope.h"

#define PROCESSES 512

struct symbol {
	uint64_t at;
	uint64_t size;
	const char *name;
};

struct file {
	struct file *next;
	char *path;
	char *label;
	struct symbol *symbols;
	int n;
	GElf_Phdr load[16];
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
} processes[PROCESSES];

static struct file *files;

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static void add_symbols(struct file *f, Elf *elf, Elf_Scn *section, const GElf_Shdr *head)
{
	Elf_Data *data = elf_getdata(section, NULL);
	struct symbol *more;
	GElf_Sym sym;
	int i, n;

	if (!data || !head->sh_entsize)
		return;
	n = head->sh_size / head->sh_entsize;
	more = realloc(f->symbols, (f->n + n) * sizeof(*more));
	if (!more)
		return;
	f->symbols = more;
	for (i = 0; i < n; i++) {
		const char *name;

		if (!gelf_getsym(data, i, &sym) || GELF_ST_TYPE(sym.st_info) != STT_FUNC ||
		    !sym.st_value)
			continue;
		name = elf_strptr(elf, head->sh_link, sym.st_name);
		name = name && *name ? strdup(name) : NULL;
		if (name)
			f->symbols[f->n++] = (struct symbol){ sym.st_value, sym.st_size, name };
	}
}

static void read_file(struct file *f, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf_Scn *section = NULL;
	GElf_Shdr head;
	size_t n, i;
	Elf *elf;

	elf_version(EV_CURRENT);
	elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF) {
		if (elf_getphdrnum(elf, &n))
			n = 0;
		for (i = 0; i < n && f->n_load < (int)ARRAY_SIZE(f->load); i++)
			if (gelf_getphdr(elf, i, &f->load[f->n_load]) &&
			    f->load[f->n_load].p_type == PT_LOAD)
				f->n_load++;
		while ((section = elf_nextscn(elf, section)))
			if (gelf_getshdr(section, &head) &&
			    (head.sh_type == SHT_SYMTAB || head.sh_type == SHT_DYNSYM))
				add_symbols(f, elf, section, &head);
		if (f->n)
			qsort(f->symbols, f->n, sizeof(*f->symbols), by_address);
	}
	elf_end(elf);
	if (fd >= 0)
		close(fd);
}

/* @open: how to reach the file through the process, whatever its root is */
static struct file *file_of(const char *path, const char *open)
{
	const char *base = strrchr(path, '/');
	struct file *f;

	for (f = files; f; f = f->next)
		if (!strcmp(f->path, path))
			return f;
	f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	f->path = strdup(path);
	if (!f->path || asprintf(&f->label, "[%s]", base ? base + 1 : path) < 0) {
		free(f->path);
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

/* Read where the files of process @pid are; again if it has more by now. */
void usym_learn(uint32_t pid)
{
	struct process *p = &processes[pid % PROCESSES];
	char path[64], line[600], name[512], through[600];
	unsigned long long start, end, offset;
	struct mapping *map = NULL, *more;
	int n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/maps", pid);
	f = fopen(path, "re");
	if (!f)
		return;
	while (fgets(line, sizeof(line), f)) {
		char mode[8];

		name[0] = 0;
		if (sscanf(line, "%llx-%llx %7s %llx %*s %*s %511[^\n]", &start, &end, mode,
			   &offset, name) < 4 || mode[2] != 'x')
			continue;
		more = realloc(map, (n + 1) * sizeof(*map));
		if (!more)
			break;
		map = more;
		snprintf(through, sizeof(through), "/proc/%u/root%s", pid, name);
		map[n++] = (struct mapping){ start, end, offset,
					     name[0] ? file_of(name, through) : NULL };
	}
	fclose(f);
	if (!n) {	/* it is ending */
		free(map);
		return;
	}
	free(p->map);
	*p = (struct process){ pid, map, n };
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
