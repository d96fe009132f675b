package dev.sandpool.e2e.attack;

import dev.sandpool.server.time.Patience;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Processes outside all sandboxes that answer every attack which reaches them and note what comes
 * by; the one on the host is also what attackers look for in other people's processes.
 */
final class Receivers implements AutoCloseable {
  private static final Duration PATIENCE = Patience.of(Duration.ofSeconds(20));

  private final Process host;
  private final Process world;
  private final Writer orders;
  private final BlockingQueue<String> states = new LinkedBlockingQueue<>();
  private final Map<String, String> arrived = new ConcurrentHashMap<>();
  private final Map<String, String> sent = new ConcurrentHashMap<>();

  Receivers(Path rootfs) throws IOException, InterruptedException {
    String[] python = {
      "chroot", rootfs.toString(), "/usr/bin/python3", "-B", "/attack/receivers.py"
    };
    host = start(python, "host");
    orders = host.outputWriter();
    Thread.ofVirtual().start(() -> read(host.inputReader()));
    await("READY");
    world =
        start(
            dev.sandpool.e2e.Shell.join(new String[] {"ip", "netns", "exec", "world"}, python),
            "world");
    if (!"READY".equals(world.inputReader().readLine())) {
      throw new IOException("the world's receivers do not start");
    }
  }

  private static Process start(String[] python, String place) throws IOException {
    var builder =
        new ProcessBuilder(dev.sandpool.e2e.Shell.join(python, new String[] {place}))
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("DECOY_SECRET", "of-the-host");
    return builder.start();
  }

  private void read(BufferedReader lines) {
    lines
        .lines()
        .forEach(
            line -> {
              String[] words = line.split(" ");
              if (words.length == 4) {
                (words[0].equals("ARRIVED") ? arrived : sent)
                    .putIfAbsent(words[1] + " " + words[2], words[3]);
              } else {
                states.add(line);
              }
            });
  }

  private void await(String state) throws IOException, InterruptedException {
    String said = states.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (!state.equals(said)) {
      throw new IOException("the receivers said " + said + " instead of " + state);
    }
  }

  /** Forgets what was seen; from now on these addresses have these names. */
  void begin(Map<Place, World.Addresses> places) throws IOException, InterruptedException {
    orders.write(
        places.entrySet().stream()
                .map(place -> place.getValue().v4() + "=" + place.getKey().word())
                .collect(Collectors.joining(" "))
            + "\n");
    orders.flush();
    await("ROUND");
    arrived.clear();
    sent.clear();
  }

  /** Waits until all that was sent before has been looked at. */
  void end() throws IOException, InterruptedException {
    orders.write("\n");
    orders.flush();
    await("END");
  }

  /** What was delivered or passed on, and where. */
  Map<String, String> arrived() {
    return Map.copyOf(arrived);
  }

  /** What left the attacker, whatever became of it. */
  Map<String, String> sent() {
    return Map.copyOf(sent);
  }

  @Override
  public void close() {
    host.destroyForcibly();
    world.destroyForcibly();
  }
}
