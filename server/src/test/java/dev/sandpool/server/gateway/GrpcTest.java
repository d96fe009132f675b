package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** grpc-java on both sides of the gateway. */
class GrpcTest {
  private GatewayBed bed;
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
    bed.options(new PoolRoute.Options(null, false, true, null));
    server = GrpcEcho.serve(0);
    bed.ready(server.getPort());
    channel =
        OkHttpChannelBuilder.forAddress("127.0.0.1", bed.port())
            .usePlaintext()
            .overrideAuthority(GatewayBed.HOST)
            .build();
  }

  @AfterEach
  void close() throws Exception {
    channel.shutdownNow();
    bed.close();
    server.shutdownNow();
  }

  private Channel authorized() {
    var headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + GatewayBed.TOKEN);
    headers.put(Metadata.Key.of("sandpool-identifier", Metadata.ASCII_STRING_MARSHALLER), "abcd");
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  @Test
  void allKindsOfCallsStatusTrailersDeadlinesAndCancellationPass() throws Exception {
    assertThat(GrpcEcho.calls(authorized(), "")).isEqualTo(GrpcEcho.ALL_PASS);

    await().until(() -> Objects.requireNonNull(bed.session("abcd")).inFlight() == 0);
  }
}
