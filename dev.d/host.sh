# shellcheck shell=bash
# Whether this host can run sandboxes: found out by trying, because configuration text says little about a kernel.

# Prints the one reason why sandboxes cannot run here and succeeds, or fails if they can.
why_no_sandboxes() {
  local spot
  if ! is_root; then
    echo "sandboxes need root (network namespaces, mounts, cgroups): run the same command as root"
  elif ! unshare -n true 2>/dev/null; then
    echo "this kernel or container refuses new network namespaces: run on a host or VM with CONFIG_NET_NS and CAP_SYS_ADMIN"
  elif ! unshare -n ip link add spprobe type veth peer name spprobe2 2>/dev/null; then
    echo "this kernel cannot make veth pairs: load the module veth"
  elif ! unshare -n nft add table inet spprobe 2>/dev/null; then
    echo "this kernel has no nftables (inet family): load the module nf_tables"
  else
    spot=$(mktemp -d)
    # shellcheck disable=SC2016 # expanded by the inner shell
    if ! unshare -m sh -c 'mount -t tmpfs t "$1" && cd "$1" && mkdir l u w m &&
        mount -t overlay o -o lowerdir=l,upperdir=u,workdir=w m' sh "$spot" 2>/dev/null; then
      echo "this kernel cannot mount overlayfs: load the module overlay"
      rmdir "$spot"
      return 0
    fi
    rmdir "$spot"
    return 1
  fi
}

# The probes need ip and nft, so a missing package is installed before: only what cannot be mended stops here.
require_sandboxes() {
  local why
  is_root || die "./dev $1 starts sandboxes, which need root (network namespaces, mounts, cgroups)" "run it as root; ./dev test also runs as an ordinary user, in part"
  need_tools "$1"
  if why=$(why_no_sandboxes); then die "${why%%:*}" "${why#*: }"; fi
}
