package dev.sandpool.server.management;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * {@code GET /openapi.json}: what is served here, as OpenAPI 3.1. Written by hand in {@code
 * openapi.yaml}; read when it is first asked for, since most servers are never asked.
 */
final class OpenApiResource {
  private static final String FILE = "openapi.yaml";

  private final PublicAddress address;
  private volatile @Nullable ObjectNode document;

  OpenApiResource(PublicAddress address) {
    this.address = address;
  }

  Answer get(Call call) throws IOException {
    ObjectNode found = document;
    if (found == null) {
      found = read();
      document = found;
    }
    ObjectNode shown = found.deepCopy();
    shown.putArray("servers").addObject().put("url", address.managementBase());
    return Answer.of(200, shown);
  }

  private static ObjectNode read() throws IOException {
    try (InputStream in = OpenApiResource.class.getResourceAsStream(FILE)) {
      if (in == null) {
        throw new IOException(FILE + " is missing from this build");
      }
      return (ObjectNode) new YAMLMapper().readTree(in);
    }
  }
}
