package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.role.Action;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lists of resources in pages of {@value #SIZE}. A page begins after the last id of the one before,
 * so what is made or deleted meanwhile makes none of the others appear twice or be left out.
 */
final class Pages {
  static final int SIZE = 100;
  private static final String TOKEN = "$skiptoken";

  private final Ledger ledger;
  private final PublicAddress address;

  Pages(Ledger ledger, PublicAddress address) {
    this.ledger = ledger;
    this.address = address;
  }

  /**
   * One page of the resources at or below the call's scope that the caller may read.
   *
   * @param read the right that it takes
   * @param show the bodies of the page's resources
   * @throws ArmException 400 if {@code $skipToken} is none of ours
   */
  Answer answer(
      Call call, String type, Action read, Function<List<ResourceRecord>, List<ObjectNode>> show) {
    String after = call.queried(TOKEN).map(Pages::decoded).orElse("");
    List<ResourceRecord> found = readable(call, type, read, after);
    List<ResourceRecord> page = found.subList(0, Math.min(SIZE, found.size()));
    ObjectNode body = Fields.empty();
    ArrayNode value = body.putArray("value");
    List<? extends JsonNode> shown = show.apply(page);
    shown.forEach(value::add);
    if (found.size() > SIZE) {
      body.put("nextLink", address.nextPage(call, encoded(page.getLast().id())));
    }
    return Answer.of(200, body);
  }

  /** One more than a page, if there are so many; what may not be read leaves no gap. */
  private List<ResourceRecord> readable(Call call, String type, Action read, String after) {
    List<ResourceRecord> readable = new ArrayList<>();
    String last = after;
    List<ResourceRecord> found;
    do {
      found = ledger.resources(type, call.scope(), last, SIZE + 1);
      found.stream().filter(it -> call.may(read, it.id())).forEach(readable::add);
      last = found.isEmpty() ? last : found.getLast().id();
    } while (readable.size() <= SIZE && found.size() > SIZE);
    return readable;
  }

  private static String encoded(String id) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(id.getBytes(StandardCharsets.UTF_8));
  }

  private static String decoded(String token) {
    try {
      return new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new ArmException(
          400,
          "InvalidSkipToken",
          "The query parameter '$skipToken' is not one of a 'nextLink'; leave it out to begin.");
    }
  }
}
