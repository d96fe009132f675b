package dev.sandpool.e2e.attack;

import dev.sandpool.model.Isolation;
import dev.sandpool.server.engine.oci.OciEngineConfig.Runtimes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/**
 * A configuration that lacks walls on purpose: the real engine with a runtime that is given a
 * weaker specification and wire than the engine meant.
 *
 * @param title for a person
 * @param walls what {@code weaken.py} takes out of the specification
 * @param flags further options of gVisor
 * @param wire what becomes of the sandbox's wire
 */
record Weakness(String title, List<String> walls, List<String> flags, Wire wire) {
  /** What becomes of the sandbox's wire. */
  enum Wire {
    /** As the engine made it. */
    KEPT,
    /** The packet rules do not know the interface; addresses, routes and ARP as on a bridge. */
    OPEN,
    /** No wire: the host's own network. */
    HOST
  }

  private static final List<String> RAW_FLAGS =
      List.of("--net-raw", "--TESTONLY-allow-packet-endpoint-write");

  static Weakness rawSockets(boolean gvisor) {
    return new Weakness("all capabilities", raw(gvisor), rawFlags(gvisor), Wire.KEPT);
  }

  static Weakness open(boolean gvisor) {
    return new Weakness(
        "all capabilities, no packet rules", raw(gvisor), rawFlags(gvisor), Wire.OPEN);
  }

  static Weakness hostNetwork(boolean gvisor) {
    return new Weakness(
        "all capabilities, the host's network", raw(gvisor), rawFlags(gvisor), Wire.HOST);
  }

  /** A container without walls; of runc, because gVisor would put its own kernel in between. */
  static Weakness privileged() {
    return new Weakness(
        "privileged runc",
        List.of("capabilities", "filters", "privileges", "paths", "devices", "processes"),
        List.of(),
        Wire.OPEN);
  }

  static Weakness unlimited() {
    return new Weakness("no limits", List.of("limits"), List.of(), Wire.KEPT);
  }

  private static List<String> raw(boolean gvisor) {
    return gvisor
        ? List.of("capabilities", "privileges")
        : List.of("capabilities", "filters", "privileges");
  }

  private static List<String> rawFlags(boolean gvisor) {
    return gvisor ? RAW_FLAGS : List.of();
  }

  private static final String SCRIPT =
      """
      #!/bin/sh
      verb= bundle= id= previous=
      for word; do
        [ "$previous" = --bundle ] && bundle=$word
        case $word in create | run) verb=create ;; esac
        previous=$word id=$word
      done
      open_wire() {
        guest=$(ip -n "$id" -4 -o addr show dev eth0 | sed 's/.*inet \\([0-9.]*\\).*/\\1/')
        host=$(ip -4 -o addr show dev "$id" | sed 's/.*inet \\([0-9.]*\\).*/\\1/')
        network=$(IFS=.; set -- $guest; printf 'fd00:5a:%x%02x' "$3" "$4")
        card=w${id#sp}
        ip -batch - <<END
      link set $id down
      link set $id name $card
      link set $card arp on
      END
        for setting in ipv4/%/forwarding=1 ipv4/%/route_localnet=1 ipv4/%/rp_filter=0 ipv4/%/accept_local=1 \
          ipv4/%/proxy_arp=1 ipv6/%/disable_ipv6=0 ipv6/%/forwarding=1; do
          file=${setting%%/*}/conf/$card/${setting##*/}
          echo "${file#*=}" >"/proc/sys/net/${file%=*}"
        done
        ip netns exec "$id" sh -c 'echo 0 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6'
        ip -batch - <<END
      link set $card up
      addr add $network::1/64 dev $card nodad
      END
        ip -n "$id" -batch - <<END
      link set eth0 arp on
      route replace default via $host
      addr add $network::2/64 dev eth0 nodad
      END
        ip -n "$id" -6 route add default via "$network::1"
      }
      if [ "$verb" = create ]; then
        export BOUNDING="$(sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status)"
        chroot '@rootfs@' /usr/bin/python3 -B /attack/weaken.py @walls@ <"$bundle/config.json" >"$bundle/weak" &&
          mv "$bundle/weak" "$bundle/config.json" || exit 1
        @wire@
      fi
      @network@
      exec '@program@' @flags@ "$@"
      """;

  /** The host's network is had by another option, wherever the engine names one. */
  private static final String HOST_FLAG =
      """
      for word; do
        shift
        [ "$word" = --network=sandbox ] && word=--network=host
        set -- "$@" "$word"
      done
      """;

  /** Writes the weakening runtime into a folder and gives the engine's choice of it. */
  Runtimes runtimes(Runtimes real, Path program, Path rootfs, Path folder) throws IOException {
    boolean host = wire == Wire.HOST;
    List<String> all = new java.util.ArrayList<>(walls);
    if (host) {
      all.add("network");
    }
    // Named like the real one: the engine finds what it has to kill by that.
    Path script = Files.createDirectories(folder).resolve(program.getFileName().toString());
    Files.writeString(
        script,
        SCRIPT
            .replace("@rootfs@", rootfs.toString())
            .replace("@walls@", String.join(" ", all))
            .replace("@wire@", wire == Wire.OPEN ? "open_wire" : ":")
            .replace("@network@", host ? HOST_FLAG : "")
            .replace("@program@", program.toString())
            .replace("@flags@", String.join(" ", flags)));
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    return real.isolation() == Isolation.GVISOR
        ? new Runtimes(real.isolation(), Optional.of(script), Optional.empty())
        : new Runtimes(real.isolation(), Optional.empty(), Optional.of(script));
  }
}
