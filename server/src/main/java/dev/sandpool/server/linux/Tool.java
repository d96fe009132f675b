package dev.sandpool.server.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A program of the host that the server runs.
 *
 * @param name of the program
 * @param debianPackage that has it
 * @param purpose what it does here, as a clause about it
 * @param versionOption makes it print its version
 */
public record Tool(String name, String debianPackage, String purpose, String versionOption) {
  public static final Tool CONMON = tool("conmon", "conmon", "supervises each sandbox");
  public static final Tool IP =
      new Tool("ip", "iproute2", "makes networks and addresses of sandboxes", "-V");
  public static final Tool NFT =
      tool("nft", "nftables", "keeps sandboxes from the host, each other and the network");

  private static final Tool SKOPEO = tool("skopeo", "skopeo", "pulls images");
  private static final Tool UMOCI = tool("umoci", "umoci", "unpacks images");
  private static final Tool MKFS =
      new Tool("mkfs.ext4", "e2fsprogs", "makes bounded file systems for sandboxes", "-V");
  private static final Tool SETPRIV =
      tool("setpriv", "util-linux", "takes privileges from programs that we start");
  private static final Tool UNSHARE =
      tool("unshare", "util-linux", "gives programs that we start namespaces of their own");
  private static final Tool NSENTER =
      tool("nsenter", "util-linux", "runs programs in a sandbox's namespaces");

  /** Those without which no sandbox starts; runtimes are chosen by configuration, and not here. */
  public static final List<Tool> NEEDED =
      List.of(CONMON, IP, NFT, SKOPEO, UMOCI, MKFS, SETPRIV, UNSHARE, NSENTER);

  private static Tool tool(String name, String debianPackage, String purpose) {
    return new Tool(name, debianPackage, purpose, "--version");
  }

  /** Where it is, if it is there. */
  public Optional<Path> find() {
    return Command.find(name);
  }

  /**
   * Where it is.
   *
   * @throws IOException saying what to install
   */
  public Path require() throws IOException {
    return find().orElseThrow(() -> new IOException(missing()));
  }

  /** What is wrong and what to do, where it is not there. */
  public String missing() {
    return "the program '" + name + "' is missing; " + remedy();
  }

  /** What to do where it is not there. */
  public String remedy() {
    return "install the package " + debianPackage;
  }
}
