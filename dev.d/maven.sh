# shellcheck shell=bash
# Maven runs, always on JDK 25: the formatter runs inside Maven's own JVM.

SAMPLE=$BUILD/images/sample.tar
INTERPRETER=$BUILD/images/code-interpreter.tar

# maven_run NAME ARGS...: output into .build/log/NAME.log; modules and a sign of life on the terminal.
maven_run() {
  local log=$BUILD/log/$1.log status=0
  shift
  mkdir -p "$BUILD/log"
  mvn -B -ntp "$@" 2>&1 | tee "$log" | maven_progress || status=1
  [ $status -eq 0 ] || maven_failed "$log"
  return $status
}

# A sign of life every 10 s, because the first run downloads for minutes: the log holds the rest.
maven_progress() {
  local line what=starting last=$SECONDS status
  while true; do
    status=0
    IFS= read -r -t 10 line || status=$?
    case $line in
      "[INFO] Building "*"["*"/"*"]") what=$(tr -s ' ' <<<"${line#\[INFO\] }") ;;
      "[INFO] Running "*) what=${line#\[INFO\] } ;;
      "storm: "* | "cycle "* | "fuzz: "*) what=$line ;;
    esac
    if [ $((SECONDS - last)) -ge 10 ]; then say "  ... $what" && last=$SECONDS; fi
    if [ $status -gt 0 ] && [ $status -le 128 ]; then return 0; fi
  done
}

maven_failed() {
  if grep -qE 'Could not transfer|Unknown host|Temporary failure in name resolution|Network is unreachable' "$1"; then
    echo "Maven cannot download a library because this machine does not reach its Maven repository: try again with network, or name a mirror in ~/.m2/settings.xml." >&2
  else
    # Warnings of javac are errors here, so they are the cause as well.
    grep -E '^\[ERROR\]|^\[WARNING\] (\[|.*\.java:)' "$1" |
      grep -vE 'Re-run Maven|full stack trace|For more information|^\[ERROR\] *$|ERROR\] \[Help|correcting the problems|-rf :' |
      sed 's/ -> \[Help 1\]//' | head -n 40 >&2 || true
  fi
  echo "whole log: $1" >&2
}

# The e2e tests compile as well, so that a change that breaks them shows at once.
build_all() {
  say "build ..."
  maven_run build package -DskipTests -De2e.skip=true || die "the build failed" "mend what the lines above name, then try again"
  ./sandpool --make-cache
  say "build: ok"
}

# What runs, without its tests: a demo should not wait for them.
build_product() {
  say "build ..."
  maven_run build package -pl model,server,cli -Dmaven.test.skip=true || die "the build failed" "mend what the lines above name, then try again"
  ./sandpool --make-cache
  say "build: ok"
}

build_sample() { build_image sample "$SAMPLE"; }

# build_image NAME OUT.tar: an image of images/.
build_image() {
  mkdir -p "$BUILD/images" "$BUILD/log"
  say "$1 image ..."
  "images/$1/build" "$2" >"$BUILD/log/$1.log" 2>&1 || {
    tail -n 10 "$BUILD/log/$1.log" >&2
    return 1
  }
}

# The applications in the images, by their own interfaces and without a container.
check_images() {
  local check
  for check in images/*/check.py; do
    python3 "$check" >"$BUILD/log/check.log" 2>&1 || {
      tail -n 20 "$BUILD/log/check.log" >&2
      return 1
    }
  done
}

# In CI, on machines that others load, a failed test is run once more; summary names it as flaky, which is a bug to mend.
RERUN=()
if [ "${CI:-}" = true ]; then RERUN=(-Dsurefire.rerunFailingTestsCount=1); fi

# Surefire's skipTests is fixed to e2e.skip in e2e/pom.xml, so -DskipTests only keeps the other modules quiet.
run_e2e() {
  build_sample && build_image code-interpreter "$INTERPRETER" && maven_run e2e verify -pl e2e -am -DskipTests -De2e.skip=false \
    -Dsandpool.sample.archive="$SAMPLE" -Dsandpool.code-interpreter.archive="$INTERPRETER" -Dsandpool.root="$ROOT" ${RERUN[@]+"${RERUN[@]}"} "$@"
}
