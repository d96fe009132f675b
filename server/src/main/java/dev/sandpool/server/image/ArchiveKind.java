package dev.sandpool.server.image;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** The ways to put an image into one file. */
enum ArchiveKind {
  /** An OCI layout in a tar file. */
  OCI("oci-archive"),
  /** What {@code docker save} wrote before it wrote both. */
  DOCKER("docker-archive");

  private static final int BLOCK = 512;
  private static final int PIECE = 64 << 10;
  private static final int SIZE_AT = 124;
  private static final int SIZE_LENGTH = 12;
  private static final int NAME_LENGTH = 100;

  private final String transport;

  ArchiveKind(String transport) {
    this.transport = transport;
  }

  /** What skopeo calls it. */
  String transport() {
    return transport;
  }

  /** The kind of that file, by the names in it; empty if it is neither. */
  static Optional<ArchiveKind> of(Path file) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), PIECE)) {
      boolean docker = false;
      byte[] header = new byte[BLOCK];
      while (in.readNBytes(header, 0, BLOCK) == BLOCK && header[0] != 0) {
        String name = text(header, 0, NAME_LENGTH).replaceFirst("^\\./", "");
        if (name.equals("index.json") || name.equals("oci-layout")) {
          return Optional.of(OCI);
        }
        docker |= name.equals("manifest.json");
        long size = size(header);
        in.skipNBytes((size + BLOCK - 1) / BLOCK * BLOCK);
      }
      return docker ? Optional.of(DOCKER) : Optional.empty();
    } catch (EOFException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /**
   * Puts the archive at another path that has no colon, which skopeo would take for a tag's. A
   * gzipped one is unpacked: skopeo 1.9 reads it to an "unexpected EOF".
   *
   * @param most bytes that it may take there: what it unpacks to is up to who has made it
   * @return false if it has more, of which nothing is left
   * @throws EOFException if it is cut off
   * @throws ZipException if it is broken
   */
  static boolean place(Path file, Path target, long most) throws IOException {
    if (!isGzip(file)) {
      Files.createSymbolicLink(target, file.toAbsolutePath());
      return true;
    }
    long room = most;
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file), PIECE);
        OutputStream out = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
      byte[] piece = new byte[PIECE];
      int n = in.read(piece);
      for (; n >= 0 && n <= room; n = in.read(piece)) {
        out.write(piece, 0, n);
        room -= n;
      }
      if (n < 0) {
        return true;
      }
    }
    Files.delete(target);
    return false;
  }

  private static boolean isGzip(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.read() == 0x1f && in.read() == 0x8b;
    }
  }

  /** Octal digits, or base 256 where the first bit is set: GNU tar's form for 8 GiB and more. */
  private static long size(byte[] header) {
    if ((header[SIZE_AT] & 0x80) == 0) {
      String octal = text(header, SIZE_AT, SIZE_LENGTH).strip();
      return octal.isEmpty() ? 0 : Long.parseLong(octal, 8);
    }
    long size = 0;
    for (int i = SIZE_AT + 4; i < SIZE_AT + SIZE_LENGTH; i++) {
      size = (size << 8) | (header[i] & 0xff);
    }
    if (size < 0) {
      throw new NumberFormatException("negative size");
    }
    return size;
  }

  private static String text(byte[] header, int from, int length) {
    int end = from;
    while (end < from + length && header[end] != 0) {
      end++;
    }
    return new String(header, from, end - from, StandardCharsets.ISO_8859_1);
  }
}
