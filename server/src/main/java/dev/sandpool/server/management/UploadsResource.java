package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.server.image.ImageUploads;
import java.io.IOException;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code /sandpool/images/uploads}: an archive on its way here in pieces, each of them a request
 * like any other, so that the bound of bodies holds for all.
 */
final class UploadsResource {
  private static final Shape.Obj OPEN = Shape.Obj.of("sizeBytes", Shape.Value.WHOLE);

  private final ImageUploads uploads;

  UploadsResource(ImageUploads uploads) {
    this.uploads = uploads;
  }

  /** What may be refused. */
  @FunctionalInterface
  interface Step<T> {
    T run() throws ImageUploads.RefusedException, IOException;
  }

  Answer open(Call call) throws IOException {
    var faults = new Faults();
    ObjectNode body = Shape.read(OPEN, call.json(), faults, call.ignored());
    long size = body.path("sizeBytes").asLong(0);
    if (size < 1) {
      faults.add("sizeBytes", "'" + size + "' is not the size of an archive, 1 or more.");
    }
    faults.throwIfAny();
    String id = bounded(() -> uploads.open(size));
    return Answer.of(
        201,
        Fields.empty()
            .put("id", id)
            .put("receivedBytes", 0)
            .put("chunkBytes", Management.MAX_BODY_BYTES));
  }

  Answer append(Call call) throws IOException {
    long offset = offset(call);
    long received =
        bounded(() -> uploads.append(call.parameter("id"), offset, call.body().getBytes()));
    return Answer.of(
        200, Fields.empty().put("id", call.parameter("id")).put("receivedBytes", received));
  }

  Answer discard(Call call) {
    uploads.discard(call.parameter("id"));
    return Answer.empty(204);
  }

  private static long offset(Call call) {
    String typed = call.queried("offset").orElse("");
    if (!typed.matches("\\d{1,15}")) {
      throw new ArmException(
          400,
          "InvalidRequestContent",
          "The query parameter 'offset' is '" + typed + "'; accepted: the bytes sent so far.");
    }
    return Long.parseLong(typed);
  }

  static <T> T bounded(Step<T> step) throws IOException {
    try {
      return step.run();
    } catch (ImageUploads.RefusedException e) {
      throw explained(e);
    }
  }

  private static ArmException explained(ImageUploads.RefusedException e) {
    String message = String.valueOf(e.getMessage());
    return switch (e.reason()) {
      case UNKNOWN -> new ArmException(404, "UploadNotFound", message);
      case TOO_LARGE -> new ArmException(413, "ImageTooLarge", message);
      case TOO_MANY -> new ArmException(429, "TooManyUploads", message);
      case DISK_FULL -> new ArmException(507, "DiskFull", message);
      case WRONG_PLACE -> new ArmException(409, "UploadOutOfStep", message);
    };
  }
}
