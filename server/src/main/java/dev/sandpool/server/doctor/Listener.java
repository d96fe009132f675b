package dev.sandpool.server.doctor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A TCP socket of this host that takes connections (proc(5)).
 *
 * @param inode by which a process has it open
 */
record Listener(InetSocketAddress address, long inode) {
  private static final List<Path> TABLES =
      List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));
  private static final String LISTENING = "0A";

  /** Those that keep others from that address. */
  static List<Listener> inTheWayOf(InetSocketAddress address) throws IOException {
    List<Listener> found = new ArrayList<>();
    if (address.isUnresolved()) {
      return found;
    }
    for (Path table : TABLES) {
      // A host without IPv6 has no table of it.
      if (Files.exists(table)) {
        found.addAll(parse(Files.readAllLines(table)));
      }
    }
    return found.stream().filter(listener -> listener.overlaps(address)).toList();
  }

  /** Lines: NUMBER ADDRESS:PORT PEER STATE QUEUES TIMER RETRANSMITS USER TIMEOUT INODE ... */
  static List<Listener> parse(List<String> lines) throws IOException {
    List<Listener> listeners = new ArrayList<>();
    for (String line : lines) {
      String[] words = line.strip().split("\\s+");
      if (words.length > 9 && words[3].equals(LISTENING)) {
        String[] local = words[1].split(":");
        var address =
            new InetSocketAddress(
                InetAddress.getByAddress(octets(local[0])), Integer.parseInt(local[1], 16));
        listeners.add(new Listener(address, Long.parseLong(words[9])));
      }
    }
    return listeners;
  }

  /** Words of four octets as the machine holds them. */
  private static byte[] octets(String hex) {
    byte[] octets = HexFormat.of().parseHex(hex);
    ByteBuffer words = ByteBuffer.wrap(octets).order(ByteOrder.nativeOrder());
    ByteBuffer network = ByteBuffer.allocate(octets.length);
    while (words.hasRemaining()) {
      network.putInt(words.getInt());
    }
    return network.array();
  }

  private boolean overlaps(InetSocketAddress other) {
    InetAddress mine = address.getAddress();
    InetAddress its = other.getAddress();
    return address.getPort() == other.getPort()
        && (mine.isAnyLocalAddress() || its.isAnyLocalAddress() || mine.equals(its));
  }

  /** Whether that process has it open, as far as can be seen. */
  boolean openIn(long pid) {
    Path socket = Path.of("socket:[" + inode + "]");
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "fd"))) {
      for (Path file : files) {
        if (leadsTo(file, socket)) {
          return true;
        }
      }
      return false;
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      return false; // Ended meanwhile, or not ours to look into.
    }
  }

  private static boolean leadsTo(Path file, Path socket) throws IOException {
    try {
      return Files.readSymbolicLink(file).equals(socket);
    } catch (NoSuchFileException e) {
      return false; // Those of a busy server come and go.
    }
  }

  /** A process that has it open. */
  Optional<ProcessHandle> owner() {
    return ProcessHandle.allProcesses().filter(process -> openIn(process.pid())).findFirst();
  }
}
