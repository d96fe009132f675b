package dev.sandpool.server.gateway;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * grpc-java as server, with a call of each kind, and as the caller of them all; both speak HTTP/2
 * by OkHttp's code. Runs in sandboxes too, so that it needs nothing else.
 */
public final class GrpcEcho {
  /** What {@link #calls} says when everything passes. */
  public static final List<String> ALL_PASS =
      List.of(
          "unary: hello you",
          "server streams: 1 2 3",
          "client streams: abc",
          "both stream: " + "echo ".repeat(50).strip() + " (completed)",
          "status and trailer: FAILED_PRECONDITION not now 42",
          "deadline: 1 DEADLINE_EXCEEDED, at the server: given up, its deadline known",
          "cancellation: 1, at the server: given up, without a deadline",
          "afterwards: hello again");

  private static final int PATIENCE_SECONDS = 30;
  private static final int DEADLINE_SECONDS = 3;
  private static final Metadata.Key<String> SUM =
      Metadata.Key.of("x-sum", Metadata.ASCII_STRING_MARSHALLER);

  private final ConcurrentHashMap<String, CompletableFuture<String>> ended =
      new ConcurrentHashMap<>();

  private GrpcEcho() {}

  /** Serves on port 8080 until it is ended. */
  public static void main(String[] arguments) throws Exception {
    serve(8080).awaitTermination();
  }

  // --- the server ------------------------------------------------------------------------------

  /** On that port, or any free one for 0, until it is shut down. */
  public static Server serve(int port) throws IOException {
    return OkHttpServerBuilder.forPort(port, InsecureServerCredentials.create())
        .addService(new GrpcEcho().service())
        .build()
        .start();
  }

  private ServerServiceDefinition service() {
    return ServerServiceDefinition.builder("echo")
        .addMethod(method("Unary", MethodType.UNARY), ServerCalls.asyncUnaryCall(this::unary))
        .addMethod(
            method("Down", MethodType.SERVER_STREAMING),
            ServerCalls.asyncServerStreamingCall(this::down))
        .addMethod(
            method("Up", MethodType.CLIENT_STREAMING),
            ServerCalls.asyncClientStreamingCall(GrpcEcho::up))
        .addMethod(
            method("Both", MethodType.BIDI_STREAMING),
            ServerCalls.asyncBidiStreamingCall(GrpcEcho::both))
        .build();
  }

  /** Greets, fails, tells what became of a call that waited, or calls its own server. */
  private void unary(String asked, StreamObserver<String> answers) {
    if (asked.equals("fail")) {
      var trailers = new Metadata();
      trailers.put(SUM, "42");
      answers.onError(
          Status.FAILED_PRECONDITION.withDescription("not now").asRuntimeException(trailers));
      return;
    }
    if (asked.startsWith("ended ")) {
      answers.onNext(ended(asked));
    } else if (asked.startsWith("call ")) {
      answers.onNext(callItself(Integer.parseInt(asked.split(" ", 2)[1])));
    } else {
      answers.onNext("hello " + asked);
    }
    answers.onCompleted();
  }

  private String ended(String asked) {
    try {
      return end(asked.split(" ", 2)[1]).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      return "goes on";
    } catch (Exception e) {
      return e.toString();
    }
  }

  private static String callItself(int port) {
    ManagedChannel channel =
        OkHttpChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      // As a caller of its own: within a call, others inherit its deadline.
      return String.join("\n", Context.ROOT.call(() -> calls(channel, "own ")));
    } catch (Exception e) {
      return e.toString();
    } finally {
      channel.shutdownNow();
    }
  }

  /** Completed when the waiting call of that name is over: how, and what was known of its time. */
  private CompletableFuture<String> end(String name) {
    return ended.computeIfAbsent(name, fresh -> new CompletableFuture<>());
  }

  /** Counts; one that is to wait says no more than 1 until its caller gives up. */
  private void down(String asked, StreamObserver<String> answers) {
    answers.onNext("1");
    if (asked.startsWith("wait ")) {
      CompletableFuture<String> end = end(asked.split(" ", 2)[1]);
      String known = known(Context.current().getDeadline());
      Context.current()
          .addListener(
              gone -> end.complete((gone.isCancelled() ? "given up, " : "done, ") + known),
              Runnable::run);
      return;
    }
    answers.onNext("2");
    answers.onNext("3");
    answers.onCompleted();
  }

  private static String known(@Nullable Deadline deadline) {
    if (deadline == null) {
      return "without a deadline";
    }
    long left = deadline.timeRemaining(TimeUnit.MILLISECONDS);
    return left <= TimeUnit.SECONDS.toMillis(DEADLINE_SECONDS)
        ? "its deadline known"
        : "with " + left + " ms left";
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

  // --- who calls it ----------------------------------------------------------------------------

  /**
   * Makes a call of each kind, one that fails, one that takes too long and one that is not wanted
   * any more: what came of them, a line each.
   *
   * @param names what names of calls begin with: another one for each caller of a server
   */
  public static List<String> calls(Channel channel, String names) throws InterruptedException {
    List<String> said = new ArrayList<>();
    said.add("unary: " + unary(channel, "you"));
    said.add("server streams: " + String.join(" ", downTo(channel)));
    said.add("client streams: " + upFrom(channel));
    said.add("both stream: " + bothWays(channel));
    said.add("status and trailer: " + failing(channel));
    said.add("deadline: " + late(channel, names + "deadline"));
    said.add("cancellation: " + unwanted(channel, names + "cancellation"));
    said.add("afterwards: " + unary(channel, "again"));
    return said;
  }

  /** Has the server, which listens on that port, make all these calls to itself. */
  public static List<String> callsInside(Channel channel, int port) {
    return unary(channel, "call " + port).lines().toList();
  }

  private static CallOptions patient() {
    return CallOptions.DEFAULT.withDeadlineAfter(2 * PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private static String unary(Channel channel, String asked) {
    return ClientCalls.blockingUnaryCall(
        channel, method("Unary", MethodType.UNARY), patient(), asked);
  }

  private static List<String> downTo(Channel channel) {
    List<String> all = new ArrayList<>();
    ClientCalls.blockingServerStreamingCall(
            channel, method("Down", MethodType.SERVER_STREAMING), patient(), "count")
        .forEachRemaining(all::add);
    return all;
  }

  private static @Nullable String upFrom(Channel channel) throws InterruptedException {
    var answer = new Answers();
    StreamObserver<String> up =
        ClientCalls.asyncClientStreamingCall(
            channel.newCall(method("Up", MethodType.CLIENT_STREAMING), patient()), answer);
    List.of("a", "b", "c").forEach(up::onNext);
    up.onCompleted();
    return answer.next();
  }

  /** Each asked only when the one before has been answered. */
  private static String bothWays(Channel channel) throws InterruptedException {
    var echoes = new Answers();
    StreamObserver<String> both =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(method("Both", MethodType.BIDI_STREAMING), patient()), echoes);
    var said = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      both.onNext(Integer.toString(i));
      String echo = String.valueOf(echoes.next());
      said.append(echo.equals("echo " + i) ? "echo" : echo).append(' ');
    }
    both.onCompleted();
    return said.append(echoes.next()).toString();
  }

  /** A call that waits for its answer for as long as one of {@link #calls} does. */
  static String late(Channel channel) {
    return ClientCalls.blockingUnaryCall(
        channel,
        method("Unary", MethodType.UNARY),
        CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS),
        "late");
  }

  private static String failing(Channel channel) {
    try {
      return unary(channel, "fail");
    } catch (StatusRuntimeException e) {
      Metadata trailers = e.getTrailers();
      return e.getStatus().getCode()
          + " "
          + e.getStatus().getDescription()
          + " "
          + (trailers == null ? null : trailers.get(SUM));
    }
  }

  private static String late(Channel channel, String name) {
    var answers =
        ClientCalls.blockingServerStreamingCall(
            channel,
            method("Down", MethodType.SERVER_STREAMING),
            CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS),
            "wait " + name);
    var said = new StringBuilder();
    try {
      answers.forEachRemaining(answer -> said.append(answer).append(' '));
    } catch (StatusRuntimeException e) {
      said.append(e.getStatus().getCode());
    }
    return said + told(channel, name);
  }

  private static String unwanted(Channel channel, String name) throws InterruptedException {
    ClientCall<String, String> call =
        channel.newCall(method("Down", MethodType.SERVER_STREAMING), CallOptions.DEFAULT);
    var answers = new Answers();
    ClientCalls.asyncServerStreamingCall(call, "wait " + name, answers);
    String first = answers.next();
    call.cancel("no more", null);
    return first + told(channel, name);
  }

  private static String told(Channel channel, String name) {
    return ", at the server: " + unary(channel, "ended " + name);
  }

  private static MethodDescriptor<String, String> method(String name, MethodType type) {
    return MethodDescriptor.<String, String>newBuilder()
        .setFullMethodName("echo/" + name)
        .setType(type)
        .setRequestMarshaller(new Text())
        .setResponseMarshaller(new Text())
        .build();
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
    private final LinkedBlockingQueue<String> all = new LinkedBlockingQueue<>();

    @Nullable String next() throws InterruptedException {
      return all.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
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
      all.add("(completed)");
    }
  }

  private record Collecting(Consumer<String> each, Runnable end) implements StreamObserver<String> {
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
