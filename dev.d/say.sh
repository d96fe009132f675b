# shellcheck shell=bash
# What the script says, and the results that ./dev test sums up.

have() { command -v "$1" >/dev/null 2>&1; }

# Progress goes to stdout with the time of day, so that a slow phase shows.
say() { printf '%(%H:%M:%S)T %s\n' -1 "$*"; }

# die CAUSE REMEDY: every failure says what to do about it.
die() {
  printf '\n./dev: %s\n' "$1" >&2
  if [ -n "${2:-}" ]; then printf '  -> %s\n' "$2" >&2; fi
  exit 1
}

CHECKS_PASSED=0
CHECKS_FAILED=()
LEFT_OUT=()

# run_check NAME COMMAND...: one run should show all failures, so a failed check is noted, not fatal: callers go on.
run_check() {
  local name=$1 start=$SECONDS
  shift
  say "$name ..."
  if "$@"; then
    CHECKS_PASSED=$((CHECKS_PASSED + 1))
    say "$name: ok ($((SECONDS - start)) s)"
  else
    CHECKS_FAILED+=("$name")
    say "$name: FAILED ($((SECONDS - start)) s)"
    return 1
  fi
}

left_out() {
  LEFT_OUT+=("$1: $2")
  say "$1: left out, $2"
}

remove_old_reports() { rm -rf "$ROOT"/*/target/{surefire,vm}-reports; }

# Prints one line a suite "COUNT<tab>tests<tab>failed<tab>skipped", and one a test that did not pass. Maven's reports
# and the guest's have the same form.
read_reports() {
  find "$ROOT" \( -path '*/target/surefire-reports/TEST-*.xml' -o -path '*/target/vm-reports/TEST-*.xml' \) -exec awk '
    function attr(line, name,   s) {
      if (!match(line, "[ \t]" name "=\"[^\"]*\"")) return ""
      s = substr(line, RSTART, RLENGTH); sub(/^[^"]*"/, "", s); sub(/"$/, "", s)
      gsub(/&#10;|&#13;/, " ", s); gsub(/&lt;/, "<", s); gsub(/&gt;/, ">", s)
      gsub(/&quot;/, "\"", s); gsub(/&apos;/, "\047", s); gsub(/&amp;/, "\\&", s)
      return s
    }
    /^<testsuite / { print "COUNT\t" attr($0, "tests") "\t" attr($0, "failures") + attr($0, "errors") "\t" attr($0, "skipped") }
    /^ *<testcase / { test = attr($0, "classname") "." attr($0, "name"); sub(/^dev\.sandpool\./, "", test); sub(/\.$/, "", test); if (FILENAME ~ /vm-reports/) test = "in the guest, " test }
    /^ *<skipped/ {
      why = attr($0, "message")
      if (why == "" && match($0, /CDATA\[/)) { why = substr($0, RSTART + 6); sub(/^[a-zA-Z0-9.]*: /, "", why); sub(/^Assumption failed: /, "", why) }
      print "SKIPPED\t" test ": " (why == "" ? "no reason given" : why)
    }
    /^ *<(failure|error)[ >]/ { print "FAILED\t" test ": " substr(attr($0, "message"), 1, 200) }
    /^ *<flaky(Failure|Error)[ >]/ { print "FLAKY\t" test ": " substr(attr($0, "message"), 1, 200) }
  ' {} +
}

# The sum of tests and checks. A phase of tests is a check as well: it also fails where nothing compiles.
summary() {
  local reports tests failed skipped name
  reports=$(read_reports)
  read -r tests failed skipped < <(awk -F'\t' '$1 == "COUNT" { t += $2; f += $3; s += $4 } END { print t + 0, f + 0, s + 0 }' <<<"$reports")
  printf '\n'
  awk -F'\t' '$1 == "FAILED" { print "failed:  " $2 }' <<<"$reports"
  if [ ${#CHECKS_FAILED[@]} -gt 0 ]; then
    for name in "${CHECKS_FAILED[@]}"; do echo "failed:  $name (details above)"; done
  fi
  awk -F'\t' '$1 == "FLAKY" { print "flaky:   passed only when run once more, mend it: " $2 }' <<<"$reports"
  awk -F'\t' '$1 == "SKIPPED" { print "skipped: " $2 }' <<<"$reports"
  if [ ${#LEFT_OUT[@]} -gt 0 ]; then
    for name in "${LEFT_OUT[@]}"; do echo "skipped: $name"; done
  fi
  echo "tests: $tests run, $failed failed, $skipped skipped; checks: $CHECKS_PASSED ok, ${#CHECKS_FAILED[@]} failed, ${#LEFT_OUT[@]} left out"
  echo "$((tests - failed - skipped + CHECKS_PASSED)) passed, $((failed + ${#CHECKS_FAILED[@]})) failed, $((skipped + ${#LEFT_OUT[@]})) skipped"
  [ $((failed + ${#CHECKS_FAILED[@]})) -eq 0 ]
}
