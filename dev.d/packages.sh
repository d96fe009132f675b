# shellcheck shell=bash
# The one list of Debian packages, and their installation.

# package | what shows that it is there (command or file) | which commands need it | why
packages() {
  cat <<'LIST'
maven                             | mvn                               | all         | builds the project
curl                              | curl                              | sandbox     | sends the requests of the demo and of the image's own check
runc                              | runc                              | sandbox     | runtime of isolation "container", and the tests' second runtime
conmon                            | conmon                            | sandbox     | supervises a sandbox: console, exit code, outlives the server
skopeo                            | skopeo                            | sandbox     | pulls and pushes images
umoci                             | umoci                             | sandbox     | unpacks images
golang-github-containers-common   | /usr/share/containers/seccomp.json | sandbox    | the maintained seccomp profile
mmdebstrap                        | mmdebstrap                        | sandbox     | builds the root file systems of test images
busybox-static                    | /var/lib/dpkg/info/busybox-static.list | sandbox     | the programs inside the sample image
iproute2                          | ip                                | sandbox     | makes a sandbox's network namespace and interface
nftables                          | nft                               | sandbox     | keeps sandboxes from the host, each other and the network
conntrack                         | conntrack                         | sandbox     | shows the tests which connections the kernel still knows
docker-registry                   | docker-registry                   | sandbox     | the real registry that images are pulled from
apache2-utils                     | htpasswd                          | sandbox     | the registry's password file (bcrypt)
iptables                          | iptables-legacy                   | tests       | makes the rules of iptables-legacy that the doctor must see
nghttp2-client                    | h2load                            | tests       | load of HTTP/2 in the tests
chromium                          | chromium                          | tests       | the browser of the tests
prometheus                        | promtool                          | tests       | the real Prometheus that reads the metrics and checks the alerts
qemu-system-x86                   | qemu-system-x86_64                | vm          | runs the machine of ./dev test-vm and those of sandboxes
gcc                               | gcc                               | vm          | builds the first program of virtual machines
libc6-dev                         | /usr/include/stdio.h              | vm          | what it is built with
e2fsprogs                         | mkfs.ext4                         | vm          | makes that machine's disks
nginx-light                       | nginx                             | bench       | peer of the benchmark
haproxy                           | haproxy                           | bench       | peer of the benchmark
node-configurable-http-proxy      | configurable-http-proxy           | bench       | peer of the benchmark
openssl                           | openssl                           | bench       | makes the certificate of the proxies that are compared
wrk                               | wrk                               | load        | load generator of tests and benchmark
LIST
}

# Their packages would start a service of this name; ours run only as long as a test.
SERVICES="docker-registry nginx haproxy prometheus"

is_root() { [ "$(id -u)" -eq 0 ]; }

# wanted KINDS: lines "package|reason" of what is missing among these kinds.
wanted() {
  local package probe kind reason
  while IFS='|' read -r package probe kind reason; do
    package=${package// /} probe=${probe// /} kind=${kind// /}
    [[ " $1 " == *" $kind "* ]] || continue
    if have "$probe" || [ -e "$probe" ]; then continue; fi
    printf '%s|%s\n' "$package" "${reason# }"
  done < <(packages)
}

# Debian keeps system commands where an ordinary user's PATH does not look.
PATH=$PATH:/usr/sbin:/sbin

# need_tools COMMAND: JDK, Maven and what this command needs on this host.
need_tools() {
  local kinds=all missing
  ensure_jdk
  case $1 in
    demo) kinds="all sandbox" ;;
    demo-microvm) kinds="all sandbox vm" ;;
    bench) kinds="all sandbox bench load" ;;
    test | soak) if is_root; then kinds="all sandbox tests load vm"; fi ;;
  esac
  missing=$(wanted "$kinds")
  [ -n "$missing" ] || return 0
  local names
  names=$(cut -d'|' -f1 <<<"$missing" | paste -sd' ')
  echo "Missing on this machine:"
  awk -F'|' '{ printf "  %-32s %s\n", $1, $2 }' <<<"$missing"
  local line="apt-get install --no-install-recommends $names"
  have apt-get || die "there is no apt-get here" "install the equivalent of the packages above"
  [ "$INSTALL" = yes ] || die "packages are missing and --no-install was given" "as root: $line"
  is_root || die "packages are missing and only root can install them" "as root: $line"
  say "installing: $line"
  install_packages "$names"
  missing=$(wanted "$kinds")
  [ -z "$missing" ] || die "still missing after the installation: $missing" "install them by hand and try again"
}

# Without the guard, installing starts the services, on ports that belong to the machine's owner.
install_packages() (
  names=$1 guard=/usr/sbin/policy-rc.d log=$BUILD/log/apt.log
  mkdir -p "$BUILD/log"
  if [ ! -e "$guard" ]; then
    trap 'rm -f "$guard"' EXIT
    cat >"$guard" <<GUARD
#!/bin/sh
case " $SERVICES " in *" \${1%.service} "*) exit 101 ;; esac
exit 0
GUARD
    chmod 755 "$guard"
  fi
  export DEBIAN_FRONTEND=noninteractive
  # shellcheck disable=SC2086 # a list of names
  { apt-get -q update && apt-get -q -y install --no-install-recommends $names; } >"$log" 2>&1 ||
    apt_failed "$log" "the packages could not be installed"
  for service in $SERVICES; do
    case " $names " in
      *" $service "* | *" $service-light "*)
        update-rc.d "$service" disable >>"$log" 2>&1 || true
        say "$service is installed but switched off as a service"
        ;;
    esac
  done
)

apt_failed() {
  tail -n 5 "$1" >&2
  if grep -qE 'Temporary failure resolving|Could not resolve|Could not connect|Network is unreachable|Connection (refused|timed out)' "$1"; then
    die "$2: this machine does not reach its Debian mirror" "check the network or the mirror in /etc/apt, then try again (log: $1)"
  fi
  die "$2" "read $1"
}
