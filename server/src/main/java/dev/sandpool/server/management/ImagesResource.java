package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.Json;
import dev.sandpool.server.image.ImageException;
import dev.sandpool.server.image.ImageStore;
import dev.sandpool.server.image.ImageUploads;
import dev.sandpool.server.image.StoredImage;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.Revision;
import dev.sandpool.server.pool.Pools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /sandpool/images}: the images on this host; list, import from a file, remove. */
final class ImagesResource {
  private static final Logger log = LoggerFactory.getLogger(ImagesResource.class);
  private static final Shape.Obj IMPORT =
      Shape.Obj.of("upload", Shape.Value.TEXT, "name", Shape.Value.TEXT);
  private static final Shape.Obj REMOVE = Shape.Obj.of("name", Shape.Value.TEXT);

  private final ImageStore images;
  private final ImageUploads uploads;
  private final Ledger ledger;
  private final Pools pools;

  ImagesResource(ImageStore images, ImageUploads uploads, Ledger ledger, Pools pools) {
    this.images = images;
    this.uploads = uploads;
    this.ledger = ledger;
    this.pools = pools;
  }

  Answer list(Call call) {
    ObjectNode body = Fields.empty();
    ArrayNode value = body.putArray("value");
    images.list().forEach(image -> value.add(view(image)));
    return Answer.of(200, body);
  }

  /**
   * Streams one JSON object a line: steps, then the image or the error. The archive was brought
   * before ({@link UploadsResource}), and is gone afterwards whatever came of it.
   */
  Answer importArchive(Call call) throws IOException {
    var faults = new Faults();
    ObjectNode body = Shape.read(IMPORT, call.json(), faults, call.ignored());
    String name = Fields.text(body, "name").orElse("");
    String upload = Fields.text(body, "upload").orElse("");
    ImageNames.check(name, "name", faults);
    if (upload.isEmpty()) {
      faults.add("upload", "is required: the id that POST /sandpool/images/uploads has answered.");
    }
    faults.throwIfAny();
    ImageUploads.Taken taken = UploadsResource.bounded(() -> uploads.take(upload));
    return new Answer.Stream(
        200,
        Map.of(),
        "application/x-ndjson; charset=utf-8",
        sink -> {
          try (taken) {
            importInto(sink, taken.archive(), name);
          }
        });
  }

  private void importInto(Answer.Sink sink, Path archive, String name) throws IOException {
    try {
      StoredImage image =
          images.importArchive(archive, name, step -> tell(sink, Fields.empty().put("step", step)));
      line(sink, Fields.empty().set("image", view(image)));
    } catch (ImageException e) {
      ObjectNode error =
          Fields.empty().put("code", code(e)).put("message", String.valueOf(e.getMessage()));
      line(sink, Fields.empty().set("error", error));
    }
  }

  /** A caller who has left does not end an import: it is shared with whoever comes next. */
  private static void tell(Answer.Sink sink, ObjectNode step) {
    try {
      line(sink, step);
    } catch (IOException e) {
      log.debug("import goes on unseen: {}", e.toString());
    }
  }

  private static void line(Answer.Sink sink, ObjectNode object) throws IOException {
    sink.write((Json.MAPPER.writeValueAsString(object) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  Answer remove(Call call) {
    var faults = new Faults();
    ObjectNode body = Shape.read(REMOVE, call.json(), faults, call.ignored());
    String name = Fields.text(body, "name").orElse("");
    if (name.isEmpty()) {
      faults.add("name", "is required: an image's name or digest.");
    }
    faults.throwIfAny();
    try {
      if (images.remove(name, inUse())) {
        return Answer.empty(204);
      }
    } catch (ImageException e) {
      throw new ArmException(
          e.kind() == ImageException.Cause.IN_USE ? 409 : 500,
          code(e),
          String.valueOf(e.getMessage()));
    }
    throw new ArmException(404, "ImageNotFound", "There is no image '" + name + "' here.");
  }

  private Set<String> inUse() {
    // Sessions stay on the revision that they began with, whatever the pool has become since.
    Set<String> digests = new HashSet<>(pools.imagesRunning());
    ledger.pools().stream()
        .flatMap(pool -> Stream.of(Optional.of(pool.desired()), Optional.ofNullable(pool.active())))
        .flatMap(Optional::stream)
        .map(Revision::imageDigest)
        .filter(Objects::nonNull)
        .forEach(digests::add);
    return digests;
  }

  private static ObjectNode view(StoredImage image) {
    ObjectNode view = Fields.empty();
    List<String> names = image.names();
    names.forEach(view.putArray("names")::add);
    return view.put("digest", image.digest())
        .put("sizeBytes", image.sizeBytes())
        .put("architecture", image.config().architecture());
  }

  private static String code(ImageException e) {
    return switch (e.kind()) {
      case NOT_FOUND -> "ImageNotFound";
      case UNAUTHORIZED -> "RegistryUnauthorized";
      case NOT_AN_IMAGE -> "NotAnImage";
      case WRONG_ARCHITECTURE -> "WrongArchitecture";
      case REGISTRY_UNREACHABLE -> "RegistryUnreachable";
      case RATE_LIMITED -> "RegistryRateLimited";
      case DISK_FULL -> "DiskFull";
      case TOO_LARGE -> "ImageTooLarge";
      case IN_USE -> "ImageInUse";
      case OTHER -> "ImageFailed";
    };
  }
}
