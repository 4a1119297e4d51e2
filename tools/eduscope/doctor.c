// SPDX-License-Identifier: GPL-2.0
/*
 * doctor: what works on this kernel, and why the rest does not.
 * status: the twins, loaded or not, in use by whom, and their counters.
 */
#include <argp.h>
#include <bpf/btf.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <linux/capability.h>
#include "eduscope.h"

/* What the verifier then says: "expected pointer to STRUCT task_struct". */
#define TWICE "loaded, but its BTF has a task_struct of its own: build it in the toolbox"

static bool capable(int cap)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &head, data))
		return false;
	return data[cap / 32].effective & (1U << (cap % 32));
}

static bool privileged(void)
{
	return capable(CAP_SYS_ADMIN) || (capable(CAP_BPF) && capable(CAP_PERFMON));
}

const char *probe_obstacle(void)
{
	if (access("/sys/kernel/btf/vmlinux", F_OK))
		return "this kernel has no BTF, which probes need (CONFIG_DEBUG_INFO_BTF)";
	if (!privileged())
		return "probes need root, or CAP_BPF and CAP_PERFMON";
	return NULL;
}

static struct {
	bool json;
	bool first;
	int missing;
} out;

static void tell(const char *name, bool works, const char *why)
{
	if (out.json) {
		printf("%s{\"check\":\"%s\",\"works\":%s,\"why\":", out.first ? "" : ",\n", name,
		       works ? "true" : "false");
		json_string(stdout, why);
		putchar('}');
	} else {
		printf("%-4s %-20s %s\n", works ? "yes" : "no", name, why);
	}
	out.first = false;
	out.missing += !works;
}

/* The configuration of the running kernel: "y", "m", or "" when unknown. */
static const char *kconfig(const char *option)
{
	static char value[8];
	char command[256], path[128];
	struct utsname u;
	FILE *f;

	uname(&u);
	snprintf(path, sizeof(path), "/boot/config-%.65s", u.release);
	if (access("/proc/config.gz", R_OK) && access(path, R_OK))
		return "?";
	snprintf(command, sizeof(command),
		 "{ zcat /proc/config.gz || cat '%s'; } 2>/dev/null | sed -n 's/^CONFIG_%s=//p'",
		 path, option);
	f = popen(command, "r");
	value[0] = 0;
	if (f && fgets(value, sizeof(value), f))
		value[strcspn(value, "\n")] = 0;
	if (f)
		pclose(f);
	return value;
}

/*
 * A module whose BTF repeats the kernel's task_struct instead of referring to
 * it cannot hand tasks to BPF: the verifier sees two types of one name.
 */
static bool duplicated_types(const char *module)
{
	struct btf *base = btf__load_vmlinux_btf(), *btf;
	bool twice = false;
	int id;

	btf = base ? btf__load_module_btf(module, base) : NULL;
	if (btf) {
		id = btf__find_by_name_kind(btf, "task_struct", BTF_KIND_STRUCT);
		for (id = btf__type_cnt(base); !twice && id < (int)btf__type_cnt(btf); id++) {
			const struct btf_type *t = btf__type_by_id(btf, id);

			twice = btf_kind(t) == BTF_KIND_STRUCT &&
				!strcmp(btf__name_by_offset(btf, t->name_off), "task_struct");
		}
	}
	btf__free(btf);
	btf__free(base);
	return twice;
}

static const struct argp_option options[] = {
	{ "json", 'j', NULL, 0, "as JSON", 0 },
	{}
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	if (key == 'j')
		out.json = true;
	else if (key == ARGP_KEY_ARG)
		argp_error(state, "'%s' is one word too many", arg);
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

int doctor_main(int argc, char **argv)
{
	const struct argp argp = {
		.options = options,
		.parser = parse,
		.doc = "Says what works on this kernel, and why the rest does not.",
	};
	struct edu_filter nobody = { .tgid = 1, .tid = 1 };
	bool btf = !access("/sys/kernel/btf/vmlinux", R_OK), root = privileged(), there;
	char text[160];
	struct scope *s;
	glob_t g;
	size_t i;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	out.first = true;
	if (out.json)
		fputs("[", stdout);
	else
		machine_line(stdout, false), putchar('\n');
	tell("privilege", root, root ? "may load BPF" : "needs root, or CAP_BPF and CAP_PERFMON");
	tell("BTF", btf, btf ? "the kernel describes its types" :
	     "no /sys/kernel/btf/vmlinux: built without CONFIG_DEBUG_INFO_BTF");
	for (i = 0; i < (size_t)n_probes; i++) {
		s = root && btf ? scope_open(probes[i], &nobody, true) : NULL;
		snprintf(text, sizeof(text), "%s", s ? probes[i]->summary :
			 probes[i]->there && access(probes[i]->there, F_OK) ? probes[i]->absent :
			 root && btf ? "the kernel refused it: see above" :
			 "see privilege and BTF");
		tell(probes[i]->name, s, text);
		scope_close(s);
	}
	tell("sched_ext", !access("/sys/kernel/sched_ext", F_OK),
	     !access("/sys/kernel/sched_ext", F_OK) ? "CONFIG_SCHED_CLASS_EXT is on" :
	     "CONFIG_SCHED_CLASS_EXT is off: sched_edu cannot be a scheduler here");
	tell("KUnit", module_loaded("kunit") || strchr("ym", kconfig("KUNIT")[0] ?: 'n'),
	     !strcmp(kconfig("KUNIT"), "?") ? "the kernel's configuration cannot be read" :
	     kconfig("KUNIT")[0] ? "CONFIG_KUNIT is on" :
	     "CONFIG_KUNIT is off: the suites run on the debug kernel");
	there = !access("/sys/fs/cgroup/cgroup.procs", F_OK);
	tell("cgroup2", there, there ? "commands are watched with their children" :
	     "not at /sys/fs/cgroup: of a command only the first process is watched");
	there = !access("/sys/kernel/tracing/events", F_OK);
	tell("tracefs", there, there ? "the twins' events are there for trace-cmd" :
	     "not mounted at /sys/kernel/tracing");
	for (i = 0; twin_name(i); i++) {
		const char *twin = twin_name(i);

		if (!twin_is_loaded(i)) {
			tell(twin, false, "not loaded");
			continue;
		}
		snprintf(text, sizeof(text), "/sys/kernel/btf/%s", twin);
		if (access(text, F_OK))
			tell(twin, true, "loaded, without BTF: only its tracepoints help");
		else if (root && duplicated_types(twin))
			tell(twin, false, TWICE);
		else
			tell(twin, true, "loaded, with BTF");
	}
	memset(&g, 0, sizeof(g));
	i = glob("/sys/bus/pci/devices/*", 0, NULL, &g) ? 0 : g.gl_pathc;
	snprintf(text, sizeof(text), "no PCI 1234:11e8: irqdemo simulates one");
	while (i--) {
		char path[300], vendor[16], device[16];

		snprintf(path, sizeof(path), "%.200s/vendor", g.gl_pathv[i]);
		read_line(path, vendor, sizeof(vendor));
		snprintf(path, sizeof(path), "%.200s/device", g.gl_pathv[i]);
		read_line(path, device, sizeof(device));
		if (!strcmp(vendor, "0x1234") && !strcmp(device, "0x11e8"))
			snprintf(text, sizeof(text), "QEMU's edu, %.100s",
				 strrchr(g.gl_pathv[i], '/') + 1);
	}
	globfree(&g);
	tell("edu device", text[0] == 'Q', text);
	there = file_has("/proc/ioports", "parport");
	tell("parallel port", true, there ? "held by parport_pc: unload it before lpchar" :
	     "not held by parport_pc");
	if (out.json)
		puts("]");
	return flush_output() ?: !root || !btf;
}

static void print_counters(int twin)
{
	static struct counter c[128];
	int n = twin_counters(twin, c, ARRAY_SIZE(c)), i;

	if (out.json)
		fputs(",\"counters\":{", stdout);
	for (i = 0; i < n; i++) {
		if (out.json) {
			fputs(i ? "," : "", stdout);
			json_string(stdout, c[i].name);
			printf(":%llu", (unsigned long long)c[i].value);
		} else {
			printf("    %-28s %llu\n", c[i].name, (unsigned long long)c[i].value);
		}
	}
	if (out.json)
		putchar('}');
}

int status_main(int argc, char **argv)
{
	const struct argp argp = {
		.options = options,
		.parser = parse,
		.doc = "Shows every twin: loaded or not, in use by whom, its counters.",
	};
	char name[64], users[256];
	unsigned int refs;
	size_t i;
	FILE *f;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	for (i = 0; twin_name(i); i++) {
		const char *twin = twin_name(i);

		refs = 0;
		strcpy(users, "-");
		f = fopen("/proc/modules", "re");
		while (f && fscanf(f, "%63s %*u %u %255s%*[^\n]", name, &refs, users) == 3)
			if (!strcmp(name, twin))
				break;
		if (f)
			fclose(f);
		if (out.json)
			printf("{\"twin\":\"%s\",\"loaded\":%s", twin,
			       twin_is_loaded(i) ? "true" : "false");
		else
			printf("%-10s %s", twin, twin_is_loaded(i) ? "loaded" : "not loaded");
		if (twin_is_loaded(i)) {
			if (out.json)
				printf(",\"references\":%u,\"users\":\"%s\"", refs, users);
			else if (refs)
				printf(", in use: %u reference%s%s%s\n", refs, refs > 1 ? "s" : "",
				       strcmp(users, "-") ? ", by " : "",
				       strcmp(users, "-") ? users : "");
			else
				printf(", not in use\n");
			print_counters(i);
		} else if (!out.json) {
			putchar('\n');
		}
		if (out.json)
			puts("}");
	}
	return flush_output();
}
