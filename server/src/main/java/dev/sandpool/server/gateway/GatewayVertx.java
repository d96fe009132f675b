package dev.sandpool.server.gateway;

import dev.sandpool.server.linux.TimeSlice;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.impl.transports.TransportInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.transport.Transport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the event loops that gateway and management listener run on. */
public final class GatewayVertx {
  private static final Logger log = LoggerFactory.getLogger(GatewayVertx.class);

  private GatewayVertx() {}

  /**
   * Event loops on epoll; on NIO, with a warning, where epoll cannot be loaded. No files are
   * cached: nothing is left in the temporary directory.
   *
   * @param eventLoops at least 1
   */
  public static Vertx create(int eventLoops) {
    var options =
        new VertxOptions()
            .setEventLoopPoolSize(eventLoops)
            .setFileSystemOptions(
                new FileSystemOptions()
                    .setFileCachingEnabled(false)
                    .setClassPathResolvingEnabled(false));
    Transport epoll = Transport.EPOLL;
    if (epoll != null && epoll.available()) {
      var guarded = new TransportInternal(epoll.name(), true, null, new GatewayTransport());
      return prompt(Vertx.builder().with(options).withTransport(guarded).build());
    }
    log.warn(
        "epoll cannot be used, so NIO is: each request costs more, and callers' connections have no"
            + " bounds");
    return prompt(Vertx.builder().with(options).withTransport(Transport.NIO).build());
  }

  /** Every connection is taken in by a thread of its own before an event loop has it. */
  private static Vertx prompt(Vertx vertx) {
    ((VertxInternal) vertx).acceptorEventLoopGroup().execute(TimeSlice::shorten);
    return vertx;
  }
}
