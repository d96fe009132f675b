package dev.sandpool.server.export;

import dev.sandpool.server.export.Answer.Later;
import dev.sandpool.server.export.Answer.Refused;
import dev.sandpool.server.export.Answer.Taken;
import dev.sandpool.server.export.Answer.TooLarge;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/** Loki's push: a 400 is about single entries, and the others have been taken. */
final class Loki implements Protocol {
  static final String PATH = "/loki/api/v1/push";
  private static final int LONGEST = 300;
  private static final Pattern IGNORED = Pattern.compile("total ignored: ([0-9]{1,9}) out of");

  @Override
  public String mediaType() {
    return "application/json";
  }

  @Override
  public Answer read(int status, HttpHeaders headers, byte[] body) {
    if (status / 100 == 2) {
      return new Taken(0, "");
    }
    if (status == 429 || status / 100 == 5) {
      return new Later(Protocol.retryAfter(headers), "status " + status);
    }
    if (Protocol.isMisdirected(status)) {
      return new Later(Optional.empty(), "status " + status);
    }
    String says = "status " + status + ": " + text(body);
    if (status == 413) {
      return new TooLarge(says);
    }
    long ignored = ignored(new String(body, StandardCharsets.UTF_8));
    return ignored > 0 ? new Taken(ignored, says) : new Refused(says);
  }

  /** How many entries it did not take, where it says so: then it took the others. */
  private static long ignored(String text) {
    return IGNORED.matcher(text).results().mapToLong(it -> Long.parseLong(it.group(1))).sum();
  }

  /** What the receiver says goes into our log: one line of visible characters. */
  private static String text(byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8).replaceAll("[^ -~]+", " ").strip();
    return text.substring(0, Math.min(LONGEST, text.length()));
  }
}
