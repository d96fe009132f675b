#!/bin/sh
# Tries what sandboxes need of this kernel, in namespaces that end with each trial: nothing on the host changes.
# Prints a line a feature: its name, a tab, and "ok" or what the kernel said. Run by root, by the server and by ./dev.

try() {
  name=$1
  shift
  if said=$("$@" 2>&1); then
    said=ok
  fi
  printf '%s\t%s\n' "$name" "$(printf '%s' "${said:-refused}" | head -n 1)"
}

rule() {
  printf 'table inet spprobe {\nchain c {\n%s\n%s\n}\n}\n' "$1;" "$2" | unshare -n nft -f -
}

overlay() {
  # shellcheck disable=SC2016 # expanded by the inner shell
  unshare -m sh -c 'mount -t tmpfs t /tmp && cd /tmp && mkdir l u w m &&
    mount -t overlay o -o lowerdir=l,upperdir=u,workdir=w m'
}

filter='type filter hook prerouting priority -150'
try namespaces unshare -n -m -p -i -u true
try user-namespaces unshare -U -r true
try overlayfs overlay
try veth unshare -n ip link add spprobe type veth peer name spprobe2
try nftables-inet rule "$filter" 'iifgroup 1 drop'
try nftables-fib rule "$filter" 'fib saddr . iif oif missing drop'
try nftables-conntrack rule "$filter" 'ct direction reply ct state established accept'
try nftables-nat rule 'type nat hook postrouting priority 100' 'iifname "spprobe*" masquerade'
