package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Each request is counted once, under what came of it, and never under its identifier. */
class RequestMetersTest {
  private static String text(GatewayBed bed) throws IOException {
    var text = new ByteArrayOutputStream();
    bed.metrics.write(text, bed.metrics.writer(null));
    return text.toString(StandardCharsets.UTF_8);
  }

  private static double value(GatewayBed bed, String name, String labels) throws IOException {
    String begin = name + "{" + labels;
    return text(bed)
        .lines()
        .filter(line -> line.startsWith(begin))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static double requests(GatewayBed bed, String by, String answer) throws IOException {
    return value(bed, "sandpool_requests_total", "by=\"" + by + "\",class=\"" + answer + "\"");
  }

  @Test
  void answersBytesAndClaimsAreCounted() throws Exception {
    try (GatewayBed bed = new GatewayBed()) {
      bed.sandbox("hello");
      bed.get("/?identifier=secret-one");
      bed.get("/?identifier=secret-one");
      await().untilAsserted(() -> assertThat(requests(bed, "sandbox", "2xx")).isEqualTo(2));

      assertThat(value(bed, "sandpool_sent_bytes_total", "")).isEqualTo(10);
      assertThat(value(bed, "sandpool_claims_total", "outcome=\"claimed\"")).isEqualTo(1);
      assertThat(value(bed, "sandpool_allocation_seconds_count", "")).isEqualTo(1);
      assertThat(value(bed, "sandpool_first_byte_seconds_count", "class=\"2xx\"")).isEqualTo(2);
      assertThat(text(bed)).doesNotContain("sandpool_first_byte_seconds_count{class=\"4xx\"");
      assertThat(value(bed, "sandpool_requests_in_flight", "")).isZero();
      assertThat(text(bed)).doesNotContain("secret-one");
    }
  }

  @Test
  void whatEndsWithoutTheSandboxsAnswerIsCountedAsOurs() throws Exception {
    try (GatewayBed bed = new GatewayBed()) {
      bed.sandbox(
          (request, in, out) -> {
            StubSandbox.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx");
            throw new IOException("the sandbox ends");
          });
      RawCaller caller = bed.call().send(GatewayBed.request("GET", "/?identifier=abcd", ""));
      StubSandbox.readHead(caller.in());
      await().untilAsserted(() -> assertThat(requests(bed, "sandpool", "5xx")).isEqualTo(1));

      bed.get("/?identifier=no");
      await()
          .untilAsserted(
              () ->
                  assertThat(value(bed, "sandpool_stray_requests_total", "class=\"4xx\""))
                      .isEqualTo(1));
      assertThat(requests(bed, "sandbox", "2xx")).isZero();
      assertThat(value(bed, "sandpool_requests_in_flight", "")).isZero();
    }
  }
}
