# What the builds of images share: a container image from Debian packages, without a registry, as an OCI archive.
#
# A build sets these, sources this, and calls build_image OUT.tar:
#   here      its folder; here/app goes into the image as /app
#   image     the image's name
#   packages  the Debian packages in it, parted by commas
#   port      where the application listens
#   workdir   where it starts; its user owns it
# Nothing is done if OUT.tar was built from the same files. FORCE=1 builds anyway.
# shellcheck shell=bash disable=SC2154 # set by who sources this
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1795305600}

say() { printf '%s image: %s\n' "$image" "$*"; }
fail() { printf '%s image: %s\n' "$image" "$*" >&2; exit 1; }

inputs() {
  { cat "$here/build" "$here/../lib.sh" "$here"/app/*.py; printf '%s' "$packages" "$SOURCE_DATE_EPOCH"; dpkg --print-architecture; } |
    sha256sum | cut -d' ' -f1
}

# The mirrors that this machine is configured to use, third parties left out.
mirrors() {
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg signed=''
  [[ -e $keyring ]] && signed="[signed-by=$keyring] "
  # shellcheck disable=SC2016 # the $() are apt's own
  apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v signed="$signed" '$1 == "Debian" && $4 == "main" { print "deb " signed $2 " " $3 " main" }' | sort -u
}

# What a container never reads. Kept: licences in /usr/share/doc/*/copyright, as they ask for it.
trim() {
  local fs=$1
  find "$fs/usr/share/doc" -mindepth 1 ! -type d ! -name copyright -delete
  find "$fs/usr/share/doc" -mindepth 1 -type d -empty -delete
  rm -rf "$fs"/usr/share/{man,info,locale,lintian,bash-completion,zoneinfo,perl5,bug,menu} \
    "$fs"/usr/lib/*-linux-*/gconv "$fs"/usr/lib/python3.*/{lib2to3,ensurepip,idlelib,pydoc_data,turtledemo,test} \
    "$fs"/usr/lib/python3.*/{distutils,tkinter,curses,wsgiref} "$fs"/etc/apt "$fs"/var/{cache,log,lib/apt,lib/dpkg/info}
  rm -f "$fs"/etc/resolv.conf "$fs"/etc/hostname
  find "$fs/dev" -mindepth 1 -delete
  mkdir -p "$fs"/var/{cache,log,lib/dpkg/info}
}

accounts() {
  local fs=$1
  cat >"$fs/etc/passwd" <<'END'
root:x:0:0:root:/root:/bin/sh
app:x:1000:1000:app:/home/app:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
END
  cat >"$fs/etc/group" <<'END'
root:x:0:
tty:x:5:
app:x:1000:
nogroup:x:65534:
END
  install -d -o 1000 -g 1000 -m 0755 "$fs/home/app" "$fs$workdir"
}

make_rootfs() {
  local fs=$1 list=$2 log=$3
  if ! mmdebstrap --quiet --mode=root --variant=extract --include="$packages" \
    --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr '' "$fs" "$list" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    if grep -qE 'Could not resolve|Failed to fetch|Unable to connect|Connection (failed|timed out|refused)' "$log"; then
      fail "the Debian mirror of this machine cannot be reached: check the network, or the mirror in /etc/apt."
    fi
    fail "mmdebstrap failed, its last lines are above."
  fi
  trim "$fs"
  accounts "$fs"
  local file
  for file in "$here"/app/*.py; do
    install -D -m 0644 "$file" "$fs/app/${file##*/}"
  done
  # Byte code at build time: a sandbox that runs as another user could not keep what it compiles.
  chroot "$fs" /usr/bin/python3 -m compileall -q --invalidation-mode unchecked-hash /usr/lib/python3* /app >>"$log" ||
    fail "the Python of the new image does not run: $(tail -n 1 "$log")"
}

make_archive() {
  local fs=$1 work=$2 created
  created=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
  tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --clamp-mtime --numeric-owner -C "$fs" -cf "$work/layer.tar" .
  umoci init --layout "$work/oci"
  umoci new --image "$work/oci:$image"
  umoci raw add-layer --image "$work/oci:$image" --history.created "$created" \
    --history.created_by "images/$image/build" "$work/layer.tar" 2>"$work/umoci.log"
  umoci config --image "$work/oci:$image" --no-history --created "$created" \
    --config.user app --config.workingdir "$workdir" --config.exposedports "$port/tcp" \
    --config.env 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    --config.env HOME=/home/app --config.env PYTHONUNBUFFERED=1 \
    --config.entrypoint python3 --config.entrypoint /app/server.py
  umoci gc --layout "$work/oci" 2>"$work/umoci.log"
  tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    -C "$work/oci" -cf "$work/image.tar" .
}

build_image() {
  local out=$1 inputs started tool
  inputs=$(inputs)
  if [[ -z ${FORCE:-} && -e $out && -e $out.inputs && $(<"$out.inputs") == "$inputs" ]]; then
    say "$out is up to date"
    return 0
  fi
  [[ $(id -u) == 0 ]] || fail "building needs root, because the files of the image belong to several users: try sudo $0"
  for tool in mmdebstrap umoci; do
    command -v "$tool" >/dev/null || fail "$tool is missing: apt-get install $tool"
  done

  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mirrors >"$work/sources.list"
  [[ -s $work/sources.list ]] || fail "this machine's package lists are empty: run apt-get update first."

  started=$SECONDS
  say "taking packages from this machine's Debian mirror (half a minute)"
  make_rootfs "$work/rootfs" "$work/sources.list" "$work/mmdebstrap.log"
  say "root file system of $(du -sm "$work/rootfs" | cut -f1) MB, packing"
  make_archive "$work/rootfs" "$work"

  mkdir -p "$(dirname "$out")"
  rm -f "$out.inputs"
  cp "$work/image.tar" "$out.part"
  mv "$out.part" "$out"
  printf '%s' "$inputs" >"$out.inputs"
  say "$out, $(du -m "$out" | cut -f1) MB, in $((SECONDS - started)) s"
}
