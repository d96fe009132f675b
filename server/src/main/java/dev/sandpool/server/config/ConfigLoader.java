package dev.sandpool.server.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes the configuration out of a file, the command line and the machine's defaults. */
public final class ConfigLoader {
  private final Machine machine;

  public ConfigLoader(Machine machine) {
    this.machine = machine;
  }

  /**
   * The configuration; the command line wins over the file.
   *
   * @param file the YAML file, or nothing for defaults alone
   * @throws ConfigException with all that is wrong, each with its place
   */
  public ServerConfig load(Optional<Path> file, CommandLineOptions overrides)
      throws ConfigException {
    Problems problems = new Problems();
    YamlNode.Mapping document =
        file.map(path -> new YamlReader(path, problems).read(path))
            .orElseGet(() -> new YamlNode.Mapping(Place.COMMAND_LINE, Map.of()));
    Section root = Section.root(document, problems);
    ServerConfig config = read(root, overrides);
    root.refuseUnknown();
    problems.throwIfAny();
    return config;
  }

  /** Every key that exists, for the test that the documentation names them all. */
  List<Section.Key> keys() {
    var nothing = new YamlNode.Mapping(Place.COMMAND_LINE, Map.of());
    Section root = Section.root(nothing, new Problems());
    read(root, CommandLineOptions.NONE);
    return root.keys();
  }

  private ServerConfig read(Section root, CommandLineOptions options) {
    return new ServerConfig(
        new ServerConfig.Run(
            options.dataDirectory().orElseGet(CommandLineOptions::defaultDataDirectory),
            options.dev(),
            options.sandboxes()),
        ServerSettings.read(root.section("server"), options),
        LimitSettings.read(root.section("limits"), machine, options.dev()),
        AllocationSettings.read(root.section("allocation")),
        EngineSettings.read(root.section("engine"), machine),
        NetworkSettings.read(root.section("network")),
        ImageSettings.read(root.section("images")),
        GatewaySettings.read(root.section("gateway")),
        IdentitySettings.read(root.section("identity")),
        AuditSettings.read(root.section("audit")),
        MetricsSettings.read(root.section("metrics")),
        LogSettings.read(root.section("logs")),
        UsageSettings.read(root.section("usage")),
        ExportSettings.read(root.section("export")));
  }
}
