package dev.sandpool.server.logs;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** What a row tells: its {@code OperationName} and {@code Level}. The codes are those on disk. */
public enum LogOperation {
  STDOUT(0, "ConsoleOutput", LogLevel.INFORMATION),
  STDERR(1, "ConsoleOutput", LogLevel.ERROR),
  /** Lines of a console were replaced before they were read. */
  OUTPUT_LOST(2, "OutputLost", LogLevel.WARNING),
  CREATED(3, "Created", LogLevel.INFORMATION),
  READY(4, "Ready", LogLevel.INFORMATION),
  ALLOCATED(5, "Allocated", LogLevel.INFORMATION),
  /** A session was idle for its cooldown, or alive for as long as it may be. */
  IDLE(6, "Idle", LogLevel.INFORMATION),
  STOPPING(7, "Stopping", LogLevel.INFORMATION),
  STOPPED(8, "Stopped", LogLevel.INFORMATION),
  /** It ended by itself, or could not be used. */
  FAILED(9, "Failed", LogLevel.ERROR),
  IMAGE_PULLING(10, "ImagePulling", LogLevel.INFORMATION),
  IMAGE_PULLED(11, "ImagePulled", LogLevel.INFORMATION),
  IMAGE_PULL_FAILED(12, "ImagePullFailed", LogLevel.ERROR),
  /** Sandboxes of a revision keep failing. */
  CRASH_LOOP(13, "CrashLoop", LogLevel.ERROR),
  /** The host or the pool has no room. */
  CAPACITY(14, "Capacity", LogLevel.WARNING),
  UPDATED(15, "Updated", LogLevel.INFORMATION),
  UPDATE_FAILED(16, "UpdateFailed", LogLevel.ERROR),
  REFILL(17, "Refill", LogLevel.INFORMATION),
  /** Events came faster than they could be written. */
  EVENTS_DROPPED(18, "EventsDropped", LogLevel.WARNING),
  /** What could start as clones boots. */
  SNAPSHOT_LOST(19, "SnapshotLost", LogLevel.WARNING);

  private static final Map<Integer, LogOperation> BY_CODE =
      Arrays.stream(values()).collect(Collectors.toMap(it -> it.code, it -> it));

  /** How bad it is, in Log Analytics' words. */
  enum LogLevel {
    INFORMATION("Information"),
    WARNING("Warning"),
    ERROR("Error");

    private final String title;

    LogLevel(String title) {
      this.title = title;
    }
  }

  private final int code;
  private final String title;
  private final LogLevel level;

  LogOperation(int code, String title, LogLevel level) {
    this.code = code;
    this.title = title;
    this.level = level;
  }

  /** The {@code OperationName}. */
  public String title() {
    return title;
  }

  /** The {@code Level}. */
  public String level() {
    return level.title;
  }

  /** The {@code Stream}; empty where it is no output. */
  public String stream() {
    return this == STDOUT ? "stdout" : this == STDERR ? "stderr" : "";
  }

  int code() {
    return code;
  }

  static LogOperation ofCode(int code) {
    return Objects.requireNonNull(BY_CODE.get(code));
  }
}
