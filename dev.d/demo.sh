# shellcheck shell=bash
# ./dev demo: a session from end to end, each step with its command.

DEMO_NOTE=$BUILD/demo # where a kept demo is: its folder, its mark, then lines "NAME PID START-TIME"
DEMO_DIR=
DEMO_PIDS=()
DEMO_ISOLATION=gvisor # or microvm

# A pid alone may have been given to another process since: its start time tells.
start_time() { awk '{ sub(/.*\) /, ""); print $20 }' "/proc/$1/stat" 2>/dev/null || true; }

step() { echo "# $*"; }

# Shows a command in short, runs it as it is.
shown() {
  printf '$ %s\n' "$1"
  shift
  "$@"
}

demo() {
  local keep=$1
  [ ! -e "$DEMO_NOTE" ] || die "a demo is still running" "./dev clean ends it"
  remember_host
  trap demo_end EXIT
  trap 'exit 130' INT TERM HUP
  DEMO_DIR=$(mktemp -d "${TMPDIR:-/var/tmp}/sandpool-demo.XXXXXX")
  chmod 711 "$DEMO_DIR" # the server's own user has to get to its data
  demo_registry
  demo_server
  demo_pool
  demo_sessions
  if [ "$keep" = yes ]; then demo_keep; else demo_clean; fi
}

# Starts NAME COMMAND..., away from the terminal's signals, and remembers it.
demo_start() {
  local name=$1
  shift
  setsid "$@" >"$DEMO_DIR/$name.out" 2>"$DEMO_DIR/$name.log" </dev/null &
  DEMO_PIDS+=("$name $! $(start_time $!)")
}

# demo_wait NAME SECONDS TEST...: until TEST holds; says what the process wrote if it ended.
demo_wait() {
  local name=$1 end=$((SECONDS + $2)) pid
  shift 2
  pid=$(printf '%s\n' "${DEMO_PIDS[@]}" | awk -v n="$name" '$1 == n { print $2 }')
  until "$@"; do
    if ! kill -0 "$pid" 2>/dev/null || [ $SECONDS -ge $end ]; then
      tail -n 10 "$DEMO_DIR/$name.log" "$DEMO_DIR/$name.out" >&2
      die "the $name did not come up" "its last lines are above"
    fi
    sleep 0.1
  done
}

free_port() {
  local port
  for _ in {1..50}; do
    port=$((20000 + SRANDOM % 12000))
    if ! (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
  die "no free port on loopback" "see what listens with: ss -ltn"
}

registry_answers() { curl -s -o "$DEMO_DIR/null" "http://$DEMO_REGISTRY/v2/"; }

demo_registry() {
  DEMO_REGISTRY=127.0.0.1:$(free_port)
  local secret=$DEMO_DIR/registry-password
  (umask 077 && head -c 18 /dev/urandom | base64 | tr -d '\n' >"$secret")
  (umask 077 && printf '{"auths":{"%s":{"auth":"%s"}}}' "$DEMO_REGISTRY" "$(printf 'demo:%s' "$(cat "$secret")" | base64 -w0)" >"$DEMO_DIR/auth.json")
  htpasswd -iBn demo <"$secret" >"$DEMO_DIR/htpasswd" 2>/dev/null
  cat >"$DEMO_DIR/registry.yml" <<YAML
version: 0.1
storage: { filesystem: { rootdirectory: $DEMO_DIR/registry } }
http: { addr: $DEMO_REGISTRY }
auth: { htpasswd: { realm: demo, path: $DEMO_DIR/htpasswd } }
YAML
  step "A registry with a password, and the sample image in it"
  demo_start registry docker-registry serve "$DEMO_DIR/registry.yml"
  demo_wait registry 10 registry_answers
  shown "skopeo copy oci-archive:${SAMPLE#"$ROOT"/} docker://$DEMO_REGISTRY/sample:1" \
    skopeo copy -q --authfile "$DEMO_DIR/auth.json" --dest-tls-verify=false "oci-archive:$SAMPLE" "docker://$DEMO_REGISTRY/sample:1"
}

server_ready() { grep -q '^ready http' "$DEMO_DIR/server.out"; }

demo_server() {
  step "A server; it stops its sandboxes when it ends"
  local options=(--data-dir "$DEMO_DIR/data" --listen 127.0.0.1:0 --sandboxes stop) patience=30
  if [ "$DEMO_ISOLATION" = microvm ]; then
    # An emulated machine takes its time to boot, and the trials at the start are two.
    patience=300
    printf 'engine:\n  isolation: microvm\n  readyDeadline: 10m\n  microvm:\n    emulation: allowed\n' >"$DEMO_DIR/server.yaml"
    options+=(--config "$DEMO_DIR/server.yaml")
  fi
  echo "\$ ./sandpool serve ${options[*]}"
  demo_start server ./sandpool serve "${options[@]}"
  demo_wait server "$patience" server_ready
  grep '^ready http' "$DEMO_DIR/server.out"
  export SANDPOOL_CONTEXT=$DEMO_DIR/data/server/admin.json
}

demo_pool() {
  step "A pool that keeps 3 sandboxes warm, without egress"
  shown "./sandpool env create -n demo-env -g demo --location local --enable-workload-profiles" \
    demo_quiet ./sandpool env create -n demo-env -g demo --location local --enable-workload-profiles
  shown "./sandpool sessionpool create --name demo-pool -g demo --environment demo-env --image $DEMO_REGISTRY/sample:1 --ready-sessions 3 ..." \
    demo_quiet ./sandpool sessionpool create --name demo-pool -g demo --environment demo-env \
    --registry-server "$DEMO_REGISTRY" --registry-username demo --registry-password "@$DEMO_DIR/registry-password" \
    --container-type CustomContainer --image "$DEMO_REGISTRY/sample:1" --cpu 0.25 --memory 0.5Gi --target-port 8080 \
    --cooldown-period 300 --network-status EgressDisabled --max-sessions 10 --ready-sessions 3
  # shellcheck disable=SC2016 # the command as one would type it
  echo '$ EP=$(./sandpool sessionpool show --name demo-pool -g demo --query properties.poolManagementEndpoint -o tsv)'
  EP=$(./sandpool sessionpool show --name demo-pool -g demo --query properties.poolManagementEndpoint -o tsv)
  echo "$EP"
  # shellcheck disable=SC2016
  echo '$ AUTH="Authorization: Bearer $(./sandpool token)"'
  AUTH="Authorization: Bearer $(./sandpool token)"
}

# The output of a command only if it fails: its progress would fill the screen.
demo_quiet() {
  "$@" >"$DEMO_DIR/step.log" 2>&1 || {
    tail -n 15 "$DEMO_DIR/step.log" "$DEMO_DIR/server.log" >&2
    die "'$1 $2 $3' failed" "its output is above"
  }
}

# ask IDENTIFIER COMMAND: runs COMMAND in the identifier's sandbox; the token stays out of the arguments.
ask() {
  echo "\$ curl \"\$EP/?identifier=$1\" -H \"\$AUTH\" -d '{\"command\": \"${2//\'/\'\\\'\'}\"}'"
  ANSWER=$(printf 'header = "%s"\n' "$AUTH" |
    curl -sS -K - --fail-with-body -D "$DEMO_DIR/headers" -H 'Content-Type: application/json' \
      --data-raw "{\"command\": \"$2\"}" "$EP/?identifier=$1") || {
    echo "$ANSWER" >&2
    tail -n 10 "$DEMO_DIR/server.log" >&2
    die "the request of $1 failed" "the answer and the server's last lines are above"
  }
  printf '%.150s\n' "$ANSWER"
}

allocation_time() {
  echo "allocated in $(tr -d '\r' <"$DEMO_DIR/headers" | awk 'tolower($1) == "sandpool-allocation-time-ms:" { print $2 }') ms, from warm"
}

expect() { [[ $ANSWER == *"$1"* ]] || die "the answer lacks '$1'" "$2"; }
expect_not() { [[ $ANSWER != *"$1"* ]] || die "the answer has '$1'" "$2"; }

demo_sessions() {
  step "The first request of an identifier takes a warm sandbox"
  ask alice-0001 "echo 'Hello, world!'; echo alice-was-here > /tmp/note; sleep 4242 >/dev/null 2>&1 &"
  expect "Hello, world!" "the sandbox did not run the command"
  allocation_time
  step "Her second request reaches the same one: her file and her process are there"
  ask alice-0001 "cat /tmp/note; grep -ls 424[2] /proc/[0-9]*/cmdline"
  expect alice-was-here "the second request reached another sandbox"
  expect cmdline "the process of the first request is gone"
  step "Another identifier has another file system and other processes"
  ask bob-000002 "cat /tmp/note 2>&1; grep -ls 424[2] /proc/[0-9]*/cmdline; uname -a"
  expect_not alice-was-here "two identifiers share a file system"
  expect_not cmdline "two identifiers see each other's processes"
  allocation_time
  step "The sessions; then one is stopped"
  shown "./sandpool session list --name demo-pool -g demo -o table" ./sandpool session list --name demo-pool -g demo -o table
  shown "./sandpool session stop --name demo-pool -g demo --identifier alice-0001" \
    demo_quiet ./sandpool session stop --name demo-pool -g demo --identifier alice-0001
}

demo_keep() {
  trap - EXIT INT TERM HUP
  {
    echo "$DEMO_DIR"
    echo "mark $SANDPOOL_RUN_MARK"
    printf '%s\n' "${DEMO_PIDS[@]}"
  } >"$DEMO_NOTE"
  printf '\nStill running. Next:\n'
  cat <<TEXT
  export SANDPOOL_CONTEXT=$SANDPOOL_CONTEXT EP=$EP
  curl "\$EP/?identifier=carol-003" -H "Authorization: Bearer \$(./sandpool token)" -d '{"command": "ps"}'
  ./sandpool session list --name demo-pool -g demo
  ./dev clean    ends it
TEXT
}

demo_clean() {
  trap - EXIT
  trap '' INT TERM HUP
  step "Cleaning up"
  demo_stop
  if check_leftovers; then echo "Nothing is left on this host."; else exit 1; fi
}

# The way out of a failure or Ctrl-C.
demo_end() {
  local status=$?
  trap '' INT TERM HUP
  set +e # whatever goes wrong here, the rest is still to be cleaned up
  demo_stop
  check_leftovers || true
  exit $status
}

# Ends the server (it stops its sandboxes), then the registry; waits, because the folder is theirs.
demo_stop() {
  local name pid started i
  for ((i = ${#DEMO_PIDS[@]} - 1; i >= 0; i--)); do
    read -r name pid started <<<"${DEMO_PIDS[i]}"
    demo_stop_one "$name" "$pid" "$started"
  done
  if [ -n "$DEMO_DIR" ]; then rm -rf --one-file-system "$DEMO_DIR"; fi
}

demo_stop_one() {
  local signal end
  for signal in TERM KILL; do
    if [ "$(start_time "$2")" != "$3" ]; then return 0; fi
    kill -s "$signal" "$2" 2>/dev/null || return 0
    end=$((SECONDS + 45))
    while [ "$(start_time "$2")" = "$3" ] && ! is_zombie "$2"; do
      if [ $SECONDS -ge $end ]; then break; fi
      sleep 0.05
    done
    if is_zombie "$2" || [ "$(start_time "$2")" != "$3" ]; then return 0; fi
    echo "the $1 (pid $2) did not end by SIGTERM within 45 s: killed" >&2
  done
}

is_zombie() { [ "$(awk '{ sub(/.*\) /, ""); print $1 }' "/proc/$1/stat" 2>/dev/null)" = Z ]; }

stop_kept_demo() {
  [ -e "$DEMO_NOTE" ] || return 0
  is_root || die "a demo is running as root" "run ./dev clean as root"
  DEMO_DIR=$(head -n 1 "$DEMO_NOTE")
  mapfile -t DEMO_PIDS < <(tail -n +3 "$DEMO_NOTE")
  say "ending the demo in $DEMO_DIR"
  # Should the server not be able to clean up, clean_host goes by the names in its sandboxes' command lines.
  sed -n 's/^mark //p' "$DEMO_NOTE" >>"$RUNS"
  { grep -alsF "$DEMO_DIR/" /proc/[0-9]*/cmdline || true; } | while read -r line; do tr '\0' '\n' <"$line"; done |
    grep -E '(^|[/=])sp[a-z2-7]{12}(/|$)' | prefixes >>"$INSTANCES" || true
  demo_stop
  rm -f "$DEMO_NOTE"
}
