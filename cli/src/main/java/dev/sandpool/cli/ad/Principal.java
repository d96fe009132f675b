package dev.sandpool.cli.ad;

import dev.sandpool.cli.rest.Ids;

/** Where the server has service principals. */
final class Principal {
  static final String ALL = "/sandpool/principals";
  static final String COLUMNS =
      "{DisplayName: displayName, AppId: appId, Id: id, Administrator: administrator}";

  private Principal() {}

  static String path(String id) {
    return ALL + "/" + Ids.segment(id);
  }

  static String credentials(String id) {
    return path(id) + "/credentials";
  }
}
