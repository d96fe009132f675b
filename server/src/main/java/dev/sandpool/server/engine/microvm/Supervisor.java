package dev.sandpool.server.engine.microvm;

import java.util.ArrayList;
import java.util.List;

/**
 * The first process beside a machine's monitor: passes a request to end on to the guest, and ends
 * as the guest's application did.
 */
final class Supervisor {
  /**
   * A guest that is asked to end reads {@code stop} on the port that takes its output. The FIFO is
   * opened for both directions, so that the port never sees an end of it. {@code wait} is also
   * ended by a signal. 255 is what nobody knows.
   */
  private static final String SCRIPT =
      """
      mkfifo /tmp/stop
      exec 3<>/tmp/stop
      trap 'echo stop >&3' TERM
      "$@" <&3 3<&- &
      machine=$!
      while wait "$machine"; kill -0 "$machine" 2>/dev/null; do :; done
      read -r how code rest </vm/note
      [ "$how" = ended ] && exit "$code"
      [ "$how" = running ] || exit 255
      echo 'sandpool: the virtual machine ended without saying why' >&2
      exit 255
      """;

  private Supervisor() {}

  /** The monitor's command with the supervisor around it. */
  static List<String> around(List<String> monitor) {
    List<String> command = new ArrayList<>(List.of("/usr/bin/sh", "-c", SCRIPT, "machine"));
    command.addAll(monitor);
    return command;
  }
}
