package dev.sandpool.server.doctor;

import dev.sandpool.server.linux.ProcFile;
import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kernel's age. */
final class KernelCheck implements Check.Examination {
  /** The oldest on which the end-to-end tests have run: that of Debian 12. */
  private static final Release TRIED = new Release(6, 1);

  /** Brought idmapped mounts of overlayfs's layers; pidfd_open and cgroup.kill are older. */
  private static final Release IDMAPPED_OVERLAY = new Release(5, 19);

  private static final Pattern FORM = Pattern.compile("(\\d+)\\.(\\d+).*", Pattern.DOTALL);

  private record Release(int major, int minor) {
    boolean since(Release other) {
      return major > other.major || (major == other.major && minor >= other.minor);
    }

    @Override
    public String toString() {
      return major + "." + minor;
    }
  }

  @Override
  public List<Finding> examine() throws IOException {
    return List.of(judge(ProcFile.text("/proc/sys/kernel/osrelease")));
  }

  static Finding judge(String release) {
    Matcher matcher = FORM.matcher(release);
    if (!matcher.matches()) {
      return Finding.unknown(
          "release",
          release,
          "it cannot be compared with the kernels that Sandpool was tried on",
          "compare it yourself: " + TRIED + " or newer is known to do");
    }
    var parsed =
        new Release(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    if (parsed.since(TRIED)) {
      return Finding.ok("release", release + ", with idmapped mounts and pidfd");
    }
    return Finding.warning(
        "release",
        release
            + (parsed.since(IDMAPPED_OVERLAY)
                ? ", with idmapped mounts and pidfd"
                : ", without idmapped mounts for overlayfs"),
        "Sandpool was never tried on a kernel before " + TRIED,
        "take Debian 12's kernel or a newer one");
  }
}
