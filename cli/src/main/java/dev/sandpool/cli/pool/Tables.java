package dev.sandpool.cli.pool;

/** The columns of tables of pools. */
final class Tables {
  private static final String COLUMNS =
      "{Name: name, ResourceGroup: resourceGroup, State: properties.provisioningState,"
          + " Ready: properties.scaleConfiguration.readySessionInstances,"
          + " Max: properties.scaleConfiguration.maxConcurrentSessions,"
          + " Isolation: properties.sandpoolIsolation,"
          + " Caution: properties.sandpoolIsolationCaution,"
          + " Endpoint: properties.poolManagementEndpoint}";

  static final String ONE = COLUMNS;
  static final String LIST = "[]." + COLUMNS;

  private Tables() {}
}
