package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.gateway.GrpcEcho;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * grpc-java in a sandbox without egress: called through the gateway, and as the caller of a server
 * in the same sandbox, which is all that it can reach.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GrpcIT {
  private static final int PORT = 8080;

  private final Stage stage;
  private final URI endpoint;
  private final ManagedChannel channel;

  GrpcIT() throws Exception {
    stage = Stage.development("grpc", "server:\n  domain: apps.test\n");
    stage.importImage(
        JavaImage.make(
            stage.server().home(),
            GrpcEcho.class,
            jar -> jar.matches("(grpc|okio|kotlin|guava|failureaccess|perfmark|gson).*")),
        "grpc:1");
    stage
        .cli()
        .ok(
            Stage.create(
                "grpc",
                ("--image grpc:1 --target-port %d --max-sessions 2 --ready-sessions 1"
                        + " --command %s %s --env-vars CLASSPATH=%s")
                    .formatted(
                        PORT, JavaImage.JAVA, GrpcEcho.class.getName(), JavaImage.CLASS_PATH)));
    stage
        .cli()
        .ok("sandpool sessionpool settings update -n grpc -g group --ingress-protocol http2");
    endpoint = URI.create(stage.find("grpc").endpoint());
    channel =
        OkHttpChannelBuilder.forAddress("127.0.0.1", endpoint.getPort())
            .usePlaintext()
            .overrideAuthority(endpoint.getAuthority())
            .build();
  }

  @AfterAll
  void nothingIsLeft() throws Exception {
    channel.shutdownNow();
    stage.close();
  }

  /** Calls of gRPC have paths of their own and no query. */
  private Channel as(String identifier) {
    var headers = new Metadata();
    put(headers, "authorization", "Bearer " + stage.client().token(TestClient.SESSIONS));
    put(headers, "sandpool-identifier", identifier);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static void put(Metadata headers, String name, String value) {
    headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
  }

  @Test
  void allKindsOfCallsPassToASandbox_andInsideOfOne() throws Exception {
    assertThat(GrpcEcho.calls(as("grpc-00001"), "")).isEqualTo(GrpcEcho.ALL_PASS);
    assertThat(GrpcEcho.callsInside(as("grpc-00001"), PORT)).isEqualTo(GrpcEcho.ALL_PASS);
  }
}
