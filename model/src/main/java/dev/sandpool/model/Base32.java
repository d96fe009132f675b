package dev.sandpool.model;

import java.util.random.RandomGenerator;

/**
 * Random names in lower-case base 32 (RFC 4648 alphabet), safe in file, interface and host names.
 */
final class Base32 {
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

  private Base32() {}

  static String random(RandomGenerator random, int length) {
    var text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return text.toString();
  }
}
