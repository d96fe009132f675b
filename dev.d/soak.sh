# shellcheck shell=bash
# The long forms: storms of kills, cycles by the thousand, restarts with many sandboxes, every end-to-end test,
# spoiled requests by the million, half an hour of load.

# Which tests each part is.
soak_tests() {
  case $1 in
    all) echo '' ;;
    storm) echo '*KillStormIT,HostLiesIT,RestartIT' ;;
    cycles) echo '*CyclesIT' ;;
    restart) echo 'ManySandboxesRestartIT' ;;
    fuzz) echo 'FuzzedBytesTest' ;;
    load) echo '' ;;
    *) die "--only $1 is not a part of the soak" "accepted: storm, cycles, restart, fuzz, load" ;;
  esac
}

# Options to properties of the tests, in SOAK. A number that Java cannot read would quietly become the default.
SOAK=() SOAK_ONLY=all SOAK_CASES=1000000 SOAK_SECONDS=1800
soak_options() {
  local tests
  while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || die "'$1' needs a value" "./dev help soak lists the options"
    case $1 in
      --only) SOAK_ONLY=$2 ;;
      --kills) soak_number "$1" "$2" && SOAK+=(-Dsandpool.storm.kills="$2") ;;
      --seed) soak_number "$1" "$2" && SOAK+=(-Dsandpool.storm.seed="$2" -Dsandpool.fuzz.seed="$2") ;;
      --cycles) soak_number "$1" "$2" && SOAK+=(-Dsandpool.cycles="$2") ;;
      --sandboxes) soak_number "$1" "$2" && SOAK+=(-Dsandpool.restart.sandboxes="$2") ;;
      --cases) soak_number "$1" "$2" && SOAK_CASES=$2 ;;
      --seconds) soak_number "$1" "$2" && SOAK_SECONDS=$2 ;;
      *) die "'$1' is not an option of ./dev soak" "./dev help soak lists them" ;;
    esac
    shift 2
  done
  tests=$(soak_tests "$SOAK_ONLY")
  [ -z "$tests" ] || SOAK+=(-Dtest="$tests" -Dsurefire.failIfNoSpecifiedTests=false)
}

soak_number() {
  [[ $2 =~ ^[0-9]{1,18}$ ]] || die "$1 $2 is not a whole number" "for example: $1 1000"
}

cmd_soak() {
  soak_options "$@"
  case $SOAK_ONLY in
    fuzz) need_tools test; remember_host; soak_fuzz; soak_end; return ;;
    load) need_tools bench; remember_host; build_all; soak_load; soak_end; return ;;
  esac
  require_sandboxes soak
  ensure_runsc
  remember_host
  remove_old_reports
  run_check "soak" run_e2e -Dsandpool.soak=true ${SOAK[@]+"${SOAK[@]}"} || true
  if [ "$SOAK_ONLY" = all ]; then
    need_tools bench
    soak_fuzz
    soak_load
    test_in_guest full
  fi
  soak_end
}

soak_end() {
  run_check "nothing left on this host" check_leftovers || true
  grep -hE '^(storm of|[0-9]+ sessions in|killed with|.*: [0-9]+ cycles in|  (before|after): |fuzz)' "$BUILD"/log/{e2e,fuzz}.log 2>/dev/null || true
  summary
}

soak_fuzz() {
  run_check "spoiled requests" maven_run fuzz verify -pl model,server -De2e.skip=true -Dtest=FuzzedBytesTest \
    -Dsurefire.failIfNoSpecifiedTests=false -Dsandpool.fuzz.cases="$SOAK_CASES" ${SOAK[@]+"${SOAK[@]}"} || true
}

soak_load() { run_check "half load" load_soak || true; }

load_soak() {
  local jar
  for jar in bench/target/sandpool-bench-*.jar; do :; done
  "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED -cp "$jar:bench/target/lib/*" \
    dev.sandpool.bench.LoadSoak "$SOAK_SECONDS"
}
