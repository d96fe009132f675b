package dev.sandpool.server.management;

import dev.sandpool.model.InstanceId;
import dev.sandpool.server.audit.Audit;
import dev.sandpool.server.audit.AuditReader;
import dev.sandpool.server.engine.SimulatedHost;
import dev.sandpool.server.identity.Identities;
import dev.sandpool.server.image.ImageUploads;
import dev.sandpool.server.ledger.MemoryLedger;
import dev.sandpool.server.pool.KeeperWorld;
import dev.sandpool.server.role.Caller;
import dev.sandpool.server.role.Roles;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.time.VirtualTime;
import dev.sandpool.server.usage.PriceSheet;
import dev.sandpool.server.usage.UsageReports;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Management on a port, with the real keeper behind it and a simulated host behind that. */
final class KeeperManagement implements AutoCloseable {
  static final String TOKEN = "sdk-token";

  final KeeperWorld world =
      new KeeperWorld(new MemoryLedger(), new SimulatedHost(), new VirtualTime(), 7);
  private final Roles roles = new Roles(() -> RoleAssignments.all(world.ledger));
  private final Vertx vertx = Vertx.vertx();
  private final HttpServer server;

  private final ImageUploads uploads;
  private final TestLogs logs;

  /**
   * @param folder where archives would come
   */
  KeeperManagement(Path folder) throws Exception {
    uploads =
        new ImageUploads(
            folder.resolve("uploads"), new ImageUploads.Limits(1, 1, Duration.ofMinutes(1), 0));
    logs = new TestLogs(folder.resolve("logs"), world.time::now);
    var parts =
        new ManagementParts(
            world.ledger,
            world.keeper,
            world.images,
            uploads,
            world.engine::info,
            (sandbox, follow) -> Optional.empty(),
            (pool, identifier) -> Optional.empty(),
            bearer ->
                TOKEN.equals(bearer)
                    ? new TokenCheck.Principal("sdk", Caller.administrator("sdk"))
                    : new TokenCheck.Refusal(401, "Unauthenticated", "Who is it?", "Bearer"),
            Identities.in(folder),
            roles,
            DataKey.of(new byte[32]),
            Audit.NONE,
            new AuditReader(folder),
            logs.access(),
            world.metrics,
            new UsageReports(new TestUsage(), PriceSheet.NONE),
            world.time);
    var settings =
        new ManagementSettings(
            "1.2.3",
            new InstanceId("abcd"),
            PublicAddress.of(this::base, null),
            PoolLimits.contract(),
            QuotaLimits.NONE,
            new Tenancy(ManagementFixture.TENANT, Optional::empty),
            CustomDomains.NONE,
            request -> String.valueOf(request.remoteAddress().hostAddress()));
    server =
        vertx
            .createHttpServer()
            .requestHandler(new Management(parts, settings, List.of()))
            .listen(0, "127.0.0.1")
            .await(20, TimeUnit.SECONDS);
  }

  URI base() {
    return URI.create("http://127.0.0.1:" + server.actualPort());
  }

  @Override
  public void close() throws Exception {
    roles.close();
    vertx.close().await(20, TimeUnit.SECONDS);
    world.close();
    world.ledger.close();
    uploads.close();
    logs.close();
  }
}
