package dev.sandpool.server.management;

import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code GET /metadata/endpoints}: what clients that know only this server's address ask first,
 * without a token (contract, end). One object up to the versions of 2018, a list of clouds since.
 */
final class MetadataResource {
  private static final String LIST_SINCE = "2019";

  /** What clients insist on being told, though nothing here is of that kind. */
  private static final List<String> ABSENT =
      List.of("portal", "graph", "graphAudience", "gallery", "batch", "media", "sqlManagement");

  private final PublicAddress address;
  private final Tenancy tenancy;

  MetadataResource(PublicAddress address, Tenancy tenancy) {
    this.address = address;
    this.tenancy = tenancy;
  }

  Answer endpoints(Call call) {
    String version = call.queried("api-version").orElse(ApiVersion.NEWEST);
    if (version.compareTo(LIST_SINCE) < 0) {
      ObjectNode body = Fields.empty();
      body.put("galleryEndpoint", "").put("graphEndpoint", "").put("portalEndpoint", "");
      body.set("authentication", authentication());
      return Answer.of(200, body);
    }
    ArrayNode clouds = JsonNodeFactory.instance.arrayNode();
    ObjectNode cloud = clouds.addObject();
    cloud.put("name", "Sandpool");
    cloud.put("resourceManager", address.managementBase() + "/");
    cloud.set("authentication", authentication());
    ABSENT.forEach(name -> cloud.put(name, ""));
    cloud.put("vmImageAliasDoc", "");
    cloud.putObject("suffixes");
    return Answer.of(200, clouds);
  }

  private ObjectNode authentication() {
    ObjectNode authentication = Fields.empty();
    authentication.put("loginEndpoint", address.managementBase() + "/");
    authentication
        .putArray("audiences")
        .add("https://management.core.windows.net/")
        .add("https://management.azure.com/");
    return authentication.put("tenant", tenancy.tenant()).put("identityProvider", "AAD");
  }
}
