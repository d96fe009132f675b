package dev.sandpool.server.engine.microvm;

import java.util.ArrayList;
import java.util.List;

/**
 * The first process beside a machine's monitor: passes what the host asks for on to the guest, and
 * ends as the guest's application did.
 */
final class Supervisor {
  /** The file, in the jail's private {@code /vm}, that a pattern's device state is written to. */
  static final String DOOR = "/vm/door/state";

  /**
   * A guest reads words on the port that takes its output: {@code stop} ends its application. The
   * FIFO is opened for both directions, so that the port never sees an end of it. {@code wait} is
   * also ended by a signal. 255 is what nobody knows.
   *
   * <p>QEMU's monitor is there for patterns and clones alone, takes what is written here, and
   * answers nobody. The time that a clone is told is from just before its monitor starts.
   */
  private static final String SCRIPT =
      """
      mkfifo /tmp/stop /tmp/monitor.in
      ln -s /dev/null /tmp/monitor.out
      exec 3<>/tmp/stop 4<>/tmp/monitor.in
      trap 'echo stop >&3' TERM
      case $0 in
      pattern)
        trap 'echo pause >&3' USR1
        trap 'echo migrate_set_capability x-ignore-shared on >&4; echo migrate -d unix:%s >&4' USR2
        ;;
      clone)
        exec 5</vm/state
        echo migrate_set_capability x-ignore-shared on >&4
        echo migrate_incoming fd:5 >&4
        echo "wake $(date +%%s.%%N)" >&3
        export LD_PRELOAD=/vm/readonly.so
        ;;
      esac
      "$@" <&3 3<&- 4<&- &
      machine=$!
      unset LD_PRELOAD
      while wait "$machine"; kill -0 "$machine" 2>/dev/null; do :; done
      read -r how code rest </vm/note
      [ "$how" = ended ] && exit "$code"
      [ "$how" = running ] || exit 255
      echo 'sandpool: the virtual machine ended without saying why' >&2
      exit 255
      """
          .formatted(DOOR);

  private Supervisor() {}

  /** The monitor's command with the supervisor around it. */
  static List<String> around(Birth birth, List<String> monitor) {
    List<String> command = new ArrayList<>(List.of("/usr/bin/sh", "-c", SCRIPT, birth.kind()));
    command.addAll(monitor);
    return command;
  }
}
