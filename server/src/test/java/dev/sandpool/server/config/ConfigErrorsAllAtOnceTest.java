package dev.sandpool.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A wrong file is refused with every error in it, and each names its place. */
class ConfigErrorsAllAtOnceTest {
  @TempDir Path directory;
  private Path file = Path.of("");

  @BeforeEach
  void nameFile() {
    file = directory.resolve("s.yaml");
  }

  @Test
  void everyErrorIsReportedWithItsPlaceInTheFilesOrder() throws IOException {
    List<String> problems =
        problems(
            """
            server:
              listen: 7070
              drian: 5s
              publicUrl: ftp://example.org
            limits:
              cooldownSeconds: {minimum: 0}
              cpu:
                minimum: 4
              memory: 512Mi
            engine:
              isolation: strong
              startWidth:
              startWidth: 3
            images:
              plainHttpRegistries: [good:5000, "bad registry"]
            gateway:
              idleStream: 240
            telemetry: {}
            """);
    assertThat(problems)
        .extracting(line -> line.substring(line.indexOf("s.yaml:")))
        .satisfiesExactly(
            one ->
                assertThat(one)
                    .startsWith("s.yaml:2:11: server.listen: '7070'")
                    .contains("HOST:PORT"),
            one ->
                assertThat(one)
                    .startsWith("s.yaml:3:3: server.drian: unknown key")
                    .contains("drain"),
            one -> assertThat(one).startsWith("s.yaml:4:14: server.publicUrl: 'ftp://example.org'"),
            one ->
                assertThat(one)
                    .startsWith("s.yaml:6:30: limits.cooldownSeconds.minimum: '0'")
                    .endsWith("accepted: 1 to 86400"),
            one ->
                assertThat(one).startsWith("s.yaml:8:5: limits.cpu.minimum: is above the maximum"),
            one -> assertThat(one).startsWith("s.yaml:9:3: limits.memory: a section is expected"),
            one ->
                assertThat(one)
                    .startsWith("s.yaml:11:14: engine.isolation: 'strong'")
                    .contains("gvisor-hostnet"),
            one -> assertThat(one).contains("engine.startWidth: nothing is not accepted"),
            one ->
                assertThat(one)
                    .startsWith("s.yaml:13:3: startWidth: is there twice, first in line 12"),
            one -> assertThat(one).contains("images.plainHttpRegistries[1]: 'bad registry'"),
            one ->
                assertThat(one)
                    .startsWith("s.yaml:17:15: gateway.idleStream: '240'")
                    .contains("duration"),
            one -> assertThat(one).startsWith("s.yaml:18:1: telemetry: unknown key"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "server: [                          | s.yaml:",
        "- a list                           | sections such as 'server:' are expected, not a list",
        "just text                          | sections such as 'server:' are expected, not a value",
        "'a: &x {}\nb: *x'                  | aliases are not accepted",
        "'server: {}\n---\nserver: {}'      | only one document is accepted",
        "server: {listen: {host: a}}        | server.listen: a section is not accepted",
        "server: {listen: '127.0.0.1:65536'}  | server.listen",
        "server: {listen: '::1:80'}         | server.listen",
        "images: {plainHttpRegistries: a:1} | a list is expected, not a value",
        "network: {range: 10.0.0.1/16}      | network.range",
        "network: {range: 10.0.0.0/30}      | network.range",
        "network: {range: 300.0.0.0/16}     | network.range",
        "network: {resolvers: [127.0.0.53]} | network.resolvers[0]",
        "network: {resolvers: [dns.test]}   | network.resolvers[0]",
        "network: {allowedRanges: [169.254.169.254/32]} | network.allowedRanges[0]",
        "network: {allowedRanges: [10.0.0.1/8]} | network.allowedRanges[0]",
        "network: {allowedRanges: [0.0.0.0/8]} | network.allowedRanges[0]",
        "engine: {kind: docker}             | one of oci",
        "engine: {runsc: bin/runsc}         | an absolute path",
        "identity: {clockSkew: 10m}         | a duration from 0s to 5m",
        "identity: {issuers: [{issuer: 'http://a.test', dataAudiences: [x]}]} | without TLS from",
        "identity: {registries: [{scope: /}]} | service: is required",
        "identity: {registries: [{service: x, scope: here}]} | / or /subscriptions/ID",
        "limits: {cpu: {maximum: NaN}}      | limits.cpu.maximum",
        "limits: {host: {memory: 1Mi}}      | limits.host.memory",
        "limits: {host: {freeDisk: much}}   | limits.host.freeDisk",
        "engine: {disk: 1Mi}                | engine.disk",
        "engine: {diskRate: 1Ki}            | engine.diskRate",
        "engine: {disk: 16Mi, diskFiles: 4097} | engine.diskFiles",
        "server: {publicUrl: 'https://u:p@h'} | server.publicUrl",
      })
  void aWrongFileIsRefusedWithItsReason(String text, String expected) throws IOException {
    assertThat(problems(text)).anySatisfy(line -> assertThat(line).contains(expected));
  }

  @Test
  void aMissingFileIsNamed() {
    assertThat(refusal(CommandLineOptions.NONE).problems())
        .containsExactly(file + ":1:1: there is no such file");
  }

  @Test
  void whatIsNotUtf8IsSaid() throws IOException {
    Files.write(file, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    assertThat(refusal(CommandLineOptions.NONE).problems())
        .containsExactly(file + ":1:1: not UTF-8");
  }

  @Test
  void aReachableAddressMustSayWhereManagementIs() throws IOException {
    assertThat(problems("server: {listen: '0.0.0.0:7070', plainHttp: true}"))
        .singleElement()
        .asString()
        .contains("server.managementListen: must be said");
  }

  @Test
  void aReachableAddressSpeaksTlsUnlessToldOtherwise() throws IOException {
    assertThat(problems("server: {listen: '0.0.0.0:443', managementListen: '10.0.0.1:7071'}"))
        .hasSize(2)
        .allSatisfy(
            problem ->
                assertThat(problem)
                    .contains("would speak without TLS", "server.plainHttp: true", "--plain-http"))
        .anySatisfy(problem -> assertThat(problem).contains("server.tls.certificate"))
        .anySatisfy(problem -> assertThat(problem).contains("server.managementTls.certificate"));
    assertThat(problems("server: {listen: '10.0.0.1:443', managementListen: '10.0.0.1:443'}"))
        .singleElement()
        .asString()
        .contains("server.listen: '10.0.0.1:443'");
  }

  @Test
  void redirectAndProxyProtocolSayWhatTheyNeed() throws IOException {
    assertThat(problems("server: {redirectListen: '127.0.0.1:80', proxyProtocol: true}"))
        .hasSize(2)
        .anySatisfy(problem -> assertThat(problem).contains("sends callers to TLS"))
        .anySatisfy(problem -> assertThat(problem).contains("`server.trustedProxies` alone"));
  }

  @Test
  void secretsForReceiversAreNotSentWithoutTls() throws IOException {
    assertThat(
            problems(
                "export: {otlp: {endpoint: 'http://collector:4318', headersFile: /h},"
                    + " loki: {url: 'http://127.0.0.1:3100', headersFile: /h}}"))
        .singleElement()
        .asString()
        .contains("export.otlp.headersFile: secrets would be sent without TLS");
  }

  @Test
  void managementOnTheOneAddressHasNoTlsOfItsOwn() throws IOException {
    assertThat(problems("server: {managementTls: {certificate: /a, key: /b}}"))
        .singleElement()
        .asString()
        .contains("server.managementTls: is for an address of management's own");
  }

  @Test
  void reachableAddressesAreFineWithTlsOrTheFlag() throws Exception {
    Files.writeString(
        file,
        """
        server:
          listen: 0.0.0.0:443
          managementListen: 0.0.0.0:7071
          tls: {certificate: /a, key: /b}
          managementTls: {certificate: /a, key: /b}
        """);
    assertThat(load(CommandLineOptions.NONE).server().managementTls()).isPresent();
    Files.writeString(file, "server: {listen: '0.0.0.0:80', managementListen: '0.0.0.0:81'}");
    var flagged = (CommandLine.Parsed.Run) CommandLine.parse(java.util.List.of("--plain-http"));
    assertThat(load(flagged.options()).server().tls()).isEmpty();
  }

  @Test
  void devRefusesWhatOtherMachinesCanReach() throws IOException {
    Files.writeString(file, "server: {listen: '0.0.0.0:7070'}");
    assertThat(refusal(dev(Optional.empty())).problems())
        .singleElement()
        .asString()
        .contains("s.yaml:1:10: server.listen: '0.0.0.0:7070' is not accepted with --dev");
    Files.writeString(file, "");
    assertThat(refusal(dev(Optional.of("example.org:80"))).problems())
        .singleElement()
        .asString()
        .startsWith("command line: server.listen: 'example.org:80' is not accepted with --dev");
  }

  private static CommandLineOptions dev(Optional<String> listen) {
    return new CommandLineOptions(
        Optional.empty(),
        Optional.empty(),
        listen.map(ListenAddress::parse),
        Optional.empty(),
        true,
        false,
        ServerConfig.AtExit.KEEP);
  }

  private List<String> problems(String text) throws IOException {
    Files.writeString(file, text.replace("\\n", "\n"));
    return refusal(CommandLineOptions.NONE).problems();
  }

  private ServerConfig load(CommandLineOptions options) throws ConfigException {
    return new ConfigLoader(new Machine(2, 1L << 32)).load(Optional.of(file), options);
  }

  private ConfigException refusal(CommandLineOptions options) {
    return catchThrowableOfType(ConfigException.class, () -> load(options));
  }
}
