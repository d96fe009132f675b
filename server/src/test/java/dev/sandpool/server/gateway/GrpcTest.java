package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import java.io.DataInputStream;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
    bed.ready(server.getPort());

    assertThat(GrpcEcho.calls(authorized(), "")).isEqualTo(GrpcEcho.ALL_PASS);

    await().until(() -> Objects.requireNonNull(bed.session("abcd")).inFlight() == 0);
  }

  /** A server of gRPC would end the call by its own clock; this one has none. */
  @Test
  void passedDeadlineIsDeadlineExceededAtTheCaller_andCancelsTheStreamAtTheSandbox()
      throws Exception {
    var ended = new CompletableFuture<Integer>();
    var told = new CompletableFuture<String>();
    bed.sandbox(
        (request, from, out) -> {
          var in = new DataInputStream(from);
          in.skipNBytes(6);
          out.write(Http2Frames.more().frame(Http2Frames.SETTINGS, 0, 0).bytes());
          var decoder = new DefaultHttp2HeadersDecoder();
          while (true) {
            Http2Frames.Frame frame = Http2Frames.read(in);
            if (frame.type() == Http2Frames.HEADERS) {
              told.complete(
                  String.valueOf(
                      decoder
                          .decodeHeaders(frame.stream(), Unpooled.wrappedBuffer(frame.payload()))
                          .get("grpc-timeout")));
            } else if (frame.type() == Http2Frames.RST_STREAM) {
              ended.complete(frame.number(0));
            }
          }
        });

    assertThatThrownBy(() -> GrpcEcho.late(authorized()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            late ->
                assertThat(late.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));

    assertThat(told.get(20, TimeUnit.SECONDS)).matches("\\d+[mun]");
    assertThat(ended.get(20, TimeUnit.SECONDS)).as("CANCEL").isEqualTo(8);
    await().until(() -> Objects.requireNonNull(bed.session("abcd")).inFlight() == 0);
  }
}
