package dev.sandpool.cli.command;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.model.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code sandpool audit}: who did what. */
@CommandLine.Command(
    name = "audit",
    description = "Shows who changed, was given or was refused what.",
    footer = {
      "",
      "Examples",
      "  sandpool audit --output table",
      "  sandpool audit --kind refusal --since 2026-11-29T00:00:00Z",
      "  sandpool audit --resource my-session-pool --follow",
      "  sandpool audit --lines > audit.jsonl",
      "  sandpool audit --examine",
    })
public final class AuditCommand extends Command {
  private static final int PAGE = 1000;
  private static final long PAUSE_MILLIS = 1000;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = "change, role, token, allocation, stop, refusal or server.",
      order = 1)
  private @Nullable String kind;

  @Option(
      names = "--result",
      paramLabel = "RESULT",
      description = "asked, done, failed or refused.",
      order = 2)
  private @Nullable String result;

  @Option(
      names = "--actor",
      paramLabel = "ID",
      description = "The client id of who did it.",
      order = 3)
  private @Nullable String actor;

  @Option(
      names = "--resource",
      paramLabel = "TEXT",
      description = "What the resource's name holds.",
      order = 4)
  private @Nullable String resource;

  @Option(
      names = "--session",
      paramLabel = "HASH",
      description = "A session as it stands in records and in the access log.",
      order = 5)
  private @Nullable String session;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "From then on (RFC 3339).",
      order = 6)
  private @Nullable String since;

  @Option(
      names = "--until",
      paramLabel = "TIME",
      description = "Before then (RFC 3339).",
      order = 7)
  private @Nullable String until;

  @Option(
      names = "--top",
      paramLabel = "N",
      description = "How many of the newest, 1 to 1000 (100).",
      order = 8)
  private int top = 100;

  @Option(
      names = {"-f", "--follow"},
      description = "Goes on with what is recorded next, a JSON object a line.",
      order = 9)
  private boolean follow;

  @Option(
      names = "--lines",
      description = "All that there are, the oldest first, a JSON object a line.",
      order = 10)
  private boolean lines;

  @Option(
      names = "--examine",
      description = "Looks whether the record is whole; ends with 1 if it is not.",
      order = 11)
  private boolean examine;

  public AuditCommand(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() throws InterruptedException {
    if (examine) {
      JsonNode seen = connection().arm().get("/sandpool/audit/examination");
      print(seen);
      if (!seen.path("intact").asBoolean()) {
        throw Failure.error("AuditBroken", seen.path("problem").asString(""));
      }
    } else if (lines) {
      long last = page(0);
      while (last > 0) {
        last = page(last);
      }
    } else if (follow) {
      follow();
    } else {
      print(ask("&top=" + top).path("value"));
    }
  }

  private void follow() throws InterruptedException {
    long last = 0;
    for (JsonNode record : ask("&top=" + top).path("value").values()) {
      last = tell(record);
    }
    while (!shell().out().checkError()) {
      long next = page(last);
      if (next == 0) {
        shell().pause().forMillis(PAUSE_MILLIS);
      } else {
        last = next;
      }
    }
  }

  /** Writes those that follow, and answers the number of the last; 0 where there are none. */
  private long page(long after) {
    long last = 0;
    for (JsonNode record : ask("&top=" + PAGE + "&after=" + after).path("value").values()) {
      last = tell(record);
    }
    return last;
  }

  private long tell(JsonNode record) {
    shell().out().println(Json.MAPPER.writeValueAsString(record));
    return record.path("seq").asLong();
  }

  private JsonNode ask(String more) {
    var path = new StringBuilder("/sandpool/audit?");
    add(path, "kind", kind);
    add(path, "result", result);
    add(path, "actor", actor);
    add(path, "resource", resource);
    add(path, "session", session);
    add(path, "since", since);
    add(path, "until", until);
    return connection().arm().get(path + more.substring(1));
  }

  private static void add(StringBuilder path, String name, @Nullable String value) {
    if (value != null) {
      path.append(name).append('=').append(URLEncoder.encode(value, StandardCharsets.UTF_8));
      path.append('&');
    }
  }

  @Override
  protected @Nullable String tableColumns() {
    return "[].{seq: seq, time: time, kind: kind, action: action, result: result, actor: actor,"
        + " from: from, resource: resource, session: session, code: code}";
  }
}
