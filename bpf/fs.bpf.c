// SPDX-License-Identifier: GPL-2.0
/*
 * fs: read, write, open and fsync through the VFS, by operation and by the
 * filesystem type that served them, with latency and bytes. The same calls go
 * to every filesystem, so a twin (edufs) appears beside ext4 by itself; asked
 * for a side, the probe leaves out the other.
 * A filesystem that lies on another one, as overlayfs does, calls the VFS again
 * for the lower one: each layer has its own clock, and both calls count.
 * Below that, where a file's blocks were looked up, by which kind of map: the
 * events of ext4, and edufs' own, have the same arguments.
 * Reference: the kernel book, 6.12, on vfs_read(); document B on the VFS.
 *
 * Rows: table 0 by filesystem and operation (id: operation, aux: type); the
 * histogram is of ns in the call. fsync has no byte count. Table 1 by
 * filesystem and kind of map.
 */
#include "vmlinux.h"
#include "edu.bpf.h"

enum { BY_OPERATION, BY_MAP };
enum { CALLS, FAILED, BYTES };
enum { READ, WRITE, FSYNC, OPEN, OPERATIONS };
enum { EXTENT, INDIRECT };

#define LAYERS 3		/* FILESYSTEM_MAX_STACK_DEPTH and one */

struct call {
	__u64 since[OPERATIONS][LAYERS];
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct call);
} calls SEC(".maps");

static __always_inline int enter(__u32 op, struct super_block *sb)
{
	struct task_struct *p = bpf_get_current_task_btf();
	__u32 layer = BPF_CORE_READ(sb, s_stack_depth);
	struct call *call;

	if (!edu_wanted(p) || p->tgid == filter.self || layer >= LAYERS)
		return 0;
	call = bpf_task_storage_get(&calls, p, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (call)
		call->since[op][layer] = bpf_ktime_get_ns();
	else
		edu_lose(EDU_LOST_STATE);
	return 0;
}

/* Its name in @name: is it one of the side that was asked for? */
static __always_inline bool wanted_type(struct file_system_type *type, char name[EDU_COMM])
{
	bool twin;

	__builtin_memset(name, 0, EDU_COMM);
	bpf_probe_read_kernel_str(name, EDU_COMM, BPF_CORE_READ(type, name));
	twin = !__builtin_memcmp(name, "edufs", 6);
	return filter.side == EDU_SIDE_ANY || twin == (filter.side == EDU_SIDE_TWIN);
}

static __always_inline int leave(__u32 op, struct inode *inode, long ret)
{
	struct call *call = bpf_task_storage_get(&calls, bpf_get_current_task_btf(), NULL, 0);
	__u32 layer = BPF_CORE_READ(inode, i_sb, s_stack_depth);
	struct file_system_type *type;
	struct edu_row *row;
	char name[EDU_COMM];
	__u64 took;

	if (!call || layer >= LAYERS || !call->since[op][layer])
		return 0;
	took = bpf_ktime_get_ns() - call->since[op][layer];
	call->since[op][layer] = 0;
	type = BPF_CORE_READ(inode, i_sb, s_type);
	if (!wanted_type(type, name))
		return 0;
	row = edu_row(BY_OPERATION, bpf_get_smp_processor_id(), op, (__u64)type, NULL);
	if (row)
		__builtin_memcpy(row->comm, name, EDU_COMM);
	edu_record(row, took);
	edu_add(row, CALLS, 1);
	if (ret < 0)
		edu_add(row, FAILED, 1);
	else
		edu_add(row, BYTES, ret);
	return 0;
}

SEC("fentry/vfs_read")
int BPF_PROG(fs_read, struct file *file)
{
	return enter(READ, BPF_CORE_READ(file, f_inode, i_sb));
}

SEC("fexit/vfs_read")
int BPF_PROG(fs_read_done, struct file *file, char *buf, size_t n, loff_t *pos, ssize_t ret)
{
	return leave(READ, BPF_CORE_READ(file, f_inode), ret);
}

SEC("fentry/vfs_write")
int BPF_PROG(fs_write, struct file *file)
{
	return enter(WRITE, BPF_CORE_READ(file, f_inode, i_sb));
}

SEC("fexit/vfs_write")
int BPF_PROG(fs_write_done, struct file *file, const char *buf, size_t n, loff_t *pos,
	     ssize_t ret)
{
	return leave(WRITE, BPF_CORE_READ(file, f_inode), ret);
}

SEC("fentry/vfs_fsync_range")
int BPF_PROG(fs_fsync, struct file *file)
{
	return enter(FSYNC, BPF_CORE_READ(file, f_inode, i_sb));
}

SEC("fexit/vfs_fsync_range")
int BPF_PROG(fs_fsync_done, struct file *file, loff_t start, loff_t end, int datasync, int ret)
{
	return leave(FSYNC, BPF_CORE_READ(file, f_inode), ret);
}

SEC("fentry/vfs_open")
int BPF_PROG(fs_open, const struct path *path)
{
	return enter(OPEN, BPF_CORE_READ(path, dentry, d_sb));
}

SEC("fexit/vfs_open")
int BPF_PROG(fs_open_done, const struct path *path, struct file *file, int ret)
{
	return leave(OPEN, BPF_CORE_READ(path, dentry, d_inode), ret);
}

static __always_inline int mapped(__u32 kind, struct inode *inode, int ret)
{
	struct file_system_type *type = BPF_CORE_READ(inode, i_sb, s_type);
	struct edu_row *row;
	char name[EDU_COMM];

	if (!edu_wanted(bpf_get_current_task_btf()) || !wanted_type(type, name))
		return 0;
	row = edu_row(BY_MAP, bpf_get_smp_processor_id(), kind, (__u64)type, NULL);
	if (row)
		__builtin_memcpy(row->comm, name, EDU_COMM);
	edu_add(row, CALLS, 1);
	if (ret < 0)
		edu_add(row, FAILED, 1);
	return 0;
}

SEC("raw_tp/ext4_ext_map_blocks_exit")
int BPF_PROG(fs_map_extent, struct inode *inode, unsigned int flags, void *map, int ret)
{
	return mapped(EXTENT, inode, ret);
}

SEC("raw_tp/ext4_ind_map_blocks_exit")
int BPF_PROG(fs_map_indirect, struct inode *inode, unsigned int flags, void *map, int ret)
{
	return mapped(INDIRECT, inode, ret);
}
