package dev.sandpool.server.image;

import dev.sandpool.model.Json;
import dev.sandpool.server.image.ImageException.Cause;
import dev.sandpool.server.image.StoredImage.ImageConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** An image's configuration as it is written (OCI image configuration, Docker's is alike). */
record ConfigBlob(@Nullable String architecture, @Nullable String os, @Nullable Running config) {
  /** How to run it. */
  record Running(
      @Nullable List<String> entrypoint,
      @Nullable List<String> cmd,
      @Nullable List<String> env,
      @Nullable String user,
      @Nullable String workingDir) {}

  private static final Running NOTHING = new Running(null, null, null, null, null);

  /**
   * The configuration in those bytes, for a machine of that architecture.
   *
   * @param image for messages
   * @throws ImageException NOT_AN_IMAGE or WRONG_ARCHITECTURE
   */
  static ImageConfig parse(String image, byte[] raw, String hostArchitecture)
      throws ImageException {
    ConfigBlob blob;
    try {
      blob = Json.MAPPER.readValue(raw, ConfigBlob.class);
    } catch (JacksonException e) {
      throw ToolErrors.of(Cause.NOT_AN_IMAGE, image, "its configuration cannot be read");
    }
    String os = or(blob.os(), "linux");
    String architecture = or(blob.architecture(), "unknown");
    if (!os.equals("linux") || !architecture.equals(hostArchitecture)) {
      throw ToolErrors.of(
          Cause.WRONG_ARCHITECTURE,
          image,
          "it is for " + os + "/" + architecture + ", this host is linux/" + hostArchitecture);
    }
    return blob.toConfig(architecture);
  }

  private ImageConfig toConfig(String architecture) {
    Running running = config == null ? NOTHING : config;
    String user = running.user();
    return new ImageConfig(
        or(running.entrypoint()),
        or(running.cmd()),
        or(running.env()),
        user == null || user.isBlank() ? null : user,
        or(running.workingDir(), "/"),
        architecture);
  }

  private static List<String> or(@Nullable List<String> list) {
    return list == null ? List.of() : list;
  }

  private static String or(@Nullable String text, String otherwise) {
    return text == null || text.isBlank() ? otherwise : text;
  }
}
