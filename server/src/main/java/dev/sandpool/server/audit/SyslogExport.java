package dev.sandpool.server.audit;

import dev.sandpool.model.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Hands the record on to a collector of system messages (RFC 5424), where who rules this host
 * cannot rewrite it. What has been handed on is remembered in a file, so that nothing is left out
 * while the collector or this server is away; some may come twice, with the same number.
 */
public final class SyslogExport implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SyslogExport.class);
  private static final int BATCH = 500;
  private static final Duration PAUSE = Duration.ofMillis(500);

  /** Facility 13, log audit. */
  private static final int FACILITY = 13 * 8;

  private static final int WARNING = 4;
  private static final int INFORMATIONAL = 6;

  private final AuditReader reader;
  private final SyslogAddress address;
  private final Path mark;
  private final String host;
  private final Thread thread;
  private @Nullable SyslogLink link;
  private @Nullable String complaint;

  /**
   * Begins where the last one ended.
   *
   * @param folder of the record; the mark is kept there too
   */
  public SyslogExport(Path folder, SyslogAddress address) {
    this.reader = new AuditReader(folder);
    this.address = address;
    this.mark = folder.resolve("syslog.sent");
    this.host = hostName();
    this.thread = Thread.ofVirtual().name("syslog").start(this::run);
  }

  private static String hostName() {
    try {
      String name = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
      return name.matches("[!-~]{1,255}") ? name : "-";
    } catch (IOException e) {
      return "-";
    }
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(handOn() ? Duration.ofMillis(1) : PAUSE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether there may be more. */
  private boolean handOn() {
    try {
      long sent = sent();
      List<JsonNode> records = reader.after(sent, AuditQuery.ALL, BATCH);
      if (records.isEmpty()) {
        return false;
      }
      for (JsonNode each : records) {
        link().send(message(each));
      }
      remember(records.getLast().path("seq").asLong());
      complaint = null;
      return records.size() == BATCH;
    } catch (IOException | RuntimeException e) {
      complain(e);
      disconnect();
      return false;
    }
  }

  private SyslogLink link() throws IOException {
    SyslogLink open = link;
    if (open == null) {
      open = SyslogLink.open(address);
      link = open;
    }
    return open;
  }

  private byte[] message(JsonNode line) {
    boolean wrong =
        switch (line.path("result").asString("")) {
          case "refused", "failed" -> true;
          default -> false;
        };
    String head =
        "<%d>1 %s %s sandpool - %s - "
            .formatted(
                FACILITY + (wrong ? WARNING : INFORMATIONAL),
                line.path("time").asString("-"),
                host,
                line.path("kind").asString("-"));
    return (head + Json.MAPPER.writeValueAsString(line)).getBytes(StandardCharsets.UTF_8);
  }

  private long sent() throws IOException {
    try {
      return Long.parseLong(Files.readString(mark).strip());
    } catch (NoSuchFileException e) {
      return 0;
    } catch (NumberFormatException e) {
      throw new IOException(mark + ": is no number; remove it to hand on everything again", e);
    }
  }

  private void remember(long number) throws IOException {
    Path fresh = mark.resolveSibling(mark.getFileName() + ".new");
    Files.writeString(fresh, number + "\n");
    Files.move(fresh, mark, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private void complain(Exception e) {
    String says = String.valueOf(e.getMessage());
    if (!says.equals(complaint)) {
      log.warn("the audit is not handed on to {}: {}", address, says);
      complaint = says;
    }
  }

  private void disconnect() {
    SyslogLink open = link;
    link = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        log.debug("not closed: {}", e.toString());
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    disconnect();
  }
}
