package dev.sandpool.server.config;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * The machine, as far as defaults depend on it.
 *
 * @param cores at least 1
 * @param memoryBytes its whole memory, or the bound of the cgroup that this process runs in
 */
public record Machine(int cores, long memoryBytes) {
  /** This one. */
  public static Machine current() {
    var system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new Machine(Runtime.getRuntime().availableProcessors(), system.getTotalMemorySize());
  }
}
