package dev.sandpool.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Isolation;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Defaults are what the documentation says, and the command line wins over the file. */
class ConfigDefaultsTest {
  private static final ConfigLoader LOADER = new ConfigLoader(new Machine(2, 10_000_000_000L));

  @TempDir Path directory;

  @Test
  void withoutAnythingEveryValueHasItsDefault() throws ConfigException {
    ServerConfig config = LOADER.load(Optional.empty(), CommandLineOptions.NONE);
    assertThat(config.run().dev()).isFalse();
    assertThat(config.run().sandboxes()).isEqualTo(ServerConfig.AtExit.KEEP);
    ListenAddress listen = ListenAddress.parse("127.0.0.1:7070");
    assertThat(config.server())
        .isEqualTo(
            new ServerSettings(
                listen,
                listen,
                Optional.empty(),
                Duration.ofSeconds(30),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                false,
                Optional.empty(),
                List.of()));
    assertThat(config.server().oneListener()).isTrue();
    assertThat(config.limits())
        .isEqualTo(
            new LimitSettings(
                new LimitSettings.Range(300, 3600),
                1,
                600,
                0.25,
                2,
                new LimitSettings.Range(512L << 20, 4L << 30),
                8_000_000_000L,
                1L << 30,
                new QuotaSettings(
                    OptionalLong.empty(), OptionalDouble.empty(), OptionalLong.empty()),
                new QuotaSettings(
                    OptionalLong.empty(), OptionalDouble.empty(), OptionalLong.empty())));
    assertThat(config.allocation())
        .isEqualTo(
            new AllocationSettings(Duration.ofSeconds(30), 1000, 600, Duration.ofMinutes(1)));
    assertThat(config.engine())
        .isEqualTo(
            new EngineSettings(
                "oci",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new MicrovmSettings(Optional.empty(), Optional.empty(), "forbidden", 8L << 30),
                4,
                2,
                Duration.ofMinutes(2),
                Duration.ofSeconds(2),
                10L << 20,
                1L << 30,
                65_536,
                32L << 20));
    assertThat(config.network().range()).isEmpty();
    assertThat(config.network().resolvers()).isEmpty();
    assertThat(config.network().allowedRanges()).isEmpty();
    assertThat(config.images().plainHttpRegistries()).isEmpty();
    assertThat(config.images().mirrors()).isEmpty();
    assertThat(config.images().unusedAge()).isEqualTo(Duration.ofDays(7));
    assertThat(config.gateway())
        .isEqualTo(
            new GatewaySettings(
                Duration.ofMinutes(4),
                65536,
                Duration.ofSeconds(75),
                50_000,
                20_000,
                20_000,
                100,
                256L << 20));
    assertThat(config.identity())
        .isEqualTo(
            new IdentitySettings(
                Duration.ofHours(1),
                Duration.ofDays(90),
                Duration.ofSeconds(60),
                List.of(),
                Optional.empty(),
                600,
                List.of()));
  }

  @Test
  void theFileIsRead() throws Exception {
    Path file = directory.resolve("sandpool.yaml");
    Files.writeString(
        file,
        """
        # nothing here is the default
        server:
          listen: "[::1]:8080"
          managementListen: 0.0.0.0:8081
          plainHttp: true
          publicUrl: https://sandboxes.example.org/
          drain: 5m
          domain: apps.example.org
        limits:
          cooldownSeconds:
            minimum: 10
          host:
            memory: 1.5Gi
        engine: {isolation: container, runsc: /opt/runsc}
        network:
          range: 10.210.0.0/16
          resolvers: [10.20.0.53]
          allowedRanges: [10.20.0.0/16, 10.30.0.7/32]
        images:
          plainHttpRegistries:
            - 127.0.0.1:5000
          certificates: /etc/sandpool/registries
          mirrors: ["docker.io=127.0.0.1:5000/hub"]
        gateway:
        """);
    ServerConfig config = LOADER.load(Optional.of(file), CommandLineOptions.NONE);
    assertThat(config.server().listen()).isEqualTo(new ListenAddress("::1", 8080));
    assertThat(config.server().managementListen()).hasToString("0.0.0.0:8081");
    assertThat(config.server().publicUrl()).contains(URI.create("https://sandboxes.example.org"));
    assertThat(config.limits().cooldownSeconds()).isEqualTo(new LimitSettings.Range(10, 3600));
    assertThat(config.limits().hostMemoryBytes()).isEqualTo(3L << 29);
    assertThat(config.engine().isolation()).contains(Isolation.CONTAINER);
    assertThat(config.network().range().orElseThrow()).hasToString("10.210.0.0/16");
    assertThat(config.network().resolvers()).containsExactly("10.20.0.53");
    assertThat(config.network().allowedRanges()).hasToString("[10.20.0.0/16, 10.30.0.7/32]");
    assertThat(config.images().plainHttpRegistries()).containsExactly("127.0.0.1:5000");
    assertThat(config.images().certificates()).contains(Path.of("/etc/sandpool/registries"));
    assertThat(config.images().mirrors()).containsEntry("docker.io", "127.0.0.1:5000/hub");
  }

  @Test
  void devLowersTheMinimaAndTheCommandLineWins() throws Exception {
    Path file = directory.resolve("sandpool.yaml");
    Files.writeString(file, "server: {listen: '0.0.0.0:80'}");
    var parsed =
        CommandLine.parse(
            List.of("--dev", "--listen=127.0.0.1:0", "--data-dir", "/tmp/x", "--sandboxes=stop"));
    assertThat(parsed).isInstanceOf(CommandLine.Parsed.Run.class);
    ServerConfig config =
        LOADER.load(Optional.of(file), ((CommandLine.Parsed.Run) parsed).options());
    assertThat(config.server().listen()).hasToString("127.0.0.1:0");
    assertThat(config.server().oneListener()).isTrue();
    assertThat(config.limits().cooldownSeconds().minimum()).isEqualTo(1);
    assertThat(config.limits().readySessionsMinimum()).isZero();
    assertThat(config.run())
        .isEqualTo(new ServerConfig.Run(Path.of("/tmp/x"), true, ServerConfig.AtExit.STOP));
  }

  @Test
  void theDocumentationHasEveryKeyWithDefaultAndRange() throws Exception {
    String documentation = Files.readString(Path.of("../docs/configuration.md"));
    assertThat(LOADER.keys())
        .hasSizeGreaterThan(25)
        .allSatisfy(
            key ->
                assertThat(documentation)
                    .contains(
                        "| `"
                            + key.path()
                            + "` | "
                            + key.otherwise()
                            + " | "
                            + key.accepted()
                            + " |"));
    String keys = documentation.substring(0, documentation.indexOf("## Command line"));
    assertThat(keys.lines().filter(line -> line.startsWith("| `")))
        .as("keys that do not exist")
        .hasSameSizeAs(LOADER.keys());
  }
}
