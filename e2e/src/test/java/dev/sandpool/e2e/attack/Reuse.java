package dev.sandpool.e2e.attack;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.server.time.Patience;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What a sandbox finds of the one that had its slot before, taken at once and without the rest that
 * the server gives to addresses. The control is a sandbox that is used twice.
 */
final class Reuse {
  private static final String WORD = "left-by-the-former-tenant-5f1c7a92";

  private static final int SLOT = 40;
  private static final Duration LOOK = Patience.of(Duration.ofSeconds(10));

  private final Report report;

  Reuse(Report report) {
    this.report = report;
  }

  void run(Ward ward) throws Exception {
    Guest former = ward.startIn(SLOT, NetworkStatus.EGRESS_DISABLED, 256);
    former.order("leave", Map.of("word", WORD));
    try (var connection = new Socket(former.address(), 8080);
        var control = new Socket(former.address(), 8080)) {
      look(former, Optional.empty());
      report.row("reuse connection").tried("the same sandbox", overOld(control));
      ward.stop(former);
      look(ward.startIn(SLOT, NetworkStatus.EGRESS_DISABLED, 256), Optional.of(connection));
    }
  }

  /** As a control without a former connection, as a judgement with one. */
  private void look(Guest guest, Optional<Socket> former) throws IOException {
    JsonNode found = find(guest);
    for (String where : new String[] {"files", "memory"}) {
      String place = found.path(where).asString();
      var finding = new Finding(!place.isEmpty(), place.isEmpty() ? "nothing found" : place);
      record(where, finding, former.isPresent());
    }
    former.ifPresent(connection -> record("connection", overOld(connection), true));
  }

  /**
   * The address has not rested, so the host may be about to forget the former connections to it,
   * and ours with them: then once more.
   */
  private static JsonNode find(Guest guest) throws IOException {
    try {
      return guest.order("find", Map.of("word", WORD), LOOK);
    } catch (Guest.LostException e) {
      return guest.order("find", Map.of("word", WORD));
    }
  }

  private void record(String what, Finding finding, boolean judged) {
    Row row = report.row("reuse " + what);
    if (judged) {
      row.judged(Verdicts.OFF, finding, Optional.empty());
    } else {
      row.tried("the same sandbox", finding);
    }
  }

  /** Whether whoever has the address now answers over a connection to its former owner. */
  private static Finding overOld(Socket connection) {
    try {
      connection.setSoTimeout(2000);
      connection
          .getOutputStream()
          .write("GET /ping?7b7d HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      int first = connection.getInputStream().read();
      return new Finding(first >= 0, first >= 0 ? "answered" : "closed");
    } catch (IOException e) {
      return new Finding(false, "closed");
    }
  }
}
