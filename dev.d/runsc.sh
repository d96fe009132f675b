# shellcheck shell=bash
# A gVisor runtime that can run today's guests. docs/decisions/0004 says why the one of Debian 12 cannot.

RUNSC_OLDEST=20240729
RUNSC_SUITE=trixie

# The release date in "runsc version 0.0~20240729.0" and "runsc version release-20250101.0"; 0 if there is none.
runsc_date() {
  local date
  date=$("$1" --version 2>/dev/null | grep -oE -m1 '20[0-9]{6}' | head -n 1) || true
  echo "${date:-0}"
}

runsc_ok() { [ -x "$1" ] && [ "$(runsc_date "$1")" -ge "$RUNSC_OLDEST" ]; }

use_runsc() {
  export SANDPOOL_RUNSC=$1
  say "runsc $(runsc_date "$1"): $1"
}

ensure_runsc() {
  local found
  if [ -n "${SANDPOOL_RUNSC:-}" ]; then
    runsc_ok "$SANDPOOL_RUNSC" || die "SANDPOOL_RUNSC is $SANDPOOL_RUNSC, which is no runsc of $RUNSC_OLDEST or newer" "correct it, or unset it to have one fetched"
    use_runsc "$SANDPOOL_RUNSC"
    return
  fi
  for found in "$(command -v runsc || true)" "$BUILD"/runsc/*/usr/bin/runsc; do
    if [ -n "$found" ] && runsc_ok "$found"; then
      use_runsc "$found"
      return
    fi
  done
  have apt-get || die "no runsc of $RUNSC_OLDEST or newer on the PATH, and no apt-get to fetch one" "install gVisor's runsc and set SANDPOOL_RUNSC"
  [ "$INSTALL" = yes ] || die "no runsc of $RUNSC_OLDEST or newer, and --no-install was given" "without it ./dev unpacks the one of Debian $RUNSC_SUITE into .build; or set SANDPOOL_RUNSC"
  fetch_runsc
  for found in "$BUILD"/runsc/*/usr/bin/runsc; do
    if runsc_ok "$found"; then
      use_runsc "$found"
      return
    fi
  done
  die "the fetched runsc does not say that it is of $RUNSC_OLDEST or newer" "install gVisor's runsc and set SANDPOOL_RUNSC"
}

# In a shell of its own, so that a failed fetch does not end the run; what it fetched is found again.
try_runsc() { (ensure_runsc >/dev/null); }

# The release's own runsc where it is new enough, else that of the next release from the same mirror.
# The machine's apt set-up stays as it is: sources, lists and archives of our own.
fetch_runsc() {
  local apt=$BUILD/runsc/apt log=$BUILD/log/runsc.log options=() from=runsc candidate
  mkdir -p "$apt/lists/partial" "$apt/deb" "$BUILD/log"
  rm -f "$apt"/deb/*.deb
  candidate=$(apt-cache policy runsc 2>/dev/null | grep -oE 'Candidate:.*20[0-9]{6}' | grep -oE '20[0-9]{6}' || true)
  if [ "${candidate:-0}" -lt "$RUNSC_OLDEST" ]; then
    from=runsc/$RUNSC_SUITE
    mirror_line "$RUNSC_SUITE" >"$apt/sources.list"
    options=(-o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$apt/lists"
      -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Acquire::Languages=none -o APT::Sandbox::User=root)
    say "fetching runsc of Debian $RUNSC_SUITE (this release has an older one)"
    apt-get -q "${options[@]}" update >"$log" 2>&1 || apt_failed "$log" "the package list of Debian $RUNSC_SUITE could not be read"
  fi
  (cd "$apt/deb" && apt-get -q -o APT::Sandbox::User=root ${options[@]+"${options[@]}"} download "$from") >>"$log" 2>&1 ||
    apt_failed "$log" "runsc could not be downloaded"
  local deb version
  for deb in "$apt"/deb/runsc_*.deb; do
    version=$(dpkg-deb -f "$deb" Version)
    rm -rf "$BUILD/runsc/$version" "$BUILD/runsc/.part"
    dpkg-deb -x "$deb" "$BUILD/runsc/.part"
    mv "$BUILD/runsc/.part" "$BUILD/runsc/$version"
  done
  rm -rf "$apt"
}

# mirror_line SUITE: a sources line for that release, on the mirror that this machine already uses.
mirror_line() {
  local suite=$1 codename uri
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  # shellcheck disable=SC2016 # apt's own placeholders
  uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $codename" 'Component: main' 2>/dev/null | head -n 1)
  [ -n "$uri" ] || die "apt names no Debian mirror for '$codename', so there is nowhere to fetch packages of $suite from" "name a mirror in /etc/apt, or install gVisor's runsc ($RUNSC_OLDEST or newer) and set SANDPOOL_RUNSC"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main"
}
