package dev.sandpool.cli.pool;

/** The columns of tables of pools. */
final class Tables {
  private static final String COLUMNS =
      "{Name: name, ResourceGroup: resourceGroup, State: properties.provisioningState,"
          + " Ready: properties.scaleConfiguration.readySessionInstances,"
          + " Max: properties.scaleConfiguration.maxConcurrentSessions,"
          + " Endpoint: properties.poolManagementEndpoint}";

  static final String ONE = COLUMNS;
  static final String LIST = "[]." + COLUMNS;

  private Tables() {}
}
