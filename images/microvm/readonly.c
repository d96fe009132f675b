/*
 * Loaded into the monitor of a clone. The memory of its pattern is mapped privately and shared by all clones, so none
 * may write to the file; but QEMU 7.2 opens the file of a private mapping for writing too, and has no option against it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int opened(const char *path, int flags, mode_t mode) {
  if (!strcmp(path, "/vm/memory")) flags = (flags & ~(O_ACCMODE | O_CREAT)) | O_RDONLY;
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(more, mode_t) : 0;
  va_end(more);
  return opened(path, flags, mode);
}

int open(const char *path, int flags, ...) __attribute__((alias("open64")));

int __open64_2(const char *path, int flags) { return opened(path, flags, 0); }

int __open_2(const char *path, int flags) __attribute__((alias("__open64_2")));
