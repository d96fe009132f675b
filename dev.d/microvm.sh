# shellcheck shell=bash
# What virtual machines are made of: a kernel of Debian's and a first file system of ours. docs/decisions/0036.

# Makes them where they are not there, and names them to the server.
ensure_microvm() {
  [ "$(uname -m)" = x86_64 ] || die "virtual machines are made for x86_64, and this host is $(uname -m)" "leave out --isolation microvm"
  mkdir -p "$BUILD/log"
  "$ROOT/images/microvm/build" "$BUILD/microvm" >"$BUILD/log/microvm.log" 2>&1 ||
    apt_failed "$BUILD/log/microvm.log" "what virtual machines begin with could not be made"
  export SANDPOOL_MICROVM=$BUILD/microvm
}
