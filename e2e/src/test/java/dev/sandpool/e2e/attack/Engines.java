package dev.sandpool.e2e.attack;

import dev.sandpool.model.Isolation;
import dev.sandpool.server.engine.oci.OciEngineConfig.Bounds;
import dev.sandpool.server.engine.oci.OciEngineConfig.Disk;
import dev.sandpool.server.engine.oci.OciEngineConfig.Runtimes;
import dev.sandpool.server.linux.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** Opens the engine under attack, as it is and weakened. */
final class Engines {
  private static final Disk DISK = new Disk(64 << 20, 4096, OptionalLong.of(32 << 20), 0);
  static final Bounds BOUNDS = new Bounds(64 << 10, 64, DISK);

  private final Subject subject;
  private final Runtimes runtimes;
  private final Optional<Machines> machines;
  private final AttackImage image;
  private final Path work;

  /**
   * @param runtimes with which sandboxes are run, or machines held
   * @param machines if those are attacked
   */
  Engines(
      Subject subject,
      Runtimes runtimes,
      Optional<Machines> machines,
      AttackImage image,
      Path work) {
    this.subject = subject;
    this.runtimes = runtimes;
    this.machines = machines;
    this.image = image;
    this.work = work;
  }

  Subject subject() {
    return subject;
  }

  boolean gvisor() {
    return subject == Subject.GVISOR;
  }

  Ward hardened() throws Exception {
    return bounded(BOUNDS);
  }

  /** The same with more console than anybody fills. */
  Ward unboundedConsole() throws Exception {
    return bounded(new Bounds(64 << 20, 64, DISK));
  }

  private Ward bounded(Bounds bounds) throws Exception {
    return new Ward(work, runtimes, machines.map(Machines::locked), bounds, image);
  }

  /** The same with every privilege inside, and all walls outside. */
  Ward privilegedInside() throws Exception {
    if (machines.isEmpty()) {
      return weak(Weakness.rawSockets(gvisor()));
    }
    Machines all = machines.get();
    return new Ward(work, all.permissive(), Optional.of(all.unlocked()), BOUNDS, image);
  }

  /** The same without some of its walls; those of a machine stand around runc's sandboxes too. */
  Ward weak(Weakness weakness) throws Exception {
    return weak(weakness, runtimes);
  }

  /** runc without some of its walls. */
  Ward weakContainer(Weakness weakness) throws Exception {
    return weak(weakness, Runtimes.container());
  }

  /** What a configuration is called in which something works. */
  String title(Weakness weakness) {
    String title = weakness.title();
    return machines.isEmpty() || title.contains("runc") ? title : "runc, " + title;
  }

  private Ward weak(Weakness weakness, Runtimes real) throws Exception {
    Path folder = work.resolve("weak-" + weakness.title().replaceAll("[^a-z]+", "-"));
    Runtimes weak = weakness.runtimes(real, program(real), image.rootfs(), folder);
    return new Ward(work, weak, Optional.empty(), BOUNDS, image);
  }

  private static Path program(Runtimes real) throws IOException {
    String name = real.isolation() == Isolation.GVISOR ? "runsc" : "runc";
    return real.runsc()
        .or(real::runc)
        .or(() -> Command.find(name))
        .orElseThrow(() -> new IOException(name + " is not installed"));
  }
}
