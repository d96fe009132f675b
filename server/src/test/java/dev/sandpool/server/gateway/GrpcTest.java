package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** grpc-java as the caller and in the sandbox; both speak HTTP/2 by OkHttp's code. */
class GrpcTest {
  private static final Metadata.Key<String> SUM =
      Metadata.Key.of("x-sum", Metadata.ASCII_STRING_MARSHALLER);

  private final CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
  private GatewayBed bed;
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
    bed.options(new PoolRoute.Options(null, false, true, null));
    server =
        OkHttpServerBuilder.forPort(0, InsecureServerCredentials.create())
            .addService(service())
            .build()
            .start();
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

  private ServerServiceDefinition service() {
    return ServerServiceDefinition.builder("echo")
        .addMethod(
            method("Unary", MethodDescriptor.MethodType.UNARY),
            ServerCalls.asyncUnaryCall(GrpcTest::unary))
        .addMethod(
            method("Down", MethodDescriptor.MethodType.SERVER_STREAMING),
            ServerCalls.asyncServerStreamingCall(this::down))
        .addMethod(
            method("Up", MethodDescriptor.MethodType.CLIENT_STREAMING),
            ServerCalls.asyncClientStreamingCall(GrpcTest::up))
        .addMethod(
            method("Both", MethodDescriptor.MethodType.BIDI_STREAMING),
            ServerCalls.asyncBidiStreamingCall(GrpcTest::both))
        .build();
  }

  private static void unary(String asked, StreamObserver<String> answers) {
    if (asked.equals("fail")) {
      var trailers = new Metadata();
      trailers.put(SUM, "42");
      answers.onError(
          Status.FAILED_PRECONDITION.withDescription("not now").asRuntimeException(trailers));
      return;
    }
    answers.onNext("hello " + asked);
    answers.onCompleted();
  }

  /** Counts, or waits until the caller gives up. */
  private void down(String asked, StreamObserver<String> answers) {
    Context.current().addListener(gone -> cancelled.complete(gone.isCancelled()), Runnable::run);
    answers.onNext("1");
    if (!asked.equals("wait")) {
      answers.onNext("2");
      answers.onNext("3");
      answers.onCompleted();
    }
  }

  private static StreamObserver<String> up(StreamObserver<String> answers) {
    var all = new StringBuilder();
    return new Collecting(
        all::append,
        () -> {
          answers.onNext(all.toString());
          answers.onCompleted();
        });
  }

  private static StreamObserver<String> both(StreamObserver<String> answers) {
    return new Collecting(asked -> answers.onNext("echo " + asked), answers::onCompleted);
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

  private static MethodDescriptor<String, String> method(
      String name, MethodDescriptor.MethodType type) {
    return MethodDescriptor.<String, String>newBuilder()
        .setFullMethodName("echo/" + name)
        .setType(type)
        .setRequestMarshaller(new Text())
        .setResponseMarshaller(new Text())
        .build();
  }

  private String unary(String asked) {
    return ClientCalls.blockingUnaryCall(
        authorized(),
        method("Unary", MethodDescriptor.MethodType.UNARY),
        CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS),
        asked);
  }

  @Test
  void allFourKindsOfCallPass() throws Exception {
    assertThat(unary("you")).isEqualTo("hello you");

    var down = new ArrayList<String>();
    ClientCalls.blockingServerStreamingCall(
            authorized(),
            method("Down", MethodDescriptor.MethodType.SERVER_STREAMING),
            CallOptions.DEFAULT,
            "count")
        .forEachRemaining(down::add);
    assertThat(down).containsExactly("1", "2", "3");

    var answer = new Answers();
    StreamObserver<String> up =
        ClientCalls.asyncClientStreamingCall(
            authorized()
                .newCall(
                    method("Up", MethodDescriptor.MethodType.CLIENT_STREAMING),
                    CallOptions.DEFAULT),
            answer);
    List.of("a", "b", "c").forEach(up::onNext);
    up.onCompleted();
    assertThat(answer.next()).isEqualTo("abc");

    var echoes = new Answers();
    StreamObserver<String> both =
        ClientCalls.asyncBidiStreamingCall(
            authorized()
                .newCall(
                    method("Both", MethodDescriptor.MethodType.BIDI_STREAMING),
                    CallOptions.DEFAULT),
            echoes);
    for (int i = 0; i < 50; i++) {
      both.onNext(Integer.toString(i));
      assertThat(echoes.next()).isEqualTo("echo " + i);
    }
    both.onCompleted();
    assertThat(echoes.next()).isEqualTo(Answers.COMPLETED);
  }

  @Test
  void statusAndTrailersArrive() {
    assertThatThrownBy(() -> unary("fail"))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            failed -> {
              assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
              assertThat(failed.getStatus().getDescription()).isEqualTo("not now");
              assertThat(Objects.requireNonNull(failed.getTrailers()).get(SUM)).isEqualTo("42");
            });
  }

  @Test
  void deadlineEndsTheCallOnBothSides() throws Exception {
    var answers =
        ClientCalls.blockingServerStreamingCall(
            authorized(),
            method("Down", MethodDescriptor.MethodType.SERVER_STREAMING),
            CallOptions.DEFAULT.withDeadlineAfter(2, TimeUnit.SECONDS),
            "wait");

    assertThat(answers.next()).isEqualTo("1");
    assertThatThrownBy(answers::hasNext)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            failed ->
                assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
    assertThat(cancelled.get(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void cancellationReachesTheSandbox() throws Exception {
    var call =
        authorized()
            .newCall(
                method("Down", MethodDescriptor.MethodType.SERVER_STREAMING), CallOptions.DEFAULT);
    var answers = new Answers();
    ClientCalls.asyncServerStreamingCall(call, "wait", answers);
    assertThat(answers.next()).isEqualTo("1");

    call.cancel("no more", null);

    assertThat(cancelled.get(20, TimeUnit.SECONDS)).isTrue();
    await().until(() -> Objects.requireNonNull(bed.session("abcd")).inFlight() == 0);
    assertThat(unary("again")).isEqualTo("hello again");
  }

  private static final class Text implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** What has come back, in order; the end as a word of its own. */
  private static final class Answers implements StreamObserver<String> {
    static final String COMPLETED = "(completed)";
    private final LinkedBlockingQueue<String> all = new LinkedBlockingQueue<>();

    @Nullable String next() throws InterruptedException {
      return all.poll(20, TimeUnit.SECONDS);
    }

    @Override
    public void onNext(String value) {
      all.add(value);
    }

    @Override
    public void onError(Throwable failed) {
      all.add(failed.toString());
    }

    @Override
    public void onCompleted() {
      all.add(COMPLETED);
    }
  }

  private record Collecting(java.util.function.Consumer<String> each, Runnable end)
      implements StreamObserver<String> {
    @Override
    public void onNext(String value) {
      each.accept(value);
    }

    @Override
    public void onError(Throwable cancelled) {}

    @Override
    public void onCompleted() {
      end.run();
    }
  }
}
