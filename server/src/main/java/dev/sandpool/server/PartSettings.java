package dev.sandpool.server;

import dev.sandpool.server.audit.AuditSettings;
import dev.sandpool.server.config.ExportSettings.Receiver;
import dev.sandpool.server.config.LimitSettings;
import dev.sandpool.server.config.QuotaSettings;
import dev.sandpool.server.config.ServerConfig;
import dev.sandpool.server.config.UsageSettings;
import dev.sandpool.server.export.ExportSettings;
import dev.sandpool.server.export.ReceiverSettings;
import dev.sandpool.server.gateway.GatewaySettings;
import dev.sandpool.server.gateway.TrustedProxies;
import dev.sandpool.server.image.ImageStoreSettings;
import dev.sandpool.server.image.Registries;
import dev.sandpool.server.image.Retention;
import dev.sandpool.server.logs.LogStore;
import dev.sandpool.server.management.CustomDomains;
import dev.sandpool.server.management.ManagementSettings;
import dev.sandpool.server.management.PoolLimits;
import dev.sandpool.server.management.PublicAddress;
import dev.sandpool.server.management.QuotaLimits;
import dev.sandpool.server.management.Tenancy;
import dev.sandpool.server.pool.Backoff;
import dev.sandpool.server.pool.KeeperSettings;
import dev.sandpool.server.usage.PriceSheet;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The configuration in each part's own words: parts do not know of files and command lines. */
record PartSettings(ServerConfig config) {
  private static final String VERSION = "0.1.0";
  private static final Duration CHANGE_DEADLINE = Duration.ofMinutes(10);
  private static final Duration TRIAL = Duration.ofSeconds(2);
  private static final Duration SLOT_REST = Duration.ofSeconds(60);

  ImageStoreSettings images(DataDirectory directory) {
    var defaults = ImageStoreSettings.defaults(directory.images());
    return new ImageStoreSettings(
        directory.images(),
        new Registries(
            new HashSet<>(config.images().plainHttpRegistries()),
            config.images().certificates(),
            config.images().mirrors()),
        defaults.minFreeBytes(),
        defaults.architecture(),
        defaults.tools());
  }

  AuditSettings audit(DataDirectory directory) {
    return new AuditSettings(directory.audit(), config.audit().maxBytes(), config.audit().maxAge());
  }

  LogStore.Bounds logs() {
    return new LogStore.Bounds(
        config.logs().retention(), config.logs().poolBytes(), config.logs().totalBytes());
  }

  PriceSheet prices() {
    UsageSettings.Prices prices = config.usage().prices();
    return new PriceSheet(
        config.usage().currency(),
        prices.vcpuSecond(),
        prices.gibSecond(),
        prices.request(),
        prices.sessionHour());
  }

  /**
   * @param node who hands on
   */
  ExportSettings export(ExportSettings.Node node) {
    return new ExportSettings(
        node,
        config
            .export()
            .otlp()
            .map(
                it ->
                    new ExportSettings.OtlpSettings(
                        receiver(it.receiver(), Map.of()),
                        it.logs(),
                        it.metrics(),
                        it.traces(),
                        it.interval())),
        config
            .export()
            .loki()
            .map(
                it ->
                    receiver(
                        it.receiver(),
                        it.tenant().map(name -> Map.of("X-Scope-OrgID", name)).orElse(Map.of()))));
  }

  private static ReceiverSettings receiver(Receiver configured, Map<String, String> headers) {
    return new ReceiverSettings(
        configured.url(), headers, configured.headersFile(), configured.authorities());
  }

  /**
   * @param slots how many the engine's network has
   */
  KeeperSettings keeper(int slots) {
    return new KeeperSettings(
        config.engine().startWidth(),
        Math.min(config.engine().refillWidth(), config.engine().startWidth()),
        config.engine().stopGrace(),
        config.engine().readyDeadline(),
        CHANGE_DEADLINE,
        TRIAL,
        SLOT_REST,
        slots,
        config.limits().hostMemoryBytes(),
        Backoff.DEFAULT,
        new Retention(config.images().unusedAge(), config.images().unusedBytes()));
  }

  ManagementSettings management(DataDirectory directory, Endpoints endpoints, Tenancy tenancy) {
    LimitSettings limits = config.limits();
    return new ManagementSettings(
        VERSION,
        directory.instance(),
        new PublicAddress(
            endpoints::management, endpoints::dataPlane, config.server().domain().orElse(null)),
        new PoolLimits(
            Math.toIntExact(limits.cooldownSeconds().minimum()),
            Math.toIntExact(limits.cooldownSeconds().maximum()),
            limits.readySessionsMinimum(),
            limits.maxSessionsMaximum(),
            limits.cpuMinimum(),
            limits.cpuMaximum(),
            limits.memoryBytes().minimum(),
            limits.memoryBytes().maximum()),
        new QuotaLimits(bounds(limits.subscription()), bounds(limits.pool())),
        tenancy,
        new CustomDomains(
            config.server().customDomains(),
            config.server().publicUrl().map(URI::getHost),
            config.server().domain()),
        proxies()::caller);
  }

  private static QuotaLimits.Bounds bounds(QuotaSettings quotas) {
    OptionalDouble vcpus = quotas.vcpus();
    return new QuotaLimits.Bounds(
        quotas.sandboxes(),
        vcpus.isPresent()
            ? OptionalLong.of(Math.round(vcpus.getAsDouble() * 1000))
            : OptionalLong.empty(),
        quotas.memoryBytes());
  }

  /**
   * @param authority where tokens come from; null where that is not known yet
   */
  GatewaySettings gateway(@Nullable String authority) {
    GatewaySettings defaults = GatewaySettings.defaults();
    var limits =
        new GatewaySettings.Limits(
            config.gateway().requestHeaderBytes(),
            config.allocation().deadline(),
            defaults.limits().connect(),
            config.gateway().idleStream(),
            defaults.limits().connections(),
            callers());
    return new GatewaySettings(
        config.server().domain().orElse(null), authority, defaults.eventLoops(), limits, proxies());
  }

  /** What callers may take together. */
  GatewaySettings.Callers callers() {
    return new GatewaySettings.Callers(
        config.gateway().idleConnection(),
        config.gateway().connections(),
        config.gateway().connectionsPerAddress(),
        config.gateway().connectionsPerPool(),
        config.allocation().perMinute(),
        config.gateway().slowestUpload(),
        config.gateway().unreadAnswers());
  }

  /** Who is believed where requests came from. */
  TrustedProxies proxies() {
    return new TrustedProxies(
        config.server().trustedProxies().stream()
            .map(range -> new TrustedProxies.Range(range.base(), range.prefix()))
            .toList(),
        config.server().proxyProtocol());
  }
}
