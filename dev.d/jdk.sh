# shellcheck shell=bash
# Finds a JDK 25: the compiler, the tests and the formatter (which runs inside Maven) all need it.

JDK_VERSION=25

is_jdk() {
  [ -n "$1" ] && [ -x "$1/bin/javac" ] && grep -qs "^JAVA_VERSION=\"${JDK_VERSION}[.\"]" "$1/release"
}

jdk_candidates() {
  local home
  printf '%s\n' "${SANDPOOL_JAVA_HOME:-}" "${JAVA_HOME:-}"
  for home in /usr/lib/jvm/*; do printf '%s\n' "$home"; done
  if have javac; then dirname "$(dirname "$(readlink -f "$(command -v javac)")")"; fi
}

ensure_jdk() {
  local home
  if [ -n "${SANDPOOL_JAVA_HOME:-}" ] && ! is_jdk "$SANDPOOL_JAVA_HOME"; then
    die "SANDPOOL_JAVA_HOME is $SANDPOOL_JAVA_HOME, which is no JDK $JDK_VERSION" "correct it or unset it"
  fi
  while read -r home; do
    if is_jdk "$home"; then
      export JAVA_HOME=$home
      return
    fi
  done < <(jdk_candidates)
  local remedy="install one (any vendor's build will do) and set SANDPOOL_JAVA_HOME to its folder"
  if have apt-cache && apt-cache show "openjdk-$JDK_VERSION-jdk-headless" >/dev/null 2>&1; then
    remedy="apt-get install openjdk-$JDK_VERSION-jdk-headless"
  fi
  die "no JDK $JDK_VERSION in SANDPOOL_JAVA_HOME, JAVA_HOME, /usr/lib/jvm or on the PATH" "$remedy"
}
