/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of the kernel as the code that parses an image uses, in user space:
 * every <linux/...> that it includes is this file (see the script run). Buffers
 * and inodes are in shim.c. Nothing here is locked: there is one thread.
 */
#ifndef _FUZZ_SHIM_H
#define _FUZZ_SHIM_H

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/types.h>
#include <sys/stat.h>

typedef uint8_t u8;
typedef int8_t s8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef int32_t s32;
typedef unsigned long long u64;
typedef u64 sector_t;
typedef long long s64;
typedef unsigned short umode_t;
typedef unsigned int gfp_t;

/* A machine of this order of bytes is what the tests run on. */
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
#define cpu_to_le16(x) ((__le16)(x))
#define cpu_to_le32(x) ((__le32)(x))
#define cpu_to_le64(x) ((__le64)(x))
#define le16_to_cpu(x) ((u16)(x))
#define le32_to_cpu(x) ((u32)(x))
static inline u16 le16_to_cpup(const void *p)
{
	u16 x;

	memcpy(&x, p, sizeof(x));
	return x;
}

static inline u32 le32_to_cpup(const void *p)
{
	u32 x;

	memcpy(&x, p, sizeof(x));
	return x;
}

static inline void le16_add_cpu(__le16 *p, u16 n)
{
	*p += n;
}

/* Words and numbers. */
#define U32_MAX UINT32_MAX
#define U64_MAX UINT64_MAX
#define S32_MAX INT32_MAX
#define S32_MIN INT32_MIN
#define NSEC_PER_SEC 1000000000L
#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define BIT(n) (1UL << (n))
#define min_of(a, b) ((a) < (b) ? (a) : (b))
#define max_of(a, b) ((a) > (b) ? (a) : (b))
#define min(a, b) ({ typeof(a) _a = (a); typeof(b) _b = (b); min_of(_a, _b); })
#define max(a, b) ({ typeof(a) _a = (a); typeof(b) _b = (b); max_of(_a, _b); })
#define min_t(t, a, b) ({ t _a = (a); t _b = (b); min_of(_a, _b); })
#define max_t(t, a, b) ({ t _a = (a); t _b = (b); max_of(_a, _b); })
#define round_up(x, to) ((((x) + (to) - 1) / (to)) * (to))
#define round_down(x, to) ((x) / (to) * (to))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define DIV_ROUND_UP_ULL(n, d) DIV_ROUND_UP((u64)(n), d)
#define div_u64(n, d) ((u64)(n) / (u32)(d))
#define is_power_of_2(n) ((n) && !((n) & ((n) - 1)))
#define rol32(x, n) ((u32)(x) << (n) | (u32)(x) >> (32 - (n)))
#define offsetofend(t, m) (offsetof(t, m) + sizeof(((t *)0)->m))
#define container_of(p, t, m) ((t *)((char *)(p) - offsetof(t, m)))
#define for_each_set_bit(bit, map, bits) \
	for ((bit) = 0; (bit) < (bits); (bit)++) if (*(map) >> (bit) & 1)
#define READ_ONCE(x) (x)
#define WRITE_ONCE(x, v) ((x) = (v))
#define WARN_ON_ONCE(x) ({ bool _x = (x); if (_x) abort(); _x; })
#define WARN_ONCE(x, ...) WARN_ON_ONCE(x)
#define IS_ENABLED(x) 1
#define CONFIG_FS_POSIX_ACL 1
#define __printf(a, b) __attribute__((format(printf, a, b)))
#define __init
#define __user
#define EXPORT_SYMBOL_IF_KUNIT(x) extern int unused_##x
#define timer_container_of
u32 crc32c(u32 crc, const void *p, size_t len);

/* Errors in pointers. */
#define ERR_PTR(err) ((void *)(long)(err))
#define PTR_ERR(p) ((long)(p))
#define IS_ERR(p) ((unsigned long)(p) >= -4095UL)
#define IS_ERR_OR_NULL(p) (!(p) || IS_ERR(p))
#define PTR_ERR_OR_ZERO(p) (IS_ERR(p) ? (int)PTR_ERR(p) : 0)
#define ERR_CAST(p) ((void *)(p))

/* Memory and sorting. */
#define GFP_KERNEL 0
#define GFP_NOFS 0
#define KB_MOST (64UL << 20)	/* more for one image is a defect */
static inline void *fuzz_alloc(size_t n, size_t size)
{
	if (size && n > KB_MOST / size)
		abort();
	return calloc(n, size);
}

#define kzalloc(size, gfp) fuzz_alloc(1, size)
#define kvzalloc(size, gfp) fuzz_alloc(1, size)
#define kvcalloc(n, size, gfp) fuzz_alloc(n, size)
#define kvmalloc_array(n, size, gfp) fuzz_alloc(n, size)
#define krealloc_array(p, n, size, gfp) realloc(p, (n) * (size))
#define kfree(p) free((void *)(p))
#define kvfree(p) free((void *)(p))
#define sort(base, n, size, cmp, swap) qsort(base, n, size, cmp)

static inline size_t scnprintf(char *to, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(to, size, fmt, args);
	va_end(args);
	return n < (int)size ? n : size ? size - 1 : 0;
}

#define pr_err(...) ((void)0)
#define pr_warn(...) ((void)0)
#define pr_info(...) ((void)0)

/* Locks, users, processes: none. */
struct mutex { int unused; };
struct rw_semaphore { int unused; };
struct work_struct { int unused; };
typedef struct { int unused; } spinlock_t;
#define down_read(sem) ((void)(sem))
#define up_read(sem) ((void)(sem))
#define down_write(sem) ((void)(sem))
#define up_write(sem) ((void)(sem))
#define spin_lock(lock) ((void)(lock))
#define spin_unlock(lock) ((void)(lock))
#define memalloc_nofs_save() 0
#define memalloc_nofs_restore(x) ((void)(x))
#define fatal_signal_pending(task) false
#define capable(what) true
struct user_namespace { int unused; };
extern struct user_namespace init_user_ns;
typedef struct { u32 val; } kuid_t;
typedef struct { u32 val; } kgid_t;
#define make_kuid(ns, id) ((kuid_t){ id })
#define make_kgid(ns, id) ((kgid_t){ id })
#define from_kuid(ns, id) ((id).val)
#define from_kgid(ns, id) ((id).val)
#define uid_valid(id) ((id).val != U32_MAX)
#define gid_valid(id) ((id).val != U32_MAX)
#define uid_eq(a, b) ((a).val == (b).val)
#define gid_eq(a, b) ((a).val == (b).val)
#define GLOBAL_ROOT_UID ((kuid_t){ 0 })
#define GLOBAL_ROOT_GID ((kgid_t){ 0 })

/* Lists, trees and counters that only have to be there. */
struct list_head { struct list_head *next, *prev; };
struct rb_node { struct rb_node *left, *right; };
struct rb_root { struct rb_node *node; };
#define DECLARE_PER_CPU(type, name) extern type name
#define this_cpu_inc(x) ((x)++)

/* Tracepoints: nobody listens, but the arguments are computed. */
#define TP_PROTO(...) __VA_ARGS__
#define TRACE_EVENT(name, proto, ...) static inline void trace_##name(proto) {}
#define DECLARE_EVENT_CLASS(name, ...) struct unused_##name
#define DEFINE_EVENT(class, name, proto, ...) static inline void trace_##name(proto) {}

/* The VFS. */
#define SB_RDONLY 1
#define SB_POSIXACL (1 << 16)
#define S_SYNC 1
#define S_NOATIME 2
#define S_APPEND 4
#define S_IMMUTABLE 8
#define S_DIRSYNC 64
#define MAX_LFS_FILESIZE ((loff_t)LLONG_MAX)
#define XATTR_USER_PREFIX "user."
#define XATTR_TRUSTED_PREFIX "trusted."
#define XATTR_SECURITY_PREFIX "security."
#define XATTR_NAME_POSIX_ACL_ACCESS "system.posix_acl_access"
#define XATTR_NAME_POSIX_ACL_DEFAULT "system.posix_acl_default"
#define XATTR_CREATE 1
#define XATTR_REPLACE 2
#define STATX_BTIME 0x800U
#define STATX_ATTR_IMMUTABLE 0x10
#define STATX_ATTR_APPEND 0x20
#define STATX_ATTR_NODUMP 0x40
#define DT_UNKNOWN 0
#define DT_DIR 4
#define fs_ftype_to_dtype(x) ((unsigned int)(x) & 7)
#define dev_t u32
#define old_decode_dev(x) ((u32)(x))
#define new_decode_dev(x) ((u32)(x))

struct block_device { u64 bytes; };
struct mnt_idmap;
struct iattr;
struct file_kattr;
struct writeback_control;
struct kstatfs {
	long f_type, f_bsize, f_namelen;
	u64 f_blocks, f_bfree, f_bavail, f_files, f_ffree;
	u64 f_fsid;
};

#define uuid_to_fsid(p) le32_to_cpup(p)
#define super_set_uuid(sb, p, len) ((void)*(p))
struct seq_file;
#define seq_printf(m, ...) ((void)(m))
#define seq_puts(m, s) ((void)(m))

struct address_space { const void *a_ops; };
#define mapping_set_large_folios(m) ((void)(m))
struct inode {
	umode_t i_mode;
	u32 i_generation, i_nlink, i_uid, i_gid;
	u64 i_ino, i_blocks;
	unsigned int i_blkbits, i_flags;
	loff_t i_size;
	char *i_link;
	const void *i_op, *i_fop;
	struct timespec64 { s64 tv_sec; long tv_nsec; } times[3];
	struct super_block *i_sb;
	struct address_space *i_mapping, i_data;
	struct inode *next;
	bool fresh;
};

struct dentry {
	struct inode *d_inode;
	struct super_block *d_sb;
};

struct path { struct dentry *dentry; };
struct qstr {
	u32 len;
	const unsigned char *name;
};

#define QSTR_INIT(s, l) { .name = (const unsigned char *)(s), .len = (l) }
struct file { struct inode *inode; };
struct delayed_call;
struct dir_context {
	bool (*actor)(struct dir_context *ctx, const char *name, int len, u64 ino);
	loff_t pos;
};

#define dir_emit(ctx, name, len, ino, type) ((ctx)->actor(ctx, (const char *)(name), len, ino))
#define file_inode(f) ((f)->inode)
#define d_inode(d) ((d)->d_inode)
#define i_size_read(inode) ((inode)->i_size)
#define inode_set_flags(inode, f, mask) ((inode)->i_flags = (f))
#define set_nlink(inode, n) ((inode)->i_nlink = (n))
#define i_uid_write(inode, id) ((inode)->i_uid = (id))
#define i_gid_write(inode, id) ((inode)->i_gid = (id))
#define inode_set_atime_to_ts(inode, ts) ((inode)->times[0] = (ts))
#define inode_set_mtime_to_ts(inode, ts) ((inode)->times[1] = (ts))
#define inode_set_ctime_to_ts(inode, ts) ((inode)->times[2] = (ts))
#define init_special_inode(inode, mode, dev) ((void)(dev))
#define inode_state_read_once(inode) ((inode)->fresh)
#define I_NEW 1
#define unlock_new_inode(inode) ((inode)->fresh = false)
#define IS_POSIXACL(inode) true
struct inode *iget_locked(struct super_block *sb, u64 ino);
void iget_failed(struct inode *inode);
void iput(struct inode *inode);
struct dentry *d_make_root(struct inode *root);

struct kstat {
	u32 result_mask;
	u64 attributes, attributes_mask, blocks;
	struct timespec64 btime;
};

#define generic_fillattr(idmap, mask, inode, stat) ((void)(stat))

/* Tables of operations: only listing is called through one. */
struct super_operations {
	void *alloc_inode, *free_inode, *write_inode, *evict_inode, *put_super, *sync_fs,
		*freeze_fs, *unfreeze_fs, *statfs, *show_options, *dirty_inode;
};

struct file_operations {
	int (*iterate_shared)(struct file *file, struct dir_context *ctx);
	void *llseek, *read, *fsync, *unlocked_ioctl, *compat_ioctl, *setlease;
};

struct inode_operations { int unused; };
struct address_space_operations { int unused; };
struct kiocb;
struct iov_iter;
struct vm_fault;
typedef unsigned int vm_fault_t;
struct export_operations { int unused; };
#define generic_read_dir NULL
#define compat_ptr_ioctl NULL
#define generic_setlease NULL
#define generic_file_llseek_size(file, offset, whence, max, end) (offset)
struct xattr_handler {
	const char *prefix;
	int flags;
	int (*get)(const struct xattr_handler *handler, struct dentry *dentry,
		   struct inode *inode, const char *name, void *buffer, size_t size);
	int (*set)(const struct xattr_handler *handler, struct mnt_idmap *idmap,
		   struct dentry *dentry, struct inode *inode, const char *name,
		   const void *value, size_t size, int flags);
};

struct super_block {
	void *s_fs_info;
	unsigned long s_blocksize;
	unsigned int s_blocksize_bits, s_flags, s_magic;
	char s_id[8];
	struct dentry *s_root, root;
	struct block_device *s_bdev, dev;
	loff_t s_maxbytes;
	const void *s_op, *s_xattr, *s_export_op;
	s64 s_time_gran, s_time_min, s_time_max;
	u32 s_dev;
};

#define sb_rdonly(sb) ((sb)->s_flags & SB_RDONLY)
#define sb_bdev_nr_blocks(sb) ((sb)->dev.bytes >> (sb)->s_blocksize_bits)
int sb_set_blocksize(struct super_block *sb, int size);
#define sb_min_blocksize(sb, size) sb_set_blocksize(sb, size)

/* The buffer cache. Each block is memory of its own, so that a read beyond is seen. */
struct buffer_head {
	char *b_data;
	size_t b_size;
	u64 b_blocknr;
	int count;
};

struct buffer_head *sb_bread(struct super_block *sb, u64 block);
void brelse(struct buffer_head *bh);
#define lock_buffer(bh) ((void)(bh))
#define unlock_buffer(bh) ((void)(bh))
#define mark_buffer_dirty(bh) ((void)(bh))

#endif /* _FUZZ_SHIM_H */
