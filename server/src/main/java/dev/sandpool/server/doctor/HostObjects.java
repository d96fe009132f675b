package dev.sandpool.server.doctor;

import dev.sandpool.server.linux.Command;
import dev.sandpool.server.linux.Mounts;
import dev.sandpool.server.linux.Tool;
import dev.sandpool.server.network.AddressClaim;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads everything on the host that carries the name of a server, whichever. */
final class HostObjects {
  private HostObjects() {}

  static List<HostObject> read() throws IOException {
    List<HostObject> objects = new ArrayList<>();
    for (Path entry : entries(Path.of("/run/netns"))) {
      HostObject.ofSandbox("network namespace", entry.getFileName() + "").ifPresent(objects::add);
    }
    for (Path entry : entries(Path.of("/sys/class/net"))) {
      HostObject.ofSandbox("interface", entry.getFileName() + "").ifPresent(objects::add);
    }
    for (Mounts.Mount mount : Mounts.all()) {
      // Namespaces are mounts as well, and counted once.
      if (!mount.type().equals("nsfs")) {
        HostObject.ofSandbox("mount", mount.target().toString()).ifPresent(objects::add);
        HostObject.image(mount.target()).ifPresent(objects::add);
      }
      if (mount.type().startsWith("cgroup")) {
        cgroups(mount.target(), objects);
      }
    }
    AddressClaim.all().forEach(claim -> objects.add(HostObject.addresses(claim)));
    Optional<Path> nft = Tool.NFT.find();
    if (nft.isPresent()) {
      Command.run(List.of(nft.get().toString(), "list", "tables", "inet"), "")
          .output()
          .lines()
          .map(line -> line.replaceFirst("^table inet ", ""))
          .flatMap(name -> HostObject.table(name).stream())
          .forEach(objects::add);
    }
    return objects;
  }

  private static void cgroups(Path hierarchy, List<HostObject> objects) throws IOException {
    for (Path server : entries(hierarchy)) {
      if (HostObject.serverOf(server.getFileName() + "").isPresent()) {
        for (Path group : entries(server)) {
          HostObject.ofSandbox("cgroup", group.toString()).ifPresent(objects::add);
        }
      }
    }
  }

  private static List<Path> entries(Path folder) throws IOException {
    List<Path> entries = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
        all.forEach(entries::add);
      }
    }
    return entries;
  }
}
