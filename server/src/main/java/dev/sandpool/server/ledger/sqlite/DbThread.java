package dev.sandpool.server.ledger.sqlite;

import java.sql.SQLException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A platform thread with a connection of its own: native calls would pin the carrier of a virtual
 * one. A connection that failed is closed and opened anew for the next work, so the ledger recovers
 * by itself when disk and file allow it again.
 */
abstract class DbThread implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DbThread.class);

  /** Opens a connection. */
  interface Opener {
    Db open() throws SQLException;
  }

  private final Thread thread;
  private final Opener opener;
  private @Nullable Db db;
  private boolean failing;

  DbThread(String name, Opener opener) {
    this.opener = opener;
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::main);
  }

  /** Begins to work. */
  void start() {
    thread.start();
  }

  /** Wakes it from a park. */
  final void wake() {
    LockSupport.unpark(thread);
  }

  /** Works until there is nothing more to come. */
  abstract void work();

  private void main() {
    try {
      work();
    } finally {
      disconnect();
    }
  }

  /** The connection, opened if there is none. */
  final Db connected() throws SQLException {
    Db open = db;
    if (open == null) {
      open = opener.open();
      db = open;
    }
    return open;
  }

  /** Notes a failure: once in the log however long it lasts, and the connection is given up. */
  final void failed(Throwable cause) {
    if (!failing) {
      log.error("{} fails and will be tried again: {}", thread.getName(), cause.getMessage());
    }
    failing = true;
    disconnect();
  }

  /** Notes that it works. */
  final void succeeded() {
    if (failing) {
      log.info("{} works again", thread.getName());
    }
    failing = false;
  }

  private void disconnect() {
    Db open = db;
    db = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        log.warn("{}: closing a connection: {}", thread.getName(), e.getMessage());
      }
    }
  }

  /** Wakes the thread, whose work must have been told to end, and waits for its end. */
  @Override
  public void close() {
    boolean interrupted = false;
    while (thread.isAlive()) {
      thread.interrupt();
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
