# shellcheck shell=bash
# Whether this host can run sandboxes: found out by trying, because configuration text says little about a kernel.

# Tries kernel features one by one; the server's doctor runs the same script.
FEATURES=$ROOT/server/src/main/resources/dev/sandpool/server/doctor/features.sh

# Prints the one reason why sandboxes cannot run here and succeeds, or fails if they can.
why_no_sandboxes() {
  local missing
  if ! is_root; then
    echo "sandboxes need root (network namespaces, mounts, cgroups): run the same command as root"
    return 0
  fi
  missing=$(sh "$FEATURES" | grep -vP '\tok$' | head -n 1 | tr '\t' ' ' || true)
  [ -n "$missing" ] || return 1
  echo "this kernel or container refuses ${missing%%:*}: docs/operations.md says what sandboxes need; './sandpool doctor' what to do"
}

# The probes need ip and nft, so a missing package is installed before: only what cannot be mended stops here.
require_sandboxes() {
  local why
  is_root || die "./dev $1 starts sandboxes, which need root (network namespaces, mounts, cgroups)" "run it as root; ./dev test also runs as an ordinary user, in part"
  need_tools "$1"
  if why=$(why_no_sandboxes); then die "${why%%:*}" "${why#*: }"; fi
}
