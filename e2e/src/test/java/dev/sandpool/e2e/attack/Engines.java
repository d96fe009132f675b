package dev.sandpool.e2e.attack;

import dev.sandpool.model.Isolation;
import dev.sandpool.server.engine.oci.OciEngineConfig.Bounds;
import dev.sandpool.server.engine.oci.OciEngineConfig.Disk;
import dev.sandpool.server.engine.oci.OciEngineConfig.Runtimes;
import dev.sandpool.server.linux.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Opens the engine under attack, as it is and weakened. */
final class Engines {
  private static final Disk DISK = new Disk(64 << 20, 4096, OptionalLong.of(32 << 20), 0);
  static final Bounds BOUNDS = new Bounds(64 << 10, 64, DISK);

  private final Runtimes runtimes;
  private final AttackImage image;
  private final Path work;

  Engines(Runtimes runtimes, AttackImage image, Path work) {
    this.runtimes = runtimes;
    this.image = image;
    this.work = work;
  }

  boolean gvisor() {
    return runtimes.isolation() == Isolation.GVISOR;
  }

  Ward hardened() throws Exception {
    return new Ward(work, runtimes, BOUNDS, image);
  }

  /** The same with more console than anybody fills. */
  Ward unboundedConsole() throws Exception {
    return new Ward(work, runtimes, new Bounds(64 << 20, 64, DISK), image);
  }

  /** The same without some of its walls. */
  Ward weak(Weakness weakness) throws Exception {
    return weak(weakness, runtimes);
  }

  /** runc without some of its walls. */
  Ward weakContainer(Weakness weakness) throws Exception {
    return weak(weakness, Runtimes.container());
  }

  private Ward weak(Weakness weakness, Runtimes real) throws Exception {
    Path folder = work.resolve("weak-" + weakness.title().replaceAll("[^a-z]+", "-"));
    Runtimes weak = weakness.runtimes(real, program(real), image.rootfs(), folder);
    return new Ward(work, weak, BOUNDS, image);
  }

  private static Path program(Runtimes real) throws IOException {
    String name = real.isolation() == Isolation.GVISOR ? "runsc" : "runc";
    return real.runsc()
        .or(real::runc)
        .or(() -> Command.find(name))
        .orElseThrow(() -> new IOException(name + " is not installed"));
  }
}
