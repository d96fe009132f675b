package dev.sandpool.server.doctor;

import java.util.ArrayList;
import java.util.List;

/** The kernel's list of locks on files, /proc/locks (proc(5)). */
final class LockList {
  private LockList() {}

  /**
   * Processes that hold a lock on a file of that inode number.
   *
   * @param lines {@code 1: POSIX ADVISORY WRITE PID MAJOR:MINOR:INODE START END}; those that wait
   *     for one have {@code ->} behind the number
   */
  static List<Long> holders(List<String> lines, long inode) {
    List<Long> pids = new ArrayList<>();
    for (String line : lines) {
      String[] words = line.strip().split("\\s+");
      if (words.length >= 6 && !words[1].equals("->") && words[5].endsWith(":" + inode)) {
        pids.add(Long.parseLong(words[4]));
      }
    }
    return pids;
  }
}
