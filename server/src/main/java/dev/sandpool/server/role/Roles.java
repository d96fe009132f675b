package dev.sandpool.server.role;

import dev.sandpool.server.ledger.LedgerUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may do what: the role assignments of the ledger, in memory. Whoever changes them says so, and
 * the change holds when that returns; besides, they are read again every {@value #SECONDS} seconds,
 * so that a reading that failed is not the last.
 */
public final class Roles implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Roles.class);
  private static final int SECONDS = 2;

  private final Supplier<List<RoleAssignment>> source;
  private List<RoleAssignment> read = List.of();
  private volatile RoleTable table = new RoleTable(List.of());
  private final Thread reader;

  /**
   * Reads them, and goes on reading until closed.
   *
   * @param source all assignments; may block
   */
  public Roles(Supplier<List<RoleAssignment>> source) {
    this.source = source;
    refresh();
    this.reader = Thread.ofVirtual().name("roles").start(this::readOn);
  }

  /** Reads them now. What was read holds for all that is asked after this returns. */
  public synchronized void refresh() {
    List<RoleAssignment> now = List.copyOf(source.get());
    if (!now.equals(read)) {
      read = now;
      table = new RoleTable(now);
    }
  }

  private void readOn() {
    try {
      while (true) {
        Thread.sleep(Duration.ofSeconds(SECONDS));
        try {
          refresh();
        } catch (LedgerUnavailableException e) {
          log.warn("role assignments could not be read, and stay as they were: {}", e.getMessage());
        } catch (RuntimeException e) {
          log.error("role assignments could not be read, and stay as they were", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What that caller may do now. Does not block. */
  public Rights of(Caller caller) {
    return caller.rights(table);
  }

  @Override
  public void close() {
    reader.interrupt();
  }
}
