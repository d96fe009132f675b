# shellcheck shell=bash
# The long forms: storms of kills, cycles by the thousand, restarts with many sandboxes, and every end-to-end test.

# Which tests each part is.
soak_tests() {
  case $1 in
    all) echo '' ;;
    storm) echo '*KillStormIT,HostLiesIT,RestartIT' ;;
    cycles) echo '*CyclesIT' ;;
    restart) echo 'ManySandboxesRestartIT' ;;
    *) die "--only $1 is not a part of the soak" "accepted: storm, cycles, restart" ;;
  esac
}

# Options to properties of the tests, in SOAK. A number that Java cannot read would quietly become the default.
SOAK=()
soak_options() {
  local only=all tests
  while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || die "'$1' needs a value" "./dev help soak lists the options"
    case $1 in
      --only) only=$2 ;;
      --kills) soak_number "$1" "$2" && SOAK+=(-Dsandpool.storm.kills="$2") ;;
      --seed) soak_number "$1" "$2" && SOAK+=(-Dsandpool.storm.seed="$2") ;;
      --cycles) soak_number "$1" "$2" && SOAK+=(-Dsandpool.cycles="$2") ;;
      --sandboxes) soak_number "$1" "$2" && SOAK+=(-Dsandpool.restart.sandboxes="$2") ;;
      *) die "'$1' is not an option of ./dev soak" "./dev help soak lists them" ;;
    esac
    shift 2
  done
  tests=$(soak_tests "$only")
  [ -z "$tests" ] || SOAK+=(-Dtest="$tests" -Dsurefire.failIfNoSpecifiedTests=false)
}

soak_number() {
  [[ $2 =~ ^[0-9]{1,18}$ ]] || die "$1 $2 is not a whole number" "for example: $1 1000"
}

cmd_soak() {
  soak_options "$@"
  require_sandboxes soak
  need_tools test
  ensure_runsc
  remember_host
  remove_old_reports
  run_check "soak" run_e2e -Dsandpool.soak=true ${SOAK[@]+"${SOAK[@]}"} || true
  if [ ${#SOAK[@]} -eq 0 ]; then test_in_guest full; fi
  run_check "nothing left on this host" check_leftovers || true
  grep -hE '^(storm of|[0-9]+ sessions in|killed with|.*: [0-9]+ cycles in|  (before|after): )' "$BUILD/log/e2e.log" || true
  summary
}
