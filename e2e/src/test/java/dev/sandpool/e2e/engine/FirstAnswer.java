package dev.sandpool.e2e.engine;

import dev.sandpool.server.engine.RunningSandbox;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;

/** Whether an application has begun to serve. */
final class FirstAnswer {
  private static final int MILLIS = 10_000;

  private FirstAnswer() {}

  /** Asks once. */
  static boolean of(RunningSandbox sandbox) throws IOException {
    var url = URI.create("http://" + sandbox.address() + ":8080/").toURL();
    var connection = (HttpURLConnection) url.openConnection();
    connection.setConnectTimeout(MILLIS);
    connection.setReadTimeout(MILLIS);
    try {
      return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
    } catch (IOException e) {
      return false;
    } finally {
      connection.disconnect();
    }
  }
}
