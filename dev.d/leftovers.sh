# shellcheck shell=bash
# What a run left on this host. Every object of a server is named sp + its instance id (4 characters), mostly with a
# sandbox id (8) behind it, so a listing by name before and after finds it. Servers that were there before are not ours.

NAME='sp[a-z2-7]{4}([a-z2-7]{8}[a-z0-9]?)?'
RUNS=$BUILD/runs           # marks of runs that left a process
INSTANCES=$BUILD/instances # prefixes of servers that runs of this clone started and did not clean up after

# Lines "KIND NAME" of everything on this host whose name is a server's.
named_objects() {
  local path
  {
    for path in /run/netns/*; do echo "netns ${path##*/}"; done
    for path in /sys/class/net/*; do echo "interface ${path##*/}"; done
    if is_root && have nft; then nft list tables 2>/dev/null | awk '{ print "nft-table " $2 " " $3 }'; fi
    awk '{ print "mount " $5 }' /proc/self/mountinfo
    for path in /run/sandpool/*; do echo "run $path"; done
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
  marked_pids "$1" | while read -r pid; do
    echo "process $pid $(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c1-100)"
  done 2>/dev/null
}

marked_pids() {
  { grep -alsz "^SANDPOOL_RUN_MARK=$1\$" /proc/[0-9]*/environ || true; } | cut -d/ -f3
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
  if grep -q '^process' <<<"$left"; then echo "$SANDPOOL_RUN_MARK" >>"$RUNS"; fi
  # Only names of full length are recorded for ./dev clean: a short one could be anybody's word.
  grep -E "(^|[ /])sp[a-z2-7]{12}([^a-z0-9]|\$)|^nft-table" <<<"$left" | prefixes >>"$INSTANCES"
  return 1
}

# ./dev clean: ends the processes that carry a mark of ours, then removes what carries a recorded name. What a
# process without our mark uses is somebody else's, and stays; so does everything while a server or a test runs.
clean_host() {
  local prefix live own=() marked
  marked=$(if [ -s "$RUNS" ]; then while read -r mark; do marked_pids "$mark"; done <"$RUNS"; fi)
  [ -n "$marked$(recorded_objects)" ] || return 0
  is_root || die "earlier runs left objects on this host that only root can remove" "run ./dev clean as root"
  while read -r prefix; do
    if [ -z "$(users_of "$prefix")" ] || grep -qxFf <(echo "$marked") <(users_of "$prefix"); then
      own+=("$prefix")
    else
      say "$prefix is left alone: a server that was not started from here uses it"
    fi
  done < <(recorded_prefixes)
  if [ -n "$marked" ]; then xargs kill -KILL <<<"$marked" 2>/dev/null || true; fi
  [ ${#own[@]} -gt 0 ] || return 0
  live=$(grep -alszE 'dev\.sandpool\.server|surefire[b]ooter' /proc/[0-9]*/cmdline | cut -d/ -f3 | paste -sd' ' || true)
  [ -z "$live" ] || die "servers or tests are running (pid $live), and what earlier runs left cannot be told from theirs" "end them, then ./dev clean again"
  for prefix in "${own[@]}"; do
    say "removing what $prefix left"
    clean_instance "$prefix"
  done
}

recorded_prefixes() { if [ -s "$INSTANCES" ]; then sort -u "$INSTANCES"; fi; }

recorded_objects() {
  if [ -s "$INSTANCES" ]; then
    named_objects | grep -E "(^|[ /])($(recorded_prefixes | paste -sd'|'))" || true
  fi
}

# Processes that name the server in their arguments or live in its cgroups.
users_of() {
  {
    find /sys/fs/cgroup -path "*/$1*" -name cgroup.procs -exec cat {} + 2>/dev/null || true
    grep -alszE "(^|[/=])$1[a-z2-7]{8}(/|\$)" /proc/[0-9]*/cmdline | cut -d/ -f3 || true
  } | sort -un
}

# Sandboxes first, then what they held: a mount or namespace in use does not go.
clean_instance() {
  local mine="(^|[ /])$1([a-z2-7]{8}[a-z0-9]?)?([^a-z0-9]|\$)" kind name rest
  users_of "$1" | xargs -r kill -KILL 2>/dev/null || true
  for _ in {1..20}; do
    named_objects | { grep -E "$mine" || true; } | sort -r | while read -r kind name rest; do
      case $kind in
        mount) umount -l "$name" ;;
        netns) ip netns del "$name" ;;
        interface) ip link del "$name" ;;
        nft-table) nft delete table "$name" "$rest" ;;
        loop) losetup -d "/dev/$name" ;;
        run) rm -rf --one-file-system "$name" ;;
        cgroup) find "$name" -depth -type d -exec rmdir {} + ;;
      esac 2>/dev/null || true
    done
    named_objects | grep -qE "$mine" || return 0
    sleep 0.1
  done
  die "still there: $(named_objects | grep -E "$mine")" "remove it by hand, or run ./dev clean again"
}
