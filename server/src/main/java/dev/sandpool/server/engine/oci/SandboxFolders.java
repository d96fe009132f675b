package dev.sandpool.server.engine.oci;

import dev.sandpool.model.InstanceId;
import dev.sandpool.model.SandboxId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The folders of all sandboxes of one server, readable by root alone. */
final class SandboxFolders {
  private final Path sandboxes;
  private final Path exits;
  private final InstanceId instance;

  SandboxFolders(Path dataDir, InstanceId instance) throws IOException {
    this.instance = instance;
    sandboxes = privateFolder(dataDir.resolve("sandboxes"));
    exits = privateFolder(dataDir.resolve("exits"));
  }

  Path exits() {
    return exits;
  }

  Path root() {
    return sandboxes;
  }

  SandboxFolder of(SandboxId id) {
    String name = instance.nameOf(id);
    return new SandboxFolder(id, name, sandboxes.resolve(name), exits.resolve(name));
  }

  /** The sandbox of that name, if the name is one of ours. */
  Optional<SandboxFolder> named(String name) {
    if (!name.startsWith(instance.prefix())) {
      return Optional.empty();
    }
    try {
      return Optional.of(of(new SandboxId(name.substring(instance.prefix().length()))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** All that have a folder or an exit file. */
  List<SandboxFolder> all() throws IOException {
    Map<String, SandboxFolder> folders = new LinkedHashMap<>();
    for (Path parent : List.of(sandboxes, exits)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent)) {
        for (Path entry : entries) {
          named(entry.getFileName().toString())
              .ifPresent(folder -> folders.put(folder.name(), folder));
        }
      }
    }
    return List.copyOf(folders.values());
  }

  void create(SandboxFolder folder) throws IOException {
    privateFolder(folder.path());
    Files.deleteIfExists(folder.exitFile());
  }

  private static Path privateFolder(Path path) throws IOException {
    return Files.createDirectories(
        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }
}
