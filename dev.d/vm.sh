# shellcheck shell=bash
# Tests in a guest like a user's host: Debian 12 with its own kernel, systemd, cgroup version 2 and gVisor's own network
# stack, on a processor that QEMU emulates. docs/decisions/0014 says why so. What runs there: e2e/src/vm/tests.

VM=$BUILD/vm
VM_SUITE=bookworm
# shellcheck disable=SC2153 # set by ./dev
VM_REPORTS=$ROOT/e2e/target/vm-reports
VM_SILENCE=1200 # seconds without a word from the guest, after which it counts as hanging
VM_PATIENCE=20 # how many times longer tests wait there than here

# Prints the one reason why no guest can run here and succeeds, or fails if one can.
why_no_guest() {
  if ! is_root; then
    echo "the guest's file system belongs to several users, so making it needs root: run the same command as root"
  elif [ "$(uname -m)" != x86_64 ]; then
    echo "the guest is made for x86_64, and this host is $(uname -m)"
  elif ! try_runsc; then
    echo "there is no runsc to run them with"
  elif [ "$INSTALL" = no ] && [ ! -e "$VM/$(guest_key)/root.img" ]; then
    echo "the guest's root file system is not there, and --no-install was given: run once without it"
  else
    return 1
  fi
}

# What a host of sandboxes needs, as on any other, and what makes a machine of it.
guest_packages() {
  {
    packages | awk -F'|' '$3 ~ /sandbox/ { gsub(/ /, "", $1); if ($1 != "mmdebstrap") print $1 }'
    printf '%s\n' linux-image-cloud-amd64 initramfs-tools lz4 systemd-sysv udev kmod procps e2fsprogs
  } | sort -u
}

# Another list, another version on the mirror or another way to make it: another root file system.
guest_key() {
  local names
  names=$(guest_packages)
  # shellcheck disable=SC2086 # a list of names
  {
    echo "$VM_SUITE $names"
    apt-cache policy $names 2>/dev/null | grep -E '^[a-z]|Candidate:' || true
    declare -f make_guest
    cat "$ROOT/e2e/src/vm/sandpool-tests.service"
  } | sha256sum | cut -c1-16
}

# Sets GUEST to a folder with root.img, vmlinuz and initrd. 3: the mirror cannot be reached.
ensure_guest() {
  GUEST=$VM/$(guest_key)
  if [ -e "$GUEST/root.img" ]; then return; fi
  say "  making the guest's root file system (Debian $VM_SUITE, a minute or two)"
  rm -rf "$VM"
  mkdir -p "$VM/part" "$BUILD/log"
  make_guest "$VM/part" >"$BUILD/log/vm-root.log" 2>&1 || {
    if grep -qE 'Could not resolve|Unable to connect|Temporary failure|Connection (failed|timed out|refused)' "$BUILD/log/vm-root.log"; then
      return 3
    fi
    tail -n 5 "$BUILD/log/vm-root.log" >&2
    echo "the guest's root file system could not be made (log: .build/log/vm-root.log)" >&2
    return 1
  }
  mv "$VM/part" "$GUEST"
}

# In a mount namespace of its own, because mmdebstrap's mounts outlive it where somebody else keeps them busy.
make_guest() (
  into=$1 root=$1/root
  # shellcheck disable=SC2016 # expanded by mmdebstrap's shell
  hook='mkdir -p "$1/etc/initramfs-tools/conf.d" && printf "MODULES=list\nCOMPRESS=lz4\n" >"$1/etc/initramfs-tools/conf.d/guest"'
  # shellcheck disable=SC2016
  hook+=' && printf "virtio_pci\nvirtio_blk\next4\n" >"$1/etc/initramfs-tools/modules"'
  options=(--variant=minbase --mode=root --aptopt='Acquire::Languages "none"' --dpkgopt=force-unsafe-io)
  for folder in doc man locale info; do options+=(--dpkgopt="path-exclude=/usr/share/$folder/*"); done
  mirror_line "$VM_SUITE" >"$into/sources.list" &&
    timeout -k 10 900 unshare -m mmdebstrap "${options[@]}" --include="$(guest_packages | paste -sd,)" \
      --essential-hook="$hook" "$VM_SUITE" "$root" "$into/sources.list" &&
    mkdir -p "$root/tests" &&
    cp "$ROOT/e2e/src/vm/sandpool-tests.service" "$root/etc/systemd/system/" &&
    cp "$root"/boot/vmlinuz-* "$into/vmlinuz" &&
    cp "$root"/boot/initrd.img-* "$into/initrd" &&
    disk_of "$root" "$into/root.img" 4G &&
    rm -rf "$root"
)

# disk_of FOLDER FILE SIZE: an ext4 file system with these files, made without mounting it.
disk_of() { mkfs.ext4 -q -F -d "$1" -O ^has_journal -E lazy_itable_init=1,nodiscard -m 0 "$2" "$3" >/dev/null; }

# guest_list FORM [NAME]: the tests of that form; of one class, of which one method may be named, where NAME is given.
guest_list() {
  awk -v form="$1" -v name="${2:-}" '
    $1 != form { next }
    name == "" { print $2; next }
    { class = $2; sub(/#.*/, "", class); sub(/.*\./, "", class); wanted = name; sub(/#.*/, "", wanted) }
    class == wanted { print (wanted == name) ? $2 : $2 substr(name, length(wanted) + 1) }
  ' "$ROOT/e2e/src/vm/tests"
}

# tests_disk FORM [NAME]: the build, laid out as in the repository, with JDK, runtime, sample image and the list of tests.
tests_disk() {
  local stage=$VM/stage module
  rm -rf "$stage"
  mkdir -p "$stage/e2e/target"
  guest_list "$@" >"$stage/list"
  cp e2e/src/vm/run "$stage/run"
  cp -a sandpool libexec packaging "$stage/"
  cp -a e2e/target/test-classes e2e/target/lib "$stage/e2e/target/"
  for module in server cli; do
    mkdir -p "$stage/$module/target"
    cp -a "$module"/target/*.jar "$module/target/lib" "$stage/$module/target/"
  done
  cp "$SANDPOOL_RUNSC" "$stage/runsc"
  if [ -e "$SAMPLE" ]; then cp "$SAMPLE" "$stage/sample.tar"; fi
  cp -a "$JAVA_HOME/." "$stage/jdk"
  rm -rf "$stage/jdk/jmods" "$stage/jdk/lib/src.zip" "$stage/jdk/man"
  rm -f "$VM/tests.img" "$VM/reports.img"
  disk_of "$stage" "$VM/tests.img" 3G
  rm -rf "$stage"
  truncate -s 32M "$VM/reports.img"
}

# guest_machine ACCEL OPTIONS...: the emulator in the foreground. The disks stay as they are: what the guest writes to
# root and tests goes to nameless files that end with the process. The network card leads nowhere.
guest_machine() {
  local accel=$1
  shift
  exec setpriv --pdeathsig KILL qemu-system-x86_64 -M q35 -accel "$accel" -cpu max -smp 2 -m 3072 -nodefaults -display none -no-reboot \
    -serial "file:$VM/console" -kernel "$GUEST/vmlinuz" -initrd "$GUEST/initrd" \
    -append "root=/dev/vda rw console=ttyS0 quiet loglevel=4 panic=-1 audit=0 mitigations=off cryptomgr.notests $*" \
    -drive "file=$GUEST/root.img,format=raw,if=none,id=root,snapshot=on" -device virtio-blk-pci,drive=root \
    -drive "file=$VM/tests.img,format=raw,if=none,id=tests,snapshot=on" -device virtio-blk-pci,drive=tests \
    -drive "file=$VM/reports.img,format=raw,if=none,id=reports" -device virtio-blk-pci,drive=reports \
    -device virtio-rng-pci -netdev user,id=net,restrict=on -device virtio-net-pci,netdev=net,romfile=
}

# boot_guest ACCEL PATIENCE START: until the guest powers itself off. Killed if it says nothing for START seconds
# after power-on, or for VM_SILENCE later. Fails if it never said anything.
boot_guest() (
  accel=$1 patience=$2 limit=$3 seen=0 last=$SECONDS
  : >"$VM/console"
  (guest_machine "$accel" systemd.unit=sandpool-tests.service systemd.show_status=0 "sandpool.patience=$patience" \
    lpj=5200000 tsc_early_khz=2600000 trace_clock=local) >"$BUILD/log/vm-qemu.log" 2>&1 &
  machine=$!
  trap 'status=$?; kill -KILL $machine 2>/dev/null || true; wait $machine 2>/dev/null || true; exit $status' EXIT
  trap 'exit 130' INT TERM
  while kill -0 $machine 2>/dev/null; do
    sleep 1
    said=$(wc -l <"$VM/console")
    if [ "$said" -gt "$seen" ]; then
      last=$SECONDS limit=$VM_SILENCE
      sed -n "$((seen + 1)),${said}p" "$VM/console" | tr -d '\r' | guest_progress
      seen=$said
    elif [ $((SECONDS - last)) -gt "$limit" ]; then
      guest_failed "the guest said nothing for $limit s"
      break
    fi
  done
  [ "$seen" -gt 0 ]
)

guest_progress() {
  local line
  while read -r line; do
    case $line in guest:* | "running "* | "passed "* | "failed "* | "skipped "*) say "  $line" ;; esac
  done
}

guest_failed() {
  echo "$1; the last lines of its console (.build/vm/console):" >&2
  { tail -n 15 "$VM/console"; tail -n 5 "$BUILD/log/vm-qemu.log"; } 2>/dev/null | sed 's/^/  /' >&2 || true
}

# /dev/kvm may exist and hang: only a guest that boots shows that it works, and a failure counts until the next boot.
accelerated_guest() {
  local boot
  boot=$(cat /proc/sys/kernel/random/boot_id)
  if [ ! -w /dev/kvm ] || [ "$(cat "$VM/no-kvm" 2>/dev/null)" = "$boot" ]; then return 1; fi
  if boot_guest kvm 3 40 2>/dev/null; then return 0; fi
  say "  a guest does not boot with /dev/kvm here: emulating the processor"
  echo "$boot" >"$VM/no-kvm"
  return 1
}

# test_in_guest FORM [NAME]: the build must be there; what this host's own kernel can do does not matter.
test_in_guest() {
  local name="tests in a guest (${2:-$1})" why status=0
  if why=$(why_no_guest); then
    left_out "$name" "$why"
    return
  fi
  ensure_runsc
  ensure_guest || status=$?
  if [ $status -eq 3 ]; then
    left_out "$name" "this machine does not reach its Debian mirror, from which the guest is made (log: .build/log/vm-root.log)"
  elif [ $status -ne 0 ]; then
    CHECKS_FAILED+=("$name")
  else
    run_check "$name" run_guest "$@" || true
  fi
}

# run_guest FORM [NAME]: fails if a test failed, or none ran.
run_guest() {
  local status report name
  if [ ! -d e2e/target/lib ] || [ ! -d server/target/lib ]; then
    echo "the modules are not built, so there is nothing to bring into the guest" >&2
    return 1
  fi
  tests_disk "$@" || return 1
  accelerated_guest || boot_guest tcg,thread=multi "$VM_PATIENCE" 600 || {
    guest_failed "the guest does not boot"
    return 1
  }
  rm -rf "$VM_REPORTS" "$VM/reports"
  mkdir -p "$VM_REPORTS" "$VM/reports"
  tar -C "$VM/reports" -xf "$VM/reports.img" 2>/dev/null || true
  status=$(cat "$VM/reports/status" 2>/dev/null) || {
    guest_failed "the guest ended before its tests did"
    return 1
  }
  for report in "$VM/reports"/*/TEST-*.xml; do
    name=$(basename "$(dirname "$report")")
    cp "$report" "$VM_REPORTS/TEST-$name.xml"
  done
  cp "$VM/reports"/attack-*.md "$VM_REPORTS" 2>/dev/null || true
  rm -rf "$VM/reports" "$VM/tests.img" "$VM/reports.img"
  [ "$status" = 0 ] || {
    cp "$VM/console" "$BUILD/log/vm-console.log"
    echo "tests failed in the guest; all that it said, with stack traces: .build/log/vm-console.log" >&2
    return 1
  }
}
