# shellcheck shell=bash
# What a run left on this host. Every object of a server is named sp + its instance id (4 characters), mostly with a
# sandbox id (8) behind it, so a listing by name before and after finds it. Servers that were there before are not ours.

NAME='sp[a-z2-7]{4}([a-z2-7]{8}[a-z0-9]?)?'
INSTANCES=$BUILD/instances # prefixes of servers that runs of this clone started and did not clean up after

# Lines "KIND NAME" of everything on this host whose name is a server's.
named_objects() {
  local path
  {
    for path in /run/netns/*; do echo "netns ${path##*/}"; done
    for path in /sys/class/net/*; do echo "interface ${path##*/}"; done
    if is_root && have nft; then nft list tables 2>/dev/null | awk '{ print "nft-table " $2 " " $3 }'; fi
    awk '{ print "mount " $5 }' /proc/self/mountinfo
    find /sys/fs/cgroup -mindepth 1 -type d -name 'sp*' -printf 'cgroup %p\n' 2>/dev/null || true
    for path in /sys/block/loop*/loop/backing_file; do
      if [ -r "$path" ]; then echo "loop $(cut -d/ -f4 <<<"$path") $(cat "$path")"; fi
    done
  } | grep -E "(^|[ /])$NAME([^a-z0-9]|\$)" | sort -u || true
}

# Of lines on stdin: the prefixes of the servers in them.
prefixes() { grep -oE "(^|[ /=])$NAME([^a-z0-9]|\$)" | grep -oE 'sp[a-z2-7]{4}' | sort -u || true; }

remember_host() {
  PREFIXES_BEFORE=$(named_objects | prefixes)
  export SANDPOOL_RUN_MARK="run-$$-$SRANDOM"
}

# Processes of this run, by the mark that children inherit. This shell's own later children do not carry it.
marked_processes() {
  local pid
  { grep -alsz "^SANDPOOL_RUN_MARK=$1\$" /proc/[0-9]*/environ || true; } | cut -d/ -f3 | while read -r pid; do
    echo "process $pid $(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c1-100)"
  done 2>/dev/null
}

# Objects of servers that were not here when the run began, and processes of the run.
leftovers() {
  local before
  before=$(paste -sd'|' <<<"$PREFIXES_BEFORE")
  named_objects | grep -vE "(^|[ /])(${before:-none})" || true
  marked_processes "$SANDPOOL_RUN_MARK"
}

# Namespaces and loop devices go a moment after their last user, so look for some seconds.
check_leftovers() {
  local left end=$((SECONDS + 10))
  export -n SANDPOOL_RUN_MARK
  while left=$(leftovers) && [ -n "$left" ] && [ $SECONDS -lt $end ]; do sleep 0.5; done
  [ -n "$left" ] || return 0
  echo "Left on this host (a server that somebody else started meanwhile shows here as well):"
  printf '  %s\n' "${left//$'\n'/$'\n  '}"
  mkdir -p "$BUILD"
  # Only names of full length are recorded for ./dev clean: a short one could be anybody's word.
  grep -E "(^|[ /])sp[a-z2-7]{12}([^a-z0-9]|\$)|^nft-table" <<<"$left" | prefixes >>"$INSTANCES"
  return 1
}

# ./dev clean: removes what carries a recorded name, unless a server lives that it could belong to.
clean_host() {
  local prefix live
  [ -n "$(recorded_objects)" ] || return 0
  is_root || die "earlier runs left objects on this host that only root can remove" "run ./dev clean as root"
  live=$(pgrep -f 'java .*(dev\.sandpool\.server|surefire)' | paste -sd' ' || true)
  [ -z "$live" ] || die "servers or tests are running (pid $live), and what earlier runs left cannot be told from theirs" "end them, then ./dev clean again"
  while read -r prefix; do
    say "removing what $prefix left"
    clean_instance "$prefix"
  done < <(sort -u "$INSTANCES")
  [ -z "$(recorded_objects)" ] || die "still there: $(recorded_objects)" "remove it by hand, or run ./dev clean again"
}

recorded_objects() {
  if [ -s "$INSTANCES" ]; then
    named_objects | grep -E "(^|[ /])($(sort -u "$INSTANCES" | paste -sd'|'))" || true
  fi
}

# Sandboxes first, then what they held: a mount or namespace in use does not go.
clean_instance() {
  local own="(^|[ /])$1([a-z2-7]{8})?([^a-z0-9]|\$)" kind name rest pid pids
  pids=$({
    find /sys/fs/cgroup -path "*/$1*" -name cgroup.procs -exec cat {} + 2>/dev/null
    grep -alszE "(^|[/=])$1[a-z2-7]{8}(/|\$)" /proc/[0-9]*/cmdline | cut -d/ -f3
  } | sort -un || true)
  for pid in $pids; do
    if [ "$pid" != $$ ] && [ "$pid" -gt 1 ]; then kill -KILL "$pid" 2>/dev/null || true; fi
  done
  for _ in {1..20}; do
    named_objects | grep -E "$own" | sort -r | while read -r kind name rest; do
      case $kind in
        mount) umount -l "$name" ;;
        netns) ip netns del "$name" ;;
        interface) ip link del "$name" ;;
        nft-table) nft delete table "$name" "$rest" ;;
        loop) losetup -d "/dev/$name" ;;
        cgroup) find "$name" -depth -type d -exec rmdir {} + ;;
      esac 2>/dev/null || true
    done
    named_objects | grep -qE "$own" || return 0
    sleep 0.1
  done
}
