package dev.sandpool.server.management;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** One server for each test. */
abstract class ManagementTestBase {
  @SuppressWarnings("NullAway.Init") // set before each test
  protected ManagementFixture server;

  @BeforeEach
  void start() throws Exception {
    server = new ManagementFixture();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }
}
