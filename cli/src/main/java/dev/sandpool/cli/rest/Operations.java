package dev.sandpool.cli.rest;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.model.Json;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Follows long-running operations to their end (contract 1.5). */
final class Operations {
  private static final long LONGEST_PAUSE_MILLIS = 1000;
  private static final int TOLERATED_BREAKS = 5;

  private final AuthorizedClient client;
  private final Context context;
  private final Shell.Pause pause;
  private final Progress progress;
  private long backOffMillis = 100;
  private int breaks;

  Operations(AuthorizedClient client, Context context, Shell.Pause pause, Progress progress) {
    this.client = client;
    this.context = context;
    this.pause = pause;
    this.progress = progress;
  }

  /**
   * Waits for the operation that an answer started, if it started one.
   *
   * @return the resource, where the operation's end carries it
   * @throws Failure with the operation's own error if it failed
   */
  Optional<JsonNode> await(Http.Answer first) throws IOException {
    @Nullable String status = first.header().get("Azure-AsyncOperation");
    @Nullable String location = first.header().get("Location");
    boolean finished = status == null && (location == null || first.status() == 200);
    if (finished) {
      return body(first);
    }
    progress.show("accepted");
    return status == null ? byLocation(first, location) : byStatus(first, status);
  }

  private Optional<JsonNode> byStatus(Http.Answer first, String address) throws IOException {
    Http.Answer answer = first;
    while (true) {
      answer = next(answer, address);
      JsonNode operation = Json.MAPPER.readTree(answer.text());
      String status = operation.path("status").asString("");
      switch (status) {
        case "Succeeded" -> {
          progress.show("ready");
          return Optional.empty();
        }
        case "Failed", "Canceled" ->
            throw Problems.of(operation.path("error"), "Operation" + status, false);
        default -> progress.show(Progress.describe(operation));
      }
    }
  }

  private Optional<JsonNode> byLocation(Http.Answer first, @Nullable String start)
      throws IOException {
    Http.Answer answer = first;
    @Nullable String address = start;
    boolean running = true;
    while (running) {
      if (address == null) {
        throw Failure.error("OperationLost", "the server named no place to follow the operation");
      }
      answer = next(answer, address);
      // Each answer may name a fresh place: its signature changes while it runs.
      @Nullable String moved = answer.header().get("Location");
      address = moved == null ? address : moved;
      running = answer.status() == 202;
      if (running) {
        progress.show("in progress");
      }
    }
    progress.show("done");
    return body(answer);
  }

  private Http.Answer next(Http.Answer last, String address) throws IOException {
    last.close();
    waitAfter(last);
    while (true) {
      try {
        Http.Answer answer = client.trySend("GET", here(address), null, false);
        breaks = 0;
        return answer;
      } catch (IOException e) {
        // The operation goes on without us, and over a restart of the server: so do we, for a bit.
        breaks++;
        if (breaks > TOLERATED_BREAKS) {
          throw e;
        }
        sleep(LONGEST_PAUSE_MILLIS);
      }
    }
  }

  /**
   * The same path on the context's own address: the token goes nowhere else, and a public name that
   * this machine cannot reach does no harm.
   */
  private URI here(String address) {
    URI named = URI.create(address);
    String query = named.getRawQuery();
    return context.management(named.getRawPath() + (query == null ? "" : "?" + query));
  }

  private void waitAfter(Http.Answer answer) throws IOException {
    @Nullable String asked = answer.header().get("Retry-After");
    if (asked != null && asked.chars().allMatch(Character::isDigit) && asked.length() < 6) {
      sleep(Math.min(LONGEST_PAUSE_MILLIS, Long.parseLong("0" + asked) * 1000));
    } else {
      sleep(backOffMillis);
      backOffMillis = Math.min(LONGEST_PAUSE_MILLIS, backOffMillis * 2);
    }
  }

  private void sleep(long millis) throws IOException {
    try {
      pause.forMillis(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting", e);
    }
  }

  private static Optional<JsonNode> body(Http.Answer answer) throws IOException {
    String text = answer.text();
    return text.isBlank() ? Optional.empty() : Optional.of(Json.MAPPER.readTree(text));
  }
}
