/*
 * The first program of a virtual machine: finds what it shall run in a note on a small disk, runs it as a container
 * would, carries its output to the host, and writes into the note's first block how it began and ended.
 *
 * It takes from the host the note and three words. "stop" asks the application to end. "pause" freezes it, so that the
 * host can keep this machine as a pattern; "wake TIME" comes to each clone of it, which has a note of its own and takes
 * from it who it is, before the application runs on. The host has no other power here, and believes nothing of what this
 * program writes but about this guest itself.
 *
 * The note: from byte 4096 on NUL-terminated words KEY=VALUE in any order, ended by an empty one.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/random.h>
#include <linux/rtc.h>
#include <net/if.h>
#include <net/route.h>
#include <arpa/inet.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOTE_BYTES (1 << 20)
#define NOTE_WORDS 4096
#define WORDS_FROM 4096
#define MANY 2048

static char note[NOTE_BYTES + 1];
static int note_disk = -1;
static int control = -1; /* the port that brings "stop" and takes the standard output */
static int complaints = -1;
static int failure = -1; /* where the application's side says why it cannot run */

/* Writes the one line that the host reads of us, in the first block of the note. */
static void report(const char *format, ...) {
  static char block[512] __attribute__((aligned(512)));
  va_list args;
  memset(block, 0, sizeof block);
  va_start(args, format);
  int length = vsnprintf(block, sizeof block - 1, format, args);
  va_end(args);
  if (length > (int)sizeof block - 2) length = sizeof block - 2;
  for (int i = 0; i < length; i++)
    if (block[i] == '\n') block[i] = ' ';
  block[length] = '\n';
  if (note_disk >= 0 && (pwrite(note_disk, block, sizeof block, 0) < 0 || fsync(note_disk) < 0)) perror("report");
}

static void __attribute__((noreturn)) power_off(void) {
  sync();
  /* There is no power switch; a machine that is started again ends instead. */
  reboot(RB_AUTOBOOT);
  for (;;) pause();
}

static void __attribute__((noreturn, format(printf, 1, 2))) broken(const char *format, ...) {
  char text[400];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (failure >= 0) {
    dprintf(failure, "%s: %s", text, strerror(errno));
    _exit(127);
  }
  report("broken %s: %s", text, strerror(errno));
  fprintf(stderr, "sandpool: %s: %s\n", text, strerror(errno));
  power_off();
}

static void write_file(const char *path, const char *text) {
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (file < 0) return;
  if (write(file, text, strlen(text)) < 0) perror(path);
  close(file);
}

/* --- the note --- */

static const char *word(const char *key, const char *otherwise) {
  size_t length = strlen(key);
  for (const char *at = note + WORDS_FROM; *at; at += strlen(at) + 1)
    if (!strncmp(at, key, length) && at[length] == '=') return at + length + 1;
  return otherwise;
}

static long number(const char *key, long otherwise) {
  const char *text = word(key, NULL);
  return text ? strtol(text, NULL, 10) : otherwise;
}

/* All values of a key, in their order, ended by NULL. */
static char **words(const char *key) {
  static char *found[4][NOTE_WORDS + 1];
  static int lists;
  char **list = found[lists++ % 4];
  size_t length = strlen(key);
  int count = 0;
  for (char *at = note + WORDS_FROM; *at && count < NOTE_WORDS; at += strlen(at) + 1)
    if (!strncmp(at, key, length) && at[length] == '=') list[count++] = at + length + 1;
  list[count] = NULL;
  return list;
}

/* --- devices --- */

static void load_modules(void) {
  char name[256], path[300];
  FILE *list = fopen("/modules/order", "re");
  if (!list) broken("no modules");
  while (fscanf(list, "%255s", name) == 1) {
    snprintf(path, sizeof path, "/modules/%s", name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || (syscall(SYS_finit_module, file, "", 0) && errno != EEXIST)) broken("module %s", name);
    close(file);
  }
  fclose(list);
}

/* Reads the first word of a file of the kernel; empty where there is none. */
static void first_word(const char *path, char *into, size_t size) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = file < 0 ? 0 : read(file, into, size - 1);
  into[length < 0 ? 0 : length] = 0;
  into[strcspn(into, "\n")] = 0;
  if (file >= 0) close(file);
}

/* Opens nothing: says which disk has that serial number. */
static const char *disk(const char *serial) {
  static char path[32];
  char file[64], found[32];
  for (char letter = 'a'; letter <= 'h'; letter++) {
    snprintf(file, sizeof file, "/sys/block/vd%c/serial", letter);
    first_word(file, found, sizeof found);
    if (!strcmp(found, serial)) {
      snprintf(path, sizeof path, "/dev/vd%c", letter);
      return path;
    }
  }
  errno = ENODEV;
  return NULL;
}

/* Ports get their names from the host a moment after their device is there. */
static int port(const char *name, int flags) {
  char file[300], found[32], path[300];
  for (int patience = 20000; patience > 0; patience--) {
    DIR *ports = opendir("/sys/class/virtio-ports");
    for (struct dirent *entry; ports && (entry = readdir(ports));) {
      snprintf(file, sizeof file, "/sys/class/virtio-ports/%s/name", entry->d_name);
      first_word(file, found, sizeof found);
      if (!strcmp(found, name)) {
        snprintf(path, sizeof path, "/dev/%s", entry->d_name);
        closedir(ports);
        return open(path, flags | O_CLOEXEC);
      }
    }
    if (ports) closedir(ports);
    usleep(1000);
  }
  errno = ENODEV;
  return -1;
}

static void read_note(void) {
  const char *path = disk("note");
  if (note_disk < 0 && (!path || (note_disk = open(path, O_RDWR | O_CLOEXEC)) < 0)) broken("no note");
  ssize_t length, have = 0;
  while (have < NOTE_BYTES && (length = pread(note_disk, note + have, NOTE_BYTES - have, have)) > 0) have += length;
  if (have <= WORDS_FROM) broken("the note is too short");
}

/* What the host drew for this guest alone is mixed in, and the kernel's own generator starts anew from it. */
static void stir(void) {
  struct { struct rand_pool_info info; char seed[64]; } pool;
  const char *seed = word("seed", "");
  int random = open("/dev/urandom", O_RDWR | O_CLOEXEC);
  pool.info.buf_size = strnlen(seed, sizeof pool.seed);
  pool.info.entropy_count = pool.info.buf_size * 4; /* hexadecimal digits */
  memcpy(pool.info.buf, seed, pool.info.buf_size);
  if (random < 0 || ioctl(random, RNDADDENTROPY, &pool) || ioctl(random, RNDRESEEDCRNG)) broken("random numbers");
  close(random);
}

/* --- network --- */

static void address(struct sockaddr *into, const char *text) {
  struct sockaddr_in *in = (struct sockaddr_in *)into;
  memset(in, 0, sizeof *in);
  in->sin_family = AF_INET;
  if (inet_pton(AF_INET, text, &in->sin_addr) != 1) broken("address %s", text);
}

static void up(int socket, const char *name, int more) {
  struct ifreq request = {0};
  strcpy(request.ifr_name, name);
  if (ioctl(socket, SIOCGIFFLAGS, &request)) broken("interface %s", name);
  request.ifr_flags |= IFF_UP | more;
  if (ioctl(socket, SIOCSIFFLAGS, &request)) broken("interface %s up", name);
}

/* As in a container's slot: a point-to-point link without ARP, on which both ends have one hardware address. */
static void join_network(void) {
  int internet = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request = {0};
  write_file("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1");
  write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
  up(internet, "lo", 0);
  strcpy(request.ifr_name, "eth0");
  address(&request.ifr_addr, word("address", "?"));
  if (ioctl(internet, SIOCSIFADDR, &request)) broken("address");
  address(&request.ifr_netmask, "255.255.255.254");
  if (ioctl(internet, SIOCSIFNETMASK, &request)) broken("netmask");
  up(internet, "eth0", IFF_NOARP);
  if (number("egress", 0)) {
    struct rtentry route = {0};
    address(&route.rt_dst, "0.0.0.0");
    address(&route.rt_genmask, "0.0.0.0");
    address(&route.rt_gateway, word("gateway", "?"));
    route.rt_flags = RTF_UP | RTF_GATEWAY;
    if (ioctl(internet, SIOCADDRT, &route)) broken("route");
  }
  close(internet);
}

/* --- files --- */

static void mounted(const char *what, const char *where, const char *type, unsigned long flags, const char *options) {
  mkdir(where, 0755);
  if (mount(what, where, type, flags, options)) broken("mount of %s", where);
}

static void mount_root(void) {
  const char *path = disk("root");
  if (!path) broken("no root disk");
  mounted(path, "/image", "ext4", MS_RDONLY | MS_NODEV | MS_NOATIME, NULL);
  path = disk("disk");
  if (!path) broken("no disk to write to");
  mounted(path, "/written", "ext4", MS_NODEV | MS_NOATIME, "noinit_itable,nobarrier,discard,errors=remount-ro");
  mkdir("/written/upper", 0755);
  mkdir("/written/work", 0700);
  mounted("overlay", "/root", "overlay", MS_NODEV, "lowerdir=/image/rootfs,upperdir=/written/upper,workdir=/written/work");
}

static void node(const char *path, int major, int minor) {
  if (mknod(path, S_IFCHR | 0666, makedev(major, minor)) || chmod(path, 0666)) broken("%s", path);
}

/* A file of ours in the guest's own layer; a link there is replaced, not followed. */
static void place(const char *path, const char *text) {
  mkdir("/etc", 0755);
  unlink(path);
  write_file(path, text);
}

/* The kernel's own answer would be one for all clones, where the pattern had asked for it. */
static void name_boot(void) {
  umount2("/proc/sys/kernel/random/boot_id", MNT_DETACH); /* a pattern's */
  write_file("/dev/boot_id", word("boot", ""));
  if (mount("/dev/boot_id", "/proc/sys/kernel/random/boot_id", NULL, MS_BIND, NULL) || unlink("/dev/boot_id")) broken("boot id");
}

static void place_files(void) {
  static char text[8192];
  const char *host = word("host", "sandbox");
  snprintf(text, sizeof text, "%s\n", host);
  place("/etc/hostname", text);
  snprintf(text, sizeof text, "%s\n", word("machine", ""));
  place("/etc/machine-id", text);
  snprintf(text, sizeof text, "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n%s %s\n", word("address", "?"), host);
  place("/etc/hosts", text);
  text[0] = 0;
  for (char **resolver = words("resolver"); *resolver; resolver++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "nameserver %s\n", *resolver);
  place("/etc/resolv.conf", text);
}

static void make_folders(const char *path) {
  char part[4096];
  for (size_t i = 1; path[i - 1] && i < sizeof part; i++)
    if (!path[i] || path[i] == '/') {
      memcpy(part, path, i);
      part[i] = 0;
      mkdir(part, 0755);
    }
}

/*
 * As in a container: what tells about the machine is hidden, and what changes its kernel is read-only, to root too.
 * Whoever wrote a program's name to core_pattern, say, would have it run with every privilege.
 */
static void close_kernel(void) {
  const unsigned long closed = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  const char *hidden[] = {"/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
                          "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/firmware"};
  const char *kept[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
  struct stat what;
  for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
    if (stat(hidden[i], &what)) continue;
    int folder = S_ISDIR(what.st_mode);
    if (folder ? mount("none", hidden[i], "tmpfs", MS_RDONLY | closed, "size=4k") : mount("/dev/null", hidden[i], NULL, MS_BIND, NULL))
      broken("%s", hidden[i]);
  }
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
    if (!stat(kept[i], &what) && (mount(kept[i], kept[i], NULL, MS_BIND | MS_REC, NULL) ||
                                  mount(NULL, kept[i], NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | closed, NULL)))
      broken("%s", kept[i]);
}

/* In the guest's root and its own namespaces: what a container's runtime mounts. */
static void mount_inside(void) {
  const unsigned long closed = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  mounted("proc", "/proc", "proc", closed, NULL);
  mounted("dev", "/dev", "tmpfs", MS_NOSUID, "mode=755,size=64k");
  node("/dev/null", 1, 3);
  node("/dev/zero", 1, 5);
  node("/dev/full", 1, 7);
  node("/dev/random", 1, 8);
  node("/dev/urandom", 1, 9);
  node("/dev/tty", 5, 0);
  mounted("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620");
  mounted("shm", "/dev/shm", "tmpfs", closed, "mode=1777,size=64m");
  mounted("mqueue", "/dev/mqueue", "mqueue", closed, NULL);
  mounted("sysfs", "/sys", "sysfs", closed | MS_RDONLY, NULL);
  if (symlink("pts/ptmx", "/dev/ptmx") || symlink("/proc/self/fd", "/dev/fd") || symlink("/proc/self/fd/0", "/dev/stdin") ||
      symlink("/proc/self/fd/1", "/dev/stdout") || symlink("/proc/self/fd/2", "/dev/stderr"))
    broken("links in /dev");
  close_kernel();
}

/* --- the application --- */

static void bound(const char *file, const char *key) {
  char path[64];
  const char *value = word(key, NULL);
  snprintf(path, sizeof path, "/bounds/app/%s", file);
  if (value) write_file(path, value);
}

static void make_bounds(void) {
  /* As on a host with more memory than the bound: a program gets what it asks for, and ends when it uses too much. */
  write_file("/proc/sys/vm/overcommit_memory", "1");
  /* Else root in the application's namespaces, or in new ones, could lift the bounds of its own group. */
  mounted("bounds", "/bounds", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, "nsdelegate");
  write_file("/bounds/cgroup.subtree_control", "+memory +pids");
  mkdir("/bounds/app", 0755);
  bound("memory.max", "memory");
  bound("pids.max", "processes");
}

static int out_of_memory(void) {
  char key[32];
  long count;
  FILE *events = fopen("/bounds/app/memory.events", "re");
  int found = 0;
  while (events && fscanf(events, "%31s %ld", key, &count) == 2) found |= !strcmp(key, "oom_kill") && count > 0;
  if (events) fclose(events);
  return found;
}

/* The nine capabilities that root has in any sandbox; another user has none, and nobody gains any. */
static void drop_privileges(void) {
  const int kept[] = {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_KILL, CAP_NET_BIND_SERVICE, CAP_SETGID, CAP_SETUID, CAP_SYS_CHROOT};
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct sets[2] = {{0}};
  static gid_t groups[MANY];
  int count = 0;
  unsigned long mask = 0;
  uid_t user = number("uid", 65534);
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) mask |= 1UL << kept[i];
  for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
    if (cap > 63 || !(mask >> cap & 1)) prctl(PR_CAPBSET_DROP, cap);
  for (char **group = words("group"); *group && count < MANY; group++) groups[count++] = strtoul(*group, NULL, 10);
  if (setgroups(count, groups) || setresgid(number("gid", 65534), number("gid", 65534), number("gid", 65534)) ||
      setresuid(user, user, user))
    broken("user");
  for (int half = 0; half < 2; half++)
    sets[half].effective = sets[half].permitted = user == 0 ? (__u32)(mask >> (32 * half)) : 0;
  if (syscall(SYS_capset, &header, sets) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) broken("capabilities");
}

/* Runs the application; what keeps it from running goes into the pipe, which closes if it runs. */
static void __attribute__((noreturn)) become_application(int out, int err) {
  rlim_t files = number("files", 1024);
  struct rlimit limit = {files, files};
  const char *folder = word("cwd", "/");
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  setsid();
  if (unshare(CLONE_NEWNS)) broken("namespaces");
  /* The first root cannot be taken away, but hidden: no way leads back below what is mounted over it. */
  if (chdir("/root") || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/")) broken("root");
  mount_inside();
  name_boot();
  place_files();
  make_folders(folder);
  setrlimit(RLIMIT_NOFILE, &limit);
  int in = open("/dev/null", O_RDWR);
  dup2(in, 0);
  dup2(out, 1);
  dup2(err, 2);
  drop_privileges();
  char **args = words("arg");
  environ = words("env");
  if (chdir(folder)) broken("working directory %s", folder);
  execvp(args[0], args);
  broken("program %s", args[0]);
}

static int copy(int from, int to) {
  static char buffer[32768];
  ssize_t length = read(from, buffer, sizeof buffer);
  for (ssize_t done = 0, count; done < length; done += count)
    if ((count = write(to, buffer + done, length - done)) < 0) return 1;
  return length > 0;
}

/* --- a pattern and its clones --- */

static void freeze(int on) {
  char key[32];
  long value, frozen = -1;
  write_file("/bounds/app/cgroup.freeze", on ? "1" : "0");
  for (int patience = 10000; patience > 0 && frozen != on; patience--) {
    FILE *events = fopen("/bounds/app/cgroup.events", "re");
    if (!events) broken("freezer");
    while (fscanf(events, "%31s %ld", key, &value) == 2)
      if (!strcmp(key, "frozen")) frozen = value;
    fclose(events);
    if (frozen != on) usleep(1000);
  }
  errno = ETIMEDOUT;
  if (frozen != on) broken("the application does not freeze");
}

/* What the host says was true when it started this machine; its clock chip goes on meanwhile, in whole seconds. */
static void set_clock(const char *told) {
  struct rtc_time chip;
  struct timespec now = {0};
  char *fraction;
  now.tv_sec = strtoll(told, &fraction, 10);
  if (*fraction == '.') now.tv_nsec = strtol(fraction + 1, NULL, 10);
  int clock = open("/dev/rtc0", O_RDONLY | O_CLOEXEC);
  if (clock >= 0 && !ioctl(clock, RTC_RD_TIME, &chip)) {
    struct tm parts = {.tm_sec = chip.tm_sec, .tm_min = chip.tm_min, .tm_hour = chip.tm_hour,
                       .tm_mday = chip.tm_mday, .tm_mon = chip.tm_mon, .tm_year = chip.tm_year};
    time_t at_least = timegm(&parts);
    if (now.tv_sec < at_least) now = (struct timespec){at_least, 0};
  }
  if (clock >= 0) close(clock);
  if (clock_settime(CLOCK_REALTIME, &now)) broken("clock");
}

/* A card without a name of its own would be the pattern's; taking it down forgets the pattern's routes too. */
static void change_network(void) {
  int internet = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request = {0};
  unsigned int byte[6];
  strcpy(request.ifr_name, "eth0");
  if (ioctl(internet, SIOCGIFFLAGS, &request)) broken("interface eth0");
  request.ifr_flags &= ~IFF_UP;
  if (ioctl(internet, SIOCSIFFLAGS, &request)) broken("interface eth0 down");
  if (sscanf(word("mac", ""), "%x:%x:%x:%x:%x:%x", byte, byte + 1, byte + 2, byte + 3, byte + 4, byte + 5) != 6) broken("mac");
  request.ifr_hwaddr.sa_family = 1; /* Ethernet */
  for (int i = 0; i < 6; i++) request.ifr_hwaddr.sa_data[i] = byte[i];
  if (ioctl(internet, SIOCSIFHWADDR, &request)) broken("mac");
  close(internet);
  join_network();
}

/* Puts the new name where a process found the pattern's among its environment; it has no room for another length. */
static void rename_in_environment(long process, const char *from, const char *to) {
  static char strings[1 << 17];
  char path[64], stat[2048], wanted[300];
  unsigned long begin = 0, end = 0;
  snprintf(path, sizeof path, "/proc/%ld/stat", process);
  first_word(path, stat, sizeof stat);
  char *rest = stat, *field = strrchr(stat, ')');
  if (field) rest = field + 1;
  for (int number = 3; (field = strtok_r(NULL, " ", &rest)); number++) {
    if (number == 50) begin = strtoul(field, NULL, 10);
    if (number == 51) end = strtoul(field, NULL, 10);
  }
  snprintf(path, sizeof path, "/proc/%ld/mem", process);
  int memory = open(path, O_RDWR | O_CLOEXEC);
  if (memory < 0) return;
  size_t size = end > begin && end - begin < sizeof strings ? end - begin : 0;
  ssize_t length = size ? pread(memory, strings, size, (off_t)begin) : 0;
  int wide = snprintf(wanted, sizeof wanted, "HOSTNAME=%s", from) + 1;
  for (ssize_t at = 0; at + wide <= length; at += strnlen(strings + at, length - at) + 1)
    if (!memcmp(strings + at, wanted, wide) && pwrite(memory, to, strlen(to), (off_t)(begin + at + 9)) < 0) perror("environment");
  close(memory);
}

static void rename_processes(const char *from, const char *to) {
  long process;
  if (strlen(from) != strlen(to)) return;
  FILE *all = fopen("/bounds/app/cgroup.procs", "re");
  while (all && fscanf(all, "%ld", &process) == 1) rename_in_environment(process, from, to);
  if (all) fclose(all);
}

/* Its files and its boot's name are in the application's own namespace. */
static void change_files(pid_t application) {
  char path[64];
  int status;
  snprintf(path, sizeof path, "/proc/%d/ns/mnt", application);
  int inside = open(path, O_RDONLY | O_CLOEXEC);
  pid_t child = inside < 0 ? -1 : fork();
  if (child == 0) {
    if (setns(inside, CLONE_NEWNS) || chdir("/")) _exit(1);
    name_boot();
    place_files();
    _exit(0);
  }
  if (child < 0 || waitpid(child, &status, 0) != child || status) broken("files of a clone");
  close(inside);
}

static void become_clone(pid_t application, const char *now) {
  char *pattern = strdup(word("host", ""));
  /* The disk is another than the one whose pages the kernel remembers. */
  if (ioctl(note_disk, BLKFLSBUF, 0)) broken("note of a clone");
  memset(note, 0, sizeof note);
  read_note();
  stir();
  set_clock(now);
  const char *host = word("host", "sandbox");
  if (sethostname(host, strlen(host))) broken("hostname");
  change_network();
  change_files(application);
  rename_processes(pattern, host);
  free(pattern);
  report("running");
  freeze(0);
}

/* Nothing that the pattern still had to say is said again by its clones. */
static void become_pattern(struct pollfd *out, struct pollfd *err) {
  freeze(1);
  while (poll(out, 1, 0) > 0 && (out->revents & POLLIN) && copy(out->fd, control)) continue;
  while (poll(err, 1, 0) > 0 && (err->revents & POLLIN) && copy(err->fd, complaints)) continue;
  sync();
  report("frozen");
}

/* Carries output and waits; returns how it ended. */
static int serve(pid_t application, int out, int err) {
  sigset_t children;
  int status = -1;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  int ended = signalfd(-1, &children, SFD_CLOEXEC);
  enum { OUT, ERR, ENDED, CONTROL };
  struct pollfd from[] = {{out, POLLIN, 0}, {err, POLLIN, 0}, {ended, POLLIN, 0}, {control, POLLIN, 0}};
  while (from[OUT].fd >= 0 || from[ERR].fd >= 0 || status < 0) {
    if (poll(from, 4, -1) < 0 && errno != EINTR) broken("poll");
    if (from[OUT].revents && !copy(out, control)) from[OUT].fd = -1;
    if (from[ERR].revents && !copy(err, complaints)) from[ERR].fd = -1;
    if (from[ENDED].revents) {
      struct signalfd_siginfo info;
      int how;
      pid_t child;
      if (read(ended, &info, sizeof info) < 0) perror("signalfd");
      while ((child = waitpid(-1, &how, WNOHANG)) > 0)
        if (child == application) status = how;
    }
    if (from[CONTROL].revents & POLLIN) {
      char order[64];
      ssize_t length = read(control, order, sizeof order - 1);
      const char *told = length > 0 ? memmem(order, length, "wake ", 5) : NULL;
      order[length > 0 ? length : 0] = 0;
      if (told) become_clone(application, told + 5);
      if (length > 0 && memmem(order, length, "pause", 5)) become_pattern(&from[OUT], &from[ERR]);
      if (length > 0 && memmem(order, length, "stop", 4)) kill(application, SIGTERM);
      if (length <= 0) from[CONTROL].fd = -1;
    } else if (from[CONTROL].revents) {
      from[CONTROL].fd = -1;
    }
  }
  return status;
}

static void run(void) {
  int out[2], err[2], reason[2];
  char why[400];
  sigset_t children;
  uid_t user = number("uid", 65534);
  if (pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC) || pipe2(reason, O_CLOEXEC)) broken("pipes");
  /* So that it can open /dev/stdout, as in a container. */
  if (fchown(out[1], user, number("gid", 65534)) || fchown(err[1], user, number("gid", 65534))) broken("pipes' owner");
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  sigprocmask(SIG_BLOCK, &children, NULL);
  if (unshare(CLONE_NEWPID | CLONE_NEWIPC)) broken("namespaces");
  pid_t application = fork();
  if (application < 0) broken("fork");
  if (application == 0) {
    failure = reason[1];
    int gate = open("/bounds/app/cgroup.procs", O_WRONLY | O_CLOEXEC);
    if (gate < 0 || write(gate, "0", 1) < 0) broken("bounds");
    close(gate);
    become_application(out[1], err[1]);
  }
  close(out[1]);
  close(err[1]);
  close(reason[1]);
  ssize_t length = read(reason[0], why, sizeof why - 1);
  if (length > 0) {
    why[length] = 0;
    report("refused %s", why);
    power_off();
  }
  report("running");
  int status = serve(application, out[0], err[0]);
  int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  report("ended %d %s", code, code == 137 && out_of_memory() ? "memory" : "-");
}

int main(void) {
  mounted("proc", "/proc", "proc", 0, NULL);
  mounted("sys", "/sys", "sysfs", 0, NULL);
  mounted("dev", "/dev", "devtmpfs", 0, NULL);
  load_modules();
  read_note();
  stir();
  if (number("trial", 0)) {
    report("running");
    power_off();
  }
  if ((control = port("out", O_RDWR)) < 0 || (complaints = port("err", O_WRONLY)) < 0) broken("no console");
  const char *host = word("host", "sandbox");
  if (sethostname(host, strlen(host))) broken("hostname");
  join_network();
  mount_root();
  make_bounds();
  run();
  power_off();
}
